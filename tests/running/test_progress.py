import io
import re
import sys
import time

import pytest

from benchmarks.pipeline import stages
from imbalance.running import progress
from imbalance.running.progress import Progress


def training_of(line: str) -> int | None:
    started = (0.0, "Running stage 'train@focal':")
    return stages([started, (1.0, line)], 2.0)[1].training if " iterations in " in line else None


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in {"POLL_SECONDS": 0.02, "ESTIMATE_SECONDS": 0.2, "LINE_SECONDS": 0.25}.items():
        monkeypatch.setattr(progress, name, seconds)


def grown(seconds: float, start_up: float = 0.6, before: int = 100) -> int:
    """A count that grows by a thousand a second once the start-up is over."""
    return before + max(0, round(1000 * (seconds - start_up)))


def test_a_log_gets_few_plain_lines_with_the_rate_of_the_training_alone(
    quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = io.StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    begun = time.monotonic()
    with Progress("focal", 900, 64, lambda: grown(time.monotonic() - begun)):
        time.sleep(1.4)
    *lines, last = log.getvalue().splitlines()
    assert lines[0] == "focal: 100 of 900 iterations, starting up, ? left"
    (estimate,) = [line for line in lines if "about" in line]
    found = re.fullmatch(r"focal: 900 iterations, about 00:0\d from here, (\d+) images/s", estimate)
    assert found
    rates = [int(found[1]), int(re.fullmatch(r"focal: 900 iterations in 00:01, (\d+) images/s", last)[1])]  # type: ignore[index]
    assert all(0.8 * 64_000 < rate < 1.2 * 64_000 for rate in rates), f"start-up counts: {rates}"
    assert len(lines) <= 6
    assert training_of(last) == 1, "make bench reads this line"


def test_of_a_training_that_is_over_before_it_was_seen_no_rate_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Progress("focal", 400, 64, lambda: 0):
        pass
    assert capsys.readouterr().err == "focal: 400 iterations in 00:00, nearly all of it start-up\n"


def test_a_terminal_gets_a_bar_with_the_rate(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    begun = time.monotonic()
    with Progress("focal", 900, 64, lambda: grown(time.monotonic() - begun, start_up=0.1)):
        time.sleep(0.8)
    assert "/900" in screen.getvalue()
    assert re.search(r"\d+ images/s\]", screen.getvalue())
    assert re.search(r"focal: 900 iterations, about 00:0\d from here", screen.getvalue())


def test_what_fails_is_not_said_to_be_done(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError), Progress("focal", 400, 64, lambda: 0):
        _ = 1 / 0
    assert "400 iterations in" not in capsys.readouterr().err
