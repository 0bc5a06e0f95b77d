import numpy as np
import pandas as pd
import pytest
from scipy import stats

from imbalance.evaluation.tables import errors_of_the_test_set, evaluate_network, recalls_of_roles
from imbalance.evaluation.testset import Contribution
from imbalance.subsets.subset import Subset

CLASSES = ("cat", "dog", "emu")
LABELS = np.array([0, 0, 1, 1, 2, 2])
# Right under argmax but for one emu, taken for a cat; with the priors divided out, one cat becomes an emu.
LOGITS = np.array([[3, 0, 0], [1, 0, 0.5], [0, 3, 0], [0, 3, 0], [0, 0, 3], [0.5, 0, 0.4]], dtype=np.float32)
SUBSET = Subset(indices=np.arange(30), sizes=np.array([16, 10, 4]))


def test_tables_by_hand() -> None:
    tables, _ = evaluate_network(LOGITS, LABELS, CLASSES, SUBSET)
    recall = tables["recall"].set_index(["rule", "class"])
    assert recall.loc["argmax", "recall"].tolist() == [1, 1, 0.5]
    assert recall.loc["prior", "recall"].tolist() == [0.5, 1, 1]
    assert recall.loc["argmax", "images"].tolist() == [16, 10, 4]
    assert recall.loc["argmax", "minority"].tolist() == [False, False, True]
    assert recall.loc["argmax", "test_images"].tolist() == [2, 2, 2]
    jeffreys = [1.96 * stats.beta(right + 0.5, 2.5 - right).std() for right in (2, 2, 1)]
    assert recall.loc["argmax", "test_error"].tolist() == pytest.approx(jeffreys, rel=1e-4)
    confusion = tables["confusion"].set_index(["rule", "actual", "predicted"])["share"]
    assert confusion["argmax", "emu", "cat"] == confusion["prior", "cat", "emu"] == 0.5
    values = tables["replicates"].set_index(["rule", "measure"])["value"]
    assert values["argmax", "accuracy"] == values["prior", "accuracy"] == pytest.approx(5 / 6)
    assert values["argmax", "minority_recall"] == 0.5
    assert values["argmax", "majority_recall"] == 1
    assert recall.loc["argmax", "auc"].tolist() == recall.loc["prior", "auc"].tolist() == [1, 1, 1]
    assert ("any", "auc") in values.index
    assert ("argmax", "auc") not in values.index


def test_of_two_classes_there_is_one_roc_curve() -> None:
    labels, logits = np.array([0, 0, 0, 1]), np.array([[2, 0], [1, 0], [0, 1], [0, 2]], dtype=np.float32)
    unequal = evaluate_network(logits, labels, CLASSES[:2], Subset(np.arange(12), np.array([9, 3])))[0]["roc"]
    assert set(unequal["classes"]) == {"minority"}
    seen = unequal.dropna()  # one false positive of three negatives is the least rate
    assert seen["fpr"].iloc[:2].tolist() == pytest.approx([0, 10**-0.45])


def test_a_balanced_set_has_no_minority() -> None:
    tables, _ = evaluate_network(LOGITS, LABELS, CLASSES, Subset(np.arange(30), np.full(3, 10)))
    assert not [name for name in tables["replicates"]["measure"] if name.startswith(("minority", "majority"))]
    assert set(tables["roc"]["classes"]) == {"majority"}


@pytest.mark.parametrize("scale", [1, 100, 10_000])
def test_confidence_makes_no_ties(scale: float) -> None:
    """Logits of two classes, times a constant: each image's rank stays what it was, at p = 1 in doubles, too."""
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 500)
    logits = rng.normal(size=(1000, 2)).astype(np.float32) + np.eye(2, dtype=np.float32)[labels]
    subset = Subset(np.arange(1000), np.array([900, 100]))
    tables, _ = evaluate_network(scale * logits, labels, ("a", "b"), subset)
    aucs = tables["recall"].set_index(["rule", "class"]).loc["argmax", "auc"]
    margins = (logits[:, 1] - logits[:, 0]).astype(np.float64)
    wins = (margins[500:, None] > margins[:500]).mean()
    assert aucs.tolist() == pytest.approx([wins, wins], abs=1e-12)
    plain, _ = evaluate_network(logits, labels, ("a", "b"), subset)
    np.testing.assert_allclose(tables["roc"]["tpr"], plain["roc"]["tpr"], atol=1e-12)


def test_recalls_while_training_are_means_over_the_classes_of_each_role() -> None:
    points = {"method": "baseline", "replicate": [0, 0, 0, 1, 1, 1], "iteration": 10, "label": [0, 1, 2] * 2}
    recalls = {"train_recall": [1, 0.5, 0, 1, 1, np.nan], "test_recall": [0.5, 0.25, 0.125, 1, 0, 0.5]}
    subsets = [SUBSET, Subset(np.arange(30), np.array([4, 10, 16]))]
    table = recalls_of_roles(pd.DataFrame(points | recalls), subsets).set_index("replicate")
    assert table.loc[0, "minority_train_recall"] == 0, "of the third class"
    assert table.loc[0, "majority_train_recall"] == 0.75
    assert table.loc[0, "majority_test_recall"] == 0.375
    assert table.loc[1, "minority_test_recall"] == 1, "of the first class, in this replicate"
    assert table.loc[1, "majority_train_recall"] == 1, "of the one class that has training images"


def test_without_a_minority_there_are_no_recalls_of_roles() -> None:
    points = {"method": "baseline", "replicate": 0, "iteration": 10, "label": [0, 1, 2]}
    recalls = {"train_recall": 1.0, "test_recall": 1.0}
    balanced = [Subset(np.arange(30), np.full(3, 10))]
    assert recalls_of_roles(pd.DataFrame(points | recalls), balanced).empty


def test_without_a_value_of_the_baseline_a_difference_has_no_test_error() -> None:
    """Its network calls no image positive, so that it has no predictive value."""
    key, labels = ("argmax", "positive_predictive_value"), np.array([0, 0, 1, 1])
    has = {key: Contribution(np.array([0.0, 0.2, 0.5, 0.4]), np.ones(2))}
    rows = pd.DataFrame([{"method": "m", "rule": key[0], "measure": key[1]}])
    contributed = {("baseline", 0): {}, ("m", 0): has, ("baseline", 1): has, ("m", 1): has}
    (alone,) = errors_of_the_test_set(rows, contributed, labels)
    assert alone > 0
    assert np.isnan(errors_of_the_test_set(rows.assign(difference=0.1), contributed, labels)).all()
    less = {key: Contribution(np.array([0.0, 0.1, 0.2, 0.4]), np.ones(2))}
    contributed |= {("baseline", replicate): less for replicate in (0, 1)}
    (paired,) = errors_of_the_test_set(rows.assign(difference=0.1), contributed, labels)
    assert paired > 0
