"""Claims on studies with known effects, and the committed claims."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy.interpolate import PchipInterpolator

from imbalance.studies.claims import reading
from imbalance.studies.claims.cells import Study
from imbalance.studies.claims.ledger import ledger
from tests.builders.claims import MARGINS, row_of, ruled, study

CLAIMS = Path("studies/claims")
GRID = [(rho, mu) for rho in (10.0, 100.0) for mu in (0.1, 0.5)]
# Over is 0.05 above the baseline everywhere; under is the same for all μ; the baseline falls with ρ and μ.
MEANS = {
    **{("baseline", rho, mu): 0.9 - 0.0003 * rho - 0.02 * mu for rho, mu in GRID},
    **{("over", rho, mu): 0.95 - 0.0003 * rho - 0.02 * mu for rho, mu in GRID},
    **{("under", rho, mu): 0.93 - 0.0003 * rho for rho, mu in GRID},
    ("baseline", 1.0, 0.5): 0.99,
}
SUP = {"kind": "sup", "a": "over", "b": "baseline"}


@pytest.mark.parametrize(
    ("test", "opposite"),
    [
        (SUP, {"kind": "inf", "a": "over", "b": "baseline"}),
        ({"kind": "ni", "a": "over", "b": "baseline"}, {"kind": "ni", "a": "baseline", "b": "over"}),
        ({"kind": "eq", "a": "under", "pairs": "mu"}, {"kind": "eq", "a": "baseline", "pairs": "mu"}),
        ({"kind": "best", "a": "over", "b": ["baseline"]}, {"kind": "best", "a": "baseline", "b": ["over"]}),
        (
            {"kind": "trend", "a": "baseline", "over": "rho", "scale": "log", "expect": "falls"},
            {"kind": "trend", "a": "baseline", "over": "rho", "scale": "log", "expect": "rises"},
        ),
        ({"kind": "sup", "a": "balanced", "b": "over"}, {"kind": "sup", "a": "over", "b": "balanced"}),
        ({"kind": "sup", "a": "over", "b": 80}, {"kind": "sup", "a": 80, "b": "over"}),
        ({"kind": "num", "a": "over", "b": 93.1, "margin": 3.0}, {"kind": "num", "a": "over", "b": 50}),
    ],
    ids=lambda test: test["kind"],
)
def test_a_claim_holds_and_its_opposite_does_not(test: dict, opposite: dict) -> None:
    here = study(MEANS, anchors=MEANS)
    assert ruled(test, here)["verdict"] == "held"
    assert ruled(opposite, here)["verdict"] == "contradicted"


def test_an_effect_is_in_points_with_its_interval() -> None:
    found = ruled(SUP, study(MEANS))
    assert found["effect"] == pytest.approx(5)
    assert found["low"] < 5 < found["high"]
    assert (found["n"], found["unit"], found["size"]) == (8, "pt", "notable")
    fall = ruled(
        {"kind": "trend", "a": "over", "over": "rho", "scale": "log", "expect": "falls"}, study(MEANS)
    )
    assert fall["effect"] == pytest.approx(2.7)  # 0.0003 * 90, for one tenfold
    assert fall["unit"] == "pt per tenfold ρ"


def test_a_contradiction_needs_the_full_schedule() -> None:
    opposite = {"kind": "inf", "a": "over", "b": "baseline"}
    assert ruled(opposite, study(MEANS))["verdict"] == "not held"
    turned = {key: 1 - value / 2 for key, value in MEANS.items()}
    assert ruled(opposite, study(MEANS, anchors=turned))["verdict"] == "not held"
    assert ruled(opposite, study(MEANS, anchors=MEANS))["verdict"] == "contradicted"


def test_another_data_set_only_says_what_does_not_transfer() -> None:
    elsewhere = study(MEANS, anchors=MEANS, dataset="mnist2")
    margins_fit = ruled({"kind": "inf", "a": "over", "b": "baseline"}, elsewhere)
    assert (margins_fit["verdict"], margins_fit["scope"]) == ("does not transfer", "analogue")


def test_what_there_is_not_is_said() -> None:
    here = study(MEANS)
    assert ruled(SUP | {"studies": "imagenet"})["verdict"] == "no study"
    assert ruled(SUP | {"a": "mine"}, here)["verdict"] == "no method"
    lacking = ruled(SUP | {"measure": "accuracy"}, here)
    assert (lacking["verdict"], lacking["missing"]) == ("no measure", "accuracy in mnist_step")


def test_a_compound_claim_holds_if_all_parts_do_or_one() -> None:
    here = study(MEANS, anchors=MEANS)
    good, bad = (
        test | {"measure": "auc", "studies": ["mnist_step"]} for test in (SUP, SUP | {"kind": "inf"})
    )
    assert row_of({"parts": [good, good]}, here)["verdict"] == "held"
    assert row_of({"parts": [good, bad]}, here)["verdict"] == "contradicted"
    assert row_of({"parts": [good, bad], "combine": "one"}, here)["verdict"] == "held"


def test_one_case_breaks_all_but_not_most() -> None:
    broken = study(MEANS | {("over", 10.0, 0.1): 0.5})
    assert ruled(SUP, broken)["verdict"] == "not held"
    assert ruled(SUP | {"quantifier": "most"}, broken)["verdict"] == "held"
    assert ruled(SUP | {"quantifier": "some"}, broken)["verdict"] == "held"


def test_the_best_is_chosen_by_odd_replicates_and_tested_on_even_ones() -> None:
    chosen = {"kind": "sup", "a": {"chosen": ["under", "over"]}, "b": "baseline"}
    found = ruled(chosen, study(MEANS))
    assert (found["verdict"], found["n"]) == ("held", 4)
    assert found["effect"] == pytest.approx(5, abs=0.1)


def test_interactions_between_data_sets_are_not_paired() -> None:
    hard = study(MEANS, name="hard", dataset="mnist2")
    easy = study(
        {key: (0.99 if key[0] == "baseline" else value) for key, value in MEANS.items()}, name="easy"
    )
    test = {"kind": "sup", "a": "balanced", "b": "baseline", "studies": "hard", "against": "easy"}
    found = ruled(test, hard, easy)
    assert found["verdict"] == "held"
    assert found["effect"] == pytest.approx(100 * (0.99 - 0.9 + 0.0003 * 55 + 0.02 * 0.3), abs=0.1)


def test_of_several_values_there_the_one_to_compare_with_must_be_known() -> None:
    """Otherwise the other study's minorities would count as replicates."""
    easy = study(MEANS, name="easy")
    both = [easy.table.assign(minority=which) for which in ("lowest", "random")]
    twofold = Study("easy", pd.concat(both))
    test = {"kind": "sup", "a": "over", "b": "baseline", "studies": "hard", "against": "easy"}
    found = ruled(test, study(MEANS, name="hard", dataset="mnist2"), twofold)
    assert found["verdict"] == "no study"
    assert "minority" in found["reason"]


