"""The words of the advice: they say what the intervals say."""

import pandas as pd
import pytest

from imbalance.report.advice import sentences
from imbalance.studies.advice import Advice, Candidate, Verdict

OVER, CRT, PRIOR = (
    Candidate("oversampling", "argmax"),
    Candidate("crt", "argmax"),
    Candidate("baseline", "prior"),
)


def made(verdict: Verdict, **changes: object) -> Advice:
    """An advice with oversampling first, by 8 (5 to 11) points."""
    row = {
        "method": "oversampling",
        "rule": "argmax",
        "n": 8,
        "difference": 0.08,
        "low": 0.05,
        "high": 0.11,
        "p_holm": 0.001,
    }
    values = {
        "alike": (CRT, PRIOR),
        "worse": (),
        "stuck": (),
        "smallest": "rare",
        "images": 12,
        "needed": 430,
    } | changes
    return Advice(verdict=verdict, table=pd.DataFrame([row]), best=OVER, **values)  # type: ignore[arg-type]


def test_a_winner_with_its_interval_and_those_that_do_not_differ() -> None:
    first, second, *more = sentences(made("use"))
    assert first == (
        "For these images, use oversampling: it beats doing nothing by +8.0 (+5.0 to +11.0) points of balanced accuracy."
    )
    assert second == (
        "Crt and the baseline thresholded by the class priors do not differ significantly from it."
    )
    assert not more


def test_what_is_worse_is_said_and_one_that_does_not_differ_is_one() -> None:
    *_, alike, worse = sentences(made("use", alike=(CRT,), worse=(Candidate("undersampling", "argmax"),)))
    assert alike == "Crt does not differ significantly from it."
    assert worse == "Undersampling is worse than doing nothing."


@pytest.mark.parametrize("verdict", ["use", "nothing", "unclear"])
def test_rows_of_a_table_are_not_called_images(verdict: Verdict) -> None:
    said = " ".join(sentences(made(verdict), "rows"))
    assert said == " ".join(sentences(made(verdict))).replace("images", "rows")
    assert " rows " in said.replace(",", " ")


def test_a_method_of_which_nothing_is_known_is_said_to_be() -> None:
    *_, last = sentences(made("nothing", stuck=("crt", "focal")))
    assert last.startswith("Nothing is known of crt and focal: all networks are stuck")


def test_doing_nothing_is_an_answer() -> None:
    (only,) = sentences(made("nothing"))
    assert only.startswith("For these images, do nothing: no method gains as much as 2 points")


@pytest.mark.parametrize(
    ("needed", "said"),
    [
        (430, "The 12 test images of 'rare' are too few: about 430"),
        (12, "too few replicates; raise `replicates`"),
    ],
)
def test_images_that_cannot_tell_and_what_is_missing(needed: int, said: str) -> None:
    first, second = sentences(made("unclear", needed=needed))
    assert first.startswith("These images cannot tell the methods apart: first is oversampling")
    assert said in second
