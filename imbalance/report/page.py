"""A page: one HTML file that needs no other, from a template and parts that are given as text and numbers."""

import base64
import hashlib
import math
import re
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Drawn:
    """A figure, wide and narrow, with its tables by the names of their files, and how to draw it again."""

    key: str
    title: str
    note: str
    published_as: str
    wide: Markup
    narrow: Markup
    tables: dict[str, bytes]
    command: str


@dataclass(frozen=True)
class Study:
    """A study of the page: its heading, its question, its findings, and its figures."""

    name: str
    title: str
    question: str
    findings: list[str]
    figures: list[Drawn]
    others: list[str]


@dataclass(frozen=True)
class Ranking:
    """The methods of a study by rank: its name and title, the measure in words, its rows, and its figure."""

    name: str
    title: str
    measure: str
    rows: list[dict[Hashable, Any]]
    figure: Drawn


def render(template: str, sheet: str, **parts: Any) -> str:
    """Return a page; `sheet` has the rules of the figures, and `parts` what the template shows.

    Its content security policy allows its own style sheet and script, by their hashes, and nothing else.
    """
    style = f"{(HERE / 'page.css').read_text(encoding='utf-8')}\n{sheet}\n"
    script = (HERE / "sort.js").read_text(encoding="utf-8")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {"data": as_address, "percent": as_percent, "p": as_p_value, "code": with_code}
    inside = {"style": Markup(style), "script": Markup(script)}  # noqa: S704 (files of this folder)
    return environment.get_template(template).render(policy=policy, **inside, **parts)


def as_address(content: bytes) -> str:
    """Return an address that holds a file."""
    return f"data:text/plain;base64,{base64.b64encode(content).decode()}"


def as_percent(share: float) -> str:
    """Return a share in %."""
    return f"{100 * share:.1f}"


def as_p_value(p: float | None) -> str:
    """Return a p-value with two digits, or "" if there is none."""
    if p is None or math.isnan(p):
        return ""
    return "< 0.001" if p < 0.001 else f"{p:.2g}"


def with_code(text: str) -> Markup:
    """Return a text as HTML, with what stands between backticks as code.

    >>> with_code("raise `budget` & wait")
    Markup('raise <code>budget</code> &amp; wait')
    """
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(Markup.escape(text))))  # noqa: S704 (escaped)


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
