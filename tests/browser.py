"""A real browser, without a network: Debian's chromium and its driver. Tests skip where there is none."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
HEIGHT = 1200  # pixels of the window

needs_browser = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="no browser: `apt-get install chromium chromium-driver`"
)


@contextmanager
def browser(width: int = 1280, *, dark: bool = False, scripts: bool = True) -> Iterator[Chrome]:
    """A browser of that width that finds no host, and logs its console and what it requests."""
    options = ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for argument in (
        "headless=new",
        "no-sandbox",  # for root
        "disable-dev-shm-usage",
        "hide-scrollbars",
        "force-color-profile=srgb",
        "host-resolver-rules=MAP * ~NOTFOUND",
        f"window-size={max(width, 500)},{HEIGHT}",
    ):
        options.add_argument(f"--{argument}")
    if not scripts:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options, ChromeService(DRIVER))
    try:
        # A window is never narrower than 500 pixels; a screen can be.
        screen = {"width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme})
        yield driver
    finally:
        driver.quit()


def open_file(driver: Chrome, file: Path) -> None:
    """Open a page from the disk; what was logged before is forgotten."""
    for kind in ("browser", "performance"):
        driver.get_log(kind)
    driver.get(file.absolute().as_uri())


def console(driver: Chrome) -> list[tuple[str, str]]:
    """The levels and texts of what is in the console."""
    return [(entry["level"], entry["message"]) for entry in driver.get_log("browser")]


def requested(driver: Chrome) -> list[str]:
    """The addresses that the page has requested, but for the text in it (data:)."""
    events: list[dict[str, Any]] = [
        json.loads(entry["message"])["message"] for entry in driver.get_log("performance")
    ]
    sent = [event["params"] for event in events if event["method"] == "Network.requestWillBeSent"]
    return [each["request"]["url"] for each in sent if not each["request"]["url"].startswith("data:")]
