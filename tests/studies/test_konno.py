"""The published numbers on pseudo-features, and ours beside them."""

import pandas as pd

from imbalance.studies.contrasts import Source
from imbalance.studies.konno import METHODS, OTHERS, PUBLISHED, beside


def test_differences_are_paired_and_published_ones_are_of_the_same_cell() -> None:
    rows = [
        (mu, budget, method, replicate, "argmax", measure, 0.1 * replicate + 0.02 * place * (budget == 0.5))
        for measure in PUBLISHED
        for mu in (0.1, 0.9)
        for budget in (0.5, 0.055)
        for place, method in enumerate((*METHODS, *OTHERS))
        for replicate in range(3)
    ]
    columns = ["mu", "budget", "method", "replicate", "rule", "measure", "value"]
    table = beside(Source(pd.DataFrame(rows, columns=columns)))
    assert len(table) == 4 * 2 * 6
    assert (table["high"] - table["low"]).abs().max() < 1e-9  # replicates differ, their differences do not
    cell = table.set_index(["measure", "method", "minority_classes"]).loc[("g_mean", "pseudo_features", 9)]
    assert round(cell["mean"], 9) == 0.08  # of the longest training alone
    assert round(cell["published"], 9) == 0.05  # 51 - 46
    assert table[table["method"].isin(OTHERS)]["published"].isna().all()
