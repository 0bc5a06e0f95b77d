"""The columns of the ledger: `claims.csv` has a row for each claim, `cases.csv` one for each of its cases.

A claim is a conclusion of a source as a test that can be run. It has one part or several (all must hold, or
one). A part is judged at several cases: at each condition of the studies that it needs (where slopes are
meant, at each value of the other parameters), for each contrast between two methods.

verdict         held | contradicted | does not transfer | not held | not enough data | no study | no method |
                no measure; what each means is in studies/claims/README.md
starred         whether the verdict remains after Holm's correction over the claims of its source
effect          and its 95 % interval (low, high), in `unit`: positive where it speaks for the claim; that of
                the first part, averaged over its cases within each replicate
p, p_holm       two-sided, of the verdict itself
power           the probability to find the smallest effect that counts, or to show equality where it is
tau             the standard deviation between cases by a random-effects fit, and where the effect of another
                condition is expected (prediction_low, prediction_high): descriptions, never part of a verdict
scope           exact | scaled | analogue | published; "" without data
anchor          the verdict of the same test at the full schedule; "" if no condition has it
stuck           the number of stuck networks that are left out, and the verdict with them scored as chance
                (with_stuck)
hash            of the claim's entry with its margins; file_hash: of its source's file
"""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from imbalance.data.tables import read

LEDGER: dict[str, str] = {
    **dict.fromkeys(("id", "source", "place", "kind", "statement", "test", "quantifier", "verdict"), "str"),
    "starred": "bool",
    **dict.fromkeys(("size", "reason"), "str"),
    **dict.fromkeys(("effect", "low", "high"), "float64"),
    "unit": "str",
    **dict.fromkeys(("n", "p", "p_holm", "power"), "float64"),
    **dict.fromkeys(("cases", "holding", "contradicting"), "int64"),
    **dict.fromkeys(("tau", "prediction_low", "prediction_high"), "float64"),
    **dict.fromkeys(("studies", "missing", "scope", "anchor"), "str"),
    "stuck": "int64",
    **dict.fromkeys(("with_stuck", "cautions", "published", "hash", "file_hash"), "str"),
}
# `part` counts the parts of a claim from 1. `p` is that of a difference (or slope) of zero, `p_exact` its
# exact test by all changes of sign. `anchor` marks cases at the full schedule.
CASES: dict[str, str] = {
    "id": "str",
    "part": "int64",
    **dict.fromkeys(("study", "condition", "contrast", "measure", "kind"), "str"),
    "margin": "float64",
    "n": "int64",
    **dict.fromkeys(("effect", "low", "high"), "float64"),
    "unit": "str",
    **dict.fromkeys(("p", "p_exact", "power"), "float64"),
    "verdict": "str",
    "anchor": "bool",
}


def read_filled(file: Path, columns: Mapping[str, str]) -> pd.DataFrame:
    """Read the ledger or its cases; the text of an empty cell is empty."""
    table = read(file, columns)
    return table.fillna(dict.fromkeys([name for name, kind in columns.items() if kind == "str"], ""))
