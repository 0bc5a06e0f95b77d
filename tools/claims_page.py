"""The generated part of studies/claims/README.md: how many claims have which verdict, and all of them."""

from pathlib import Path

import pandas as pd

from imbalance.report.ledger import effect
from imbalance.studies.claims.columns import LEDGER, read_filled
from imbalance.studies.claims.ledger import VERDICTS, counts

PAGE = Path("studies/claims/README.md")
STAR = "\N{ASTERISK}"


def page(table: pd.DataFrame) -> str:
    """Return the counts of verdicts by source, and a line for each claim."""
    return f"{counted(table)}\n\n{listed(table)}\n"


def current() -> str:
    """Return the page of the committed ledger."""
    return page(read_filled(PAGE.parent / "plots/claims.csv", LEDGER))


def tally() -> str:
    """Return how many claims have which verdict, and of how many it remains after Holm's correction."""
    table = read_filled(PAGE.parent / "plots/claims.csv", LEDGER)
    every, starred = (_by_verdict(rows) for rows in (table, table[table["starred"]]))
    sources = table["source"].nunique()
    written = f"written as tests ([studies/claims]({PAGE}))"
    return (
        f"Of {len(table)} conclusions of {sources} sources, {written}, by verdict: {every}. After Holm's "
        f"correction over the claims of a source, {table['starred'].sum()} remain: {starred}."
    )


def _by_verdict(table: pd.DataFrame) -> str:
    found = table["verdict"].value_counts()
    return ", ".join(f"{name} {found[name]}" for name in VERDICTS if name in found)


def counted(table: pd.DataFrame) -> str:
    """Return a Markdown table of the number of claims by verdict and source, and of those starred."""
    found = counts(table)
    names = [name for name in VERDICTS if name in found["all"]]
    rows = [f"| source | claims | {' | '.join(names)} | starred |", f"|---{'|---' * (len(names) + 2)}|"]
    for source in [*table["source"].unique(), "all"]:
        numbers = [found[source].get(name, 0) for name in ("claims", *names, "starred")]
        rows.append(f"| {source} | {' | '.join(map(str, numbers))} |")
    return "\n".join(rows)


def listed(table: pd.DataFrame) -> str:
    """Return a Markdown table of all claims, each with its verdict and its effect."""
    rows = ["| | claim | verdict | effect | power | why |", "|---|---|---|---|---|---|"]
    for row in table.to_dict("records"):
        verdict = f"{row['verdict']}{STAR if row['starred'] else ''}"
        scope = f" ({row['scope']})" if row["scope"] else ""
        power = "" if pd.isna(row["power"]) else f"{row['power']:.2f}"
        cells = [row["id"], row["statement"], f"{verdict}{scope}", effect(row), power, row["reason"]]
        rows.append(f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |")
    return "\n".join(rows)
