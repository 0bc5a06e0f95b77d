from pathlib import Path

import pandas as pd
import pytest

from imbalance import catalogue, methods
from imbalance.methods import parse
from tools.catalogue_page import catalogue_page, combines
from tools.findings.methods import lines
from tools.pages import CATALOGUE


def test_the_page_is_that_of_the_code() -> None:
    assert CATALOGUE.read_text(encoding="utf-8") == catalogue_page(), "run `make pages`"


def test_it_has_every_method_with_its_equation() -> None:
    page = catalogue_page()
    for name in catalogue.names(methods):
        assert f"\n## {name}\n" in page
    assert "| [focal](#focal) | loss | a network | `gamma: 2`, `form: softmax` |" in page
    assert "\n    L = CE(z + tau ln n_c, y)" in page


def test_it_says_what_a_study_found_of_a_method_as_the_tables_of_the_study_do() -> None:
    folder = Path("studies/fashion_catalogue/plots/study")
    found = lines(("fashion_catalogue", "a_study_that_has_not_been_run"))
    assert found.keys() == set(catalogue.names(methods))
    ranks = pd.read_csv(folder / "ranking.csv")
    pairs = pd.read_csv(folder / "pairs.csv").query("other == 'baseline'").set_index("method")
    for name, row in pairs.loc[["crt", "mixup", "lmle", "easy_ensemble", "two_phase_over"]].iterrows():
        place = 1 + ranks.index[ranks["method"] == name].item()
        difference, low, high = (
            f"{100 * row[end]:+.2f}".replace("-", "−") for end in ("difference", "low", "high")
        )
        alias = " as two phase over, from oversampling" if name == "two_phase_over" else ""
        sure = "significant" if row["p_holm"] < 0.05 else "not significant"
        cost = {"crt": "1 × its cost and a classifier", "mixup": "1 × its cost"} | {
            "lmle": "2 × its cost",  # it starts from the baseline's network
            "easy_ensemble": "4 × its cost",
            "two_phase_over": "1 × its cost and a classifier",
        }
        assert (
            f"{place} of {len(ranks)}{alias}, {difference} ({low} to {high}) over the baseline, {sure}, at "
            f"{cost[name]}"
        ) in found[name.removesuffix("_over")]
    assert pairs["p_holm"].lt(0.05).nunique() == 2, "some are significant, and some are not"
    assert found["crt"].count("of 57") == 1
    assert found["focal"].count("of 57") == 2
    assert lines(("a_study_that_has_not_been_run",)) == {}


def test_it_says_which_methods_a_study_does_not_have() -> None:
    found = lines(("fashion_catalogue", "long_tail"))
    assert found["squared_error"] == (
        "**Found** nothing: it is not in [fashion_catalogue](../../studies/fashion_catalogue/README.md) or "
        "[long_tail](../../studies/long_tail/README.md)."
    )
    assert found["lmle"].endswith("; it is not in [long_tail](../../studies/long_tail/README.md).")
    assert "not in" not in found["crt"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("baseline", "with any sampler, any class weights, any network, fleets"),
        (
            "mfe",
            "with any sampler, any network, fleets; not with class weights (it has no losses of examples)",
        ),
        ("oversampling", "with any class weights, any network, fleets; not with a sampler (it has its own)"),
        (
            "easy_ensemble",
            "with any sampler, any class weights, any network, fleets; "
            "not with methods that start from it (it ends as several networks)",
        ),
    ],
)
def test_it_says_what_a_method_combines_with(name: str, expected: str) -> None:
    assert combines(parse({"method": name, "start": "initial"})) == expected
