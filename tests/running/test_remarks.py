"""What the user is told of a method before it is trained."""

import numpy as np
import pytest

from imbalance.methods import parse
from imbalance.running.remarks import remarks
from imbalance.subsets.subset import Subset

CLASSES = tuple("abcdefgh")


def said(block: dict[str, object], *sizes: list[int]) -> list[str]:
    subsets = [Subset(np.arange(sum(counts)), np.array(counts)) for counts in sizes]
    return list(remarks("mine", parse({"start": "initial"} | block), CLASSES, subsets))


@pytest.mark.parametrize(
    "loss",
    [
        {"method": "focal", "weights": {"name": "inverse"}},
        {"method": "weighted_cross_entropy"},
        {"method": "weighted_cross_entropy", "weights": {"name": "inverse", "normalisation": "examples"}},
        {"method": "deferred_reweighting"},
        {"method": "balanced_softmax"},
        {"method": "ldam"},
    ],
    ids=str,
)
@pytest.mark.parametrize("sampler", ["oversampling", "undersampling", "power"])
def test_warns_where_loss_and_sampler_both_make_up_for_the_priors(
    loss: dict[str, object], sampler: str
) -> None:
    (warning,) = said(loss | {"sampler": {"name": sampler}}, [9, 3])
    assert warning.startswith("warning: mine: ")
    assert f"its sampler '{sampler}'" in warning
    assert ("its weights 'inverse'" in warning) == (loss["method"] == "focal"), "by default, a part of it"
    assert said(loss, [9, 3]) == []


def test_warns_of_weights_under_a_loss_that_needs_none() -> None:
    (warning,) = said({"method": "balanced_softmax", "weights": {"name": "class_balanced"}}, [9, 3])
    assert "the method itself and its weights 'class_balanced' make up for the class priors" in warning


@pytest.mark.parametrize("method", ["oversampling", "undersampling", "smote", "class_aware_sampling"])
def test_warns_of_weights_beside_a_method_that_resamples(method: str) -> None:
    (warning,) = said({"method": method, "weights": {"name": "inverse"}}, [9, 3])
    assert "and its weights 'inverse' make up for the class priors" in warning
    assert said({"method": method}, [9, 3]) == []


def test_a_plain_focal_loss_goes_with_any_sampler() -> None:
    assert said({"method": "focal", "sampler": {"name": "oversampling"}}, [9, 3]) == []


def test_names_the_classes_that_nothing_is_tuned_for() -> None:
    tuned: dict[str, object] = {"method": "differential_evolution"}
    (note,) = said(tuned, [9, 3, 1, 1], [9, 1, 3, 1])
    assert note.endswith("so nothing is tuned for it: 'b', 'c', 'd' (in at least one replicate).")
    (note,) = said(tuned, [9, 3, 1, 1, 1, 1, 1, 1])
    assert "for it: 'c', 'd', 'e', 'f', 'g' and 1 more (" in note
    assert said(tuned, [9, 3, 2, 2]) == []
    assert said({"method": "baseline"}, [9, 3, 1, 1]) == []
