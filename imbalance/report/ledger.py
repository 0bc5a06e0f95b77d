"""The ledger of claims as the report shows it: its rows, and the number of claims by verdict."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from imbalance.studies.words import MINUS

SOURCES = {
    "buda2018": "Buda et al. 2018",
    "konno2018": "Konno & Iwazume 2018",
    "johnson2019_survey": "Johnson & Khoshgoftaar 2019",
    "fau_lecture_notes": "FAU lecture notes",
}
# From the most to the least that is known, and the colour of each.
VERDICTS = {
    "held": "held",
    "contradicted": "against",
    "does not transfer": "against",
    "not held": "short",
    "not enough data": "open",
    "no study": "none",
    "no method": "none",
    "no measure": "none",
}
TEXTS = "id source place statement test verdict reason unit studies missing scope anchor cautions published"
CLAIMS = dict.fromkeys(TEXTS.split(), "str") | dict.fromkeys(["effect", "low", "high", "p_holm"], "float64")
CLAIMS |= {"starred": "bool"}
CASES = dict.fromkeys(["id", "study", "condition", "contrast", "measure", "unit", "verdict"], "str")
CASES |= dict.fromkeys(["effect", "low", "high"], "float64")


def rows(claims: pd.DataFrame, cases: pd.DataFrame) -> list[dict[str, Any]]:
    """Return each claim as the page shows it, with its cases; texts of empty cells are empty."""
    order = list(VERDICTS)
    of: dict[str, list[dict[Any, Any]]] = {name: [] for name in claims["id"]}
    for row in cases.fillna(dict.fromkeys(_texts(CASES), "")).to_dict("records"):
        of[row["id"]].append(row | {"shown": effect(row)})
    return [
        {str(name): value for name, value in row.items()}
        | {
            "title": SOURCES.get(row["source"], row["source"]),
            "color": VERDICTS.get(row["verdict"], "none"),
            "order": order.index(row["verdict"]) if row["verdict"] in order else len(order),
            "shown": effect(row),
            "of": of[row["id"]],
        }
        for row in claims.fillna(dict.fromkeys(_texts(CLAIMS), "")).to_dict("records")
    ]


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
    table = []
    for source in dict.fromkeys(row["title"] for row in claims):
        own = [row for row in claims if row["title"] == source]
        counts = {verdict: sum(row["verdict"] == verdict for row in own) for verdict in VERDICTS}
        starred = sum(row["starred"] for row in own)
        table.append({"source": source, "all": len(own), "starred": starred} | counts)
    return table


def _texts(schema: Mapping[str, str]) -> list[str]:
    return [name for name, kind in schema.items() if kind == "str"]
