"""The generated part of studies/claims/README.md: how many claims have which verdict, and all of them."""

import json
from pathlib import Path

import pandas as pd

from imbalance.data.tables import read
from imbalance.studies.claims.columns import LEDGER
from imbalance.studies.claims.ledger import VERDICTS
from imbalance.studies.words import MINUS

PAGE = Path("studies/claims/README.md")
BEGIN, END = "<!-- claims: make pages -->\n", "<!-- end of claims -->"
STAR = "\N{ASTERISK}"


def page(table: pd.DataFrame) -> str:
    """Return the counts of verdicts by source, and a line for each claim."""
    return f"{counted(table)}\n\n{listed(table)}\n"


def current() -> str:
    """Return the page of the committed ledger."""
    table = read(PAGE.parent / "plots/claims.csv", LEDGER)
    return page(table.fillna(dict.fromkeys([name for name, kind in LEDGER.items() if kind == "str"], "")))


def tally() -> str:
    """Return in one sentence how many claims have which verdict, by the committed counts."""
    counts = json.loads((PAGE.parent / "metrics/claims.json").read_text(encoding="utf-8"))["all"]
    parts = ", ".join(f"{counts[name]} {name}" for name in VERDICTS if counts.get(name))
    written = f"written as tests ([studies/claims]({PAGE}))"
    return f"Of {counts['claims']} conclusions of four sources, {written}: {parts}."


def counted(table: pd.DataFrame) -> str:
    """Return a Markdown table of the number of claims by verdict and source, and of those starred."""
    names = [name for name in VERDICTS if (table["verdict"] == name).any()]
    rows = [f"| source | claims | {' | '.join(names)} | starred |", f"|---{'|---' * (len(names) + 2)}|"]
    for source, own in [*table.groupby("source", sort=False), ("all", table)]:
        numbers = [len(own), *((own["verdict"] == name).sum() for name in names), own["starred"].sum()]
        rows.append(f"| {source} | {' | '.join(map(str, numbers))} |")
    return "\n".join(rows)


def listed(table: pd.DataFrame) -> str:
    """Return a Markdown table of all claims, each with its verdict and its effect."""
    rows = ["| | claim | verdict | effect | power | why |", "|---|---|---|---|---|---|"]
    for row in table.to_dict("records"):
        verdict = f"{row['verdict']}{STAR if row['starred'] else ''}"
        scope = f" ({row['scope']})" if row["scope"] else ""
        power = "" if pd.isna(row["power"]) else f"{row['power']:.2f}"
        cells = [row["id"], row["statement"], f"{verdict}{scope}", _effect(row), power, row["reason"]]
        rows.append(f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |")
    return "\n".join(rows)


def _effect(row: dict[str, object]) -> str:
    """Return a claim's effect with its interval, or "" without one."""
    numbers = [float(str(row[name])) for name in ("effect", "low", "high")]
    if pd.isna(numbers[0]):
        return ""
    mean, low, high = (f"{number:+.2f}".replace("-", MINUS) for number in numbers)
    return f"{mean} ({low} to {high}) {row['unit']}"
