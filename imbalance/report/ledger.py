"""The ledger of claims as the report shows it: its rows, and the number of claims by verdict."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from imbalance.errors import InputError
from imbalance.studies.claims.ledger import VERDICTS, counts
from imbalance.studies.words import MINUS

SOURCES = {
    "buda2018": "Buda et al. 2018",
    "konno2018": "Konno & Iwazume 2018",
    "johnson2019_survey": "Johnson & Khoshgoftaar 2019",
    "fau_lecture_notes": "FAU lecture notes",
}
COLORS = {
    "held": "held",
    "contradicted": "against",
    "does not transfer": "against",
    "not held": "short",
    "not enough data": "open",
    "no study": "none",
    "no method": "none",
    "no measure": "none",
}


def rows(claims: pd.DataFrame, cases: pd.DataFrame) -> list[dict[str, Any]]:
    """Return each claim as the page shows it, with its cases."""
    of: dict[str, list[dict[Any, Any]]] = {name: [] for name in claims["id"]}
    for row in cases.to_dict("records"):
        of[row["id"]].append(row | {"shown": effect(row)})
    return [
        {str(name): value for name, value in row.items()}
        | {
            "title": SOURCES.get(row["source"], row["source"]),
            "color": COLORS[row["verdict"]],
            "order": VERDICTS.index(row["verdict"]),
            "shown": effect(row),
            "of": of[row["id"]],
        }
        for row in claims.to_dict("records")
    ]


def contradictions(
    claims: Sequence[Mapping[str, Any]], listed: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the contradictions between sources that are listed, each with the claims that decide it.

    Raises an `InputError` if one names a claim that the ledger, if there is one, does not have.
    """
    by_name = {row["id"]: row for row in claims}
    if claims and (unknown := {name for row in listed for name in row["claims"]} - set(by_name)):
        raise InputError(f"report/contradictions.yaml: the ledger has no claim {min(unknown)}; correct it.")
    return [{**row, "claims": [by_name[name] for name in row["claims"] if name in by_name]} for row in listed]


def effect(row: Mapping[Any, Any]) -> str:
    """Return an effect with its interval and unit, or "" where there is none.

    >>> effect({"effect": 1.25, "low": -0.5, "high": 3.0, "unit": "pt"})
    '+1.25 (−0.50 to +3.00) pt'
    """
    if pd.isna(row["effect"]):
        return ""
    mean, low, high = (f"{row[name]:+.2f}".replace("-", MINUS) for name in ("effect", "low", "high"))
    return f"{mean} ({low} to {high}) {row['unit']}" if pd.notna(row["low"]) else f"{mean} {row['unit']}"


def tally(claims: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the number of claims of each source: all, those with a star, and by verdict."""
    found = counts(pd.DataFrame(claims)) if claims else {}
    return [
        {"source": SOURCES.get(name, name), "all": numbers["claims"], "starred": numbers["starred"]}
        | {verdict: numbers.get(verdict, 0) for verdict in VERDICTS}
        for name, numbers in found.items()
        if name != "all"
    ]
