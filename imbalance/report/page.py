"""The page itself: one HTML file that needs no other, from parts that are given as text and numbers."""

import base64
import hashlib
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


def render(sheet: str, **parts: Any) -> str:
    """Return the page; `sheet` has the rules of the figures, and `parts` what the template shows.

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
    environment.filters["data"] = as_address
    template = environment.get_template("page.html.jinja")
    inside = {"style": Markup(style), "script": Markup(script)}  # noqa: S704 (files of this folder)
    return template.render(policy=policy, **inside, **parts)


def as_address(content: bytes) -> str:
    """Return an address that holds a file."""
    return f"data:text/plain;base64,{base64.b64encode(content).decode()}"


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
