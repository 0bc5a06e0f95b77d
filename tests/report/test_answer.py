"""The answer, against the measures of the committed study taken in another way."""

from pathlib import Path

import pandas as pd

from imbalance.report.answer import lines
from imbalance.studies.contrasts import Source
from stages.measures import load, of_grid
from stages.report import findings, without_links

STUDY, HARDER = Path("studies/mnist_step"), Path("studies/cifar10_step")


def test_the_largest_cost_is_that_of_the_means() -> None:
    table = pd.read_csv(STUDY / "plots/study/summary.csv")
    short = table[(table["budget"] == 0.1) & (table["method"] == "baseline")]
    means = short[(short["measure"] == "accuracy") & (short["rule"] == "argmax")].set_index(["rho", "mu"])[
        "mean"
    ]
    largest = 100 * (means[1, 0.5] - means[1000, 0.9])
    said = dict(lines(*full_of(load(STUDY)), of_grid(load(HARDER)[0])))
    assert f"to {largest:.1f} (ρ = 1,000, μ = 0.9) points of accuracy" in said["Imbalance costs"]
    assert len(said) == 6


def test_a_remedy_that_differs_in_no_replicate_is_nowhere_better() -> None:
    source, full = full_of(load(STUDY))
    table = source.measures.copy()
    same = table["method"].isin(["baseline", "oversampling"]) & (table["measure"] == "auc")
    table.loc[same, "value"] = 0.9
    said = dict(lines(type(source)(table, source.at), full, of_grid(load(HARDER)[0])))
    assert "better than doing nothing at 0 and worse at 0 of 10" in said["Oversampling"]


def test_on_the_harder_task_random_minorities_are_left_out() -> None:
    table = pd.read_csv(HARDER / "plots/study/summary.csv")
    chosen = (table["method"] == "baseline") & (table["measure"] == "accuracy") & (table["rule"] == "argmax")
    means = table[chosen & (table["minority"] == "lowest")].set_index(["rho", "mu"])["mean"]
    costs = 100 * (means[1, 0.5] - means)
    said = dict(lines(*full_of(load(STUDY)), of_grid(load(HARDER)[0])))["On a harder task,"]
    assert f"to {costs.max():.1f} (ρ = 50, μ = 0.8) points of accuracy" in said
    assert "of 5 conditions" in said


def full_of(loaded: tuple[Source, Source | None]) -> tuple[Source, Source]:
    source, full = loaded
    assert full is not None
    return source, full


def test_the_findings_end_where_they_do_in_the_readme(tmp_path: Path) -> None:
    text = "- no\n<!-- findings: make pages -->\n- One\n  more.\n- Two.\n\n<!-- end of findings -->\n- no"
    (tmp_path / "README.md").write_text(text)
    assert findings(tmp_path / "README.md") == ["One more.", "Two."]


def test_a_link_is_its_words() -> None:
    assert without_links("As in [konno](../konno/README.md) [sic], `f(x)`.") == "As in konno [sic], `f(x)`."
