"""What imbalance costs, on measures whose effects are known."""

import pytest

from imbalance.studies.collect import stacked
from imbalance.studies.contrasts import Source
from imbalance.studies.costs import by_ratio
from tests.builders.measures import conditions, grid


def test_the_costs_are_the_known_effects_paired_by_replicate() -> None:
    source = Source(stacked(conditions(), grid())).where(budget=0.1)
    table = by_ratio(source, 0.5, [("auc", "any"), ("accuracy", "prior")]).set_index(["measure", "rho"])
    # 0.01 for each tenfold ratio, and 0.02 for all classes; the replicates' noise is the same at all conditions
    for measure in ("auc", "accuracy"):
        assert table.loc[measure, "mean"].to_dict() == pytest.approx(
            {10: -0.02, 100: -0.03, 1000: -0.04, 5000: -0.01 * 3.69897 - 0.01}
        )
    assert (table["high"] - table["low"]).max() < 1e-12
    assert set(table["n"]) == {4}