def test_a_pooled_case_has_the_replicates_that_all_cases_have() -> None:
    whole = study({("over", 10.0, 0.5): 0.95, ("over", 100.0, 0.5): 0.75, ("baseline", 10.0, 0.5): 0.9,
                   ("baseline", 100.0, 0.5): 0.6})  # fmt: skip
    hard = (whole.table["rho"] == 100) & (whole.table["replicate"] == 0)
    found = ruled(SUP | {"quantifier": "pool"}, Study(whole.name, whole.table[~hard]))
    assert found["n"] == 7
    assert found["effect"] == pytest.approx(10, abs=0.1)


CURVE = {1.0: 0.0, 10.0: 0.004, 100.0: 0.03, 1000.0: 0.09, 10000.0: 0.11}  # what a ratio costs


def costing(name: str, at: dict[float, float]) -> Study:
    """A study whose baseline loses so much AUC at each ratio."""
    means = {("baseline", rho, 0.5): 0.99 - cost for rho, cost in at.items()}
    return study(means, anchors=means, name=name, dataset=name)


def test_so_many_times_the_ratio_there_costs_more_or_less_than_the_ratio_here() -> None:
    """At ratios that the other study has, these are its own values; beyond its last one nothing is said."""
    easy = costing("easy", CURVE)
    test = {"kind": "sup", "a": "balanced", "b": "baseline", "studies": "hard"}

    def at(times: float, kind: str = "sup", ratio: float = 10.0, cost: float = CURVE[1000.0]) -> dict:
        against = {"study": "easy", "times": {"rho": times}}
        hard = costing("hard", {1.0: 0.0, ratio: cost})
        return ruled(test | {"kind": kind, "against": against}, hard, easy)

    assert at(10)["effect"] == pytest.approx(100 * (CURVE[1000.0] - CURVE[100.0]))
    assert at(100)["effect"] == pytest.approx(0, abs=1e-6)
    assert (at(31.6)["verdict"], at(316, "inf")["verdict"]) == ("held", "held")
    assert (at(316)["effect"], at(31.6, "inf")["effect"]) < (0, 0)
    assert at(31.6)["test"] == "balanced above baseline, more than in easy at 31.6 times the rho: auc"
    assert at(316, "inf")["test"].startswith("balanced above baseline, less than in easy at 316 times the")
    between = 100 * (CURVE[1000.0] - at(31.6)["effect"] / 100)
    assert 100 * CURVE[100.0] < between < 100 * CURVE[1000.0]
    assert at(1001)["verdict"] == "no study"
    assert at(100, ratio=200.0)["verdict"] == "no study"


