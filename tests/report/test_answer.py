"""The answer, against the measures of the committed study taken in another way."""

from pathlib import Path

import pandas as pd

from imbalance.report.answer import lines
from imbalance.studies.contrasts import Source
from stages.measures import load

STUDY = Path("studies/mnist_step")


def test_the_largest_cost_is_that_of_the_means() -> None:
    table = pd.read_csv(STUDY / "plots/study/summary.csv")
    short = table[(table["budget"] == 0.1) & (table["method"] == "baseline")]
    means = short[(short["measure"] == "accuracy") & (short["rule"] == "argmax")].set_index(["rho", "mu"])[
        "mean"
    ]
    largest = 100 * (means[1, 0.5] - means[1000, 0.9])
    said = dict(lines(*full_of(load(STUDY))))
    assert f"to {largest:.1f} (ρ = 1,000, μ = 0.9) points of accuracy" in said["Imbalance costs"]
    assert len(said) == 5


def test_a_remedy_that_differs_in_no_replicate_is_nowhere_better() -> None:
    source, full = full_of(load(STUDY))
    table = source.measures.copy()
    same = table["method"].isin(["baseline", "oversampling"]) & (table["measure"] == "auc")
    table.loc[same, "value"] = 0.9
    said = dict(lines(type(source)(table, source.at), full))
    assert "better than doing nothing at 0 and worse at 0 of 10" in said["Oversampling"]


def full_of(loaded: tuple[Source, Source | None]) -> tuple[Source, Source]:
    source, full = loaded
    assert full is not None
    return source, full