def test_the_factor_is_the_one_that_an_inverted_curve_has() -> None:
    """The largest factor at which the effect is not above the other's, by the curve's inverse."""
    x, y = np.log10(list(CURVE)), list(CURVE.values())
    curve = PchipInterpolator(x, y)
    (root,) = curve.solve(0.05, extrapolate=False)
    test = {"kind": "sup", "a": "balanced", "b": "baseline", "studies": "hard"}
    easy, hard = costing("easy", CURVE), costing("hard", {1.0: 0.0, 10.0: 0.05})
    for factor, above in ((10**root / 10 * 0.99, True), (10**root / 10 * 1.01, False)):
        found = ruled(test | {"against": {"study": "easy", "times": {"rho": factor}}}, hard, easy)
        assert (found["effect"] > 0) == above


def test_the_balanced_set_of_a_network_is_its_own() -> None:
    parts = [
        study({("baseline", 1, 0.5): mean, ("baseline", 10, 0.5): mean - lower}).table.assign(network=name)
        for name, mean, lower in (("small", 0.9, 0.1), ("deep", 0.6, 0.2))
    ]
    several = Study("mnist_step", pd.concat(parts, ignore_index=True))
    costs = {
        name: ruled({"kind": "sup", "a": "balanced", "b": "baseline", "where": {"network": name}}, several)
        for name in ("small", "deep")
    }
    assert costs["small"]["effect"] == pytest.approx(10, abs=0.01)
    assert costs["deep"]["effect"] == pytest.approx(20, abs=0.01)


def test_stuck_networks_are_counted_and_scored_as_chance() -> None:
    here = study(MEANS, anchors=MEANS)
    stuck = here.table.query("method == 'over' and replicate < 7").assign(measure="stuck", value=1.0)
    rest = here.table.query("not (method == 'over' and replicate < 7)")
    found = ruled(SUP, type(here)(here.name, pd.concat([rest, stuck], ignore_index=True)))
    assert found["stuck"] > 0
    assert found["verdict"] != found["with_stuck"] == "contradicted"


def test_all_claims_are_in_the_ledger_with_a_verdict_or_a_reason() -> None:
    sources, margins = reading.sources(CLAIMS), reading.margins(CLAIMS)
    table, cases = ledger(sources, dict.fromkeys(sources, ""), {}, margins)
    assert len(table) == 107
    assert dict(table["source"].value_counts()) == {
        "buda2018": 48, "johnson2019_survey": 38, "konno2018": 14, "fau_lecture_notes": 7
    }  # fmt: skip
    assert (table["verdict"].str.startswith("no ") | (table["scope"] == "published")).all()
    assert (table["reason"] != "").all()
    assert set(cases["study"]) == {"published table"}


def test_every_measure_has_margins() -> None:
    margins = reading.margins(CLAIMS)
    for source in reading.sources(CLAIMS).values():
        for claim in source.claims:
            for part in claim.parts:
                for test in (part, *part.also):
                    assert all(margins.of(measure, "mnist") for measure in test.measure), claim.id


def test_the_committed_ledger_is_of_the_committed_claims() -> None:
    sources, margins = reading.sources(CLAIMS), reading.margins(CLAIMS)
    table = pd.read_csv(CLAIMS / "plots/claims.csv").set_index("id")
    for name, source in sources.items():
        for claim in source.claims:
            assert table.loc[claim.id, "hash"] == reading.hash_of(claim, margins), claim.id
            assert table.loc[claim.id, "file_hash"] == reading.file_hash(CLAIMS / f"{name}.yaml")


def test_another_margin_is_another_hash() -> None:
    (claim, *_) = reading.sources(CLAIMS)["buda2018"].claims
    (first, *rest) = MARGINS.margins
    wider = MARGINS.model_copy(update={"margins": (first.model_copy(update={"notable": 3.0}), *rest)})
    assert reading.hash_of(claim, MARGINS) != reading.hash_of(claim, wider)


def test_tables_and_verdicts_depend_on_the_code_that_makes_them() -> None:
    stages = yaml.safe_load((CLAIMS / "dvc.yaml").read_text())["stages"]
    assert stages["code"]["cmd"].endswith("stages.code gather judge")
    for name in ("gather", "judge"):
        assert f"data/code/{name}.json" in stages[name]["deps"]


def test_every_computed_study_of_independent_replicates_is_judged_by() -> None:
    listed = yaml.safe_load((CLAIMS / "dvc.yaml").read_text())["vars"][0]["studies"]
    computed = {path.parents[2] for path in Path("studies").glob("*/plots/study/measures.csv")}
    of = {folder.name: yaml.safe_load((folder / "params.yaml").read_text()) for folder in computed}
    assert {name for name, params in of.items() if params.get("shared") != "subset"} == set(listed)
    assert all((CLAIMS / "links" / name).resolve() == Path("studies", name).resolve() for name in listed)
