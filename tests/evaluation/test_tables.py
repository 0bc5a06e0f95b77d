import numpy as np
import pytest
from scipy import stats

from imbalance.evaluation.tables import evaluate_network
from imbalance.subsets.subset import Subset

CLASSES = ("cat", "dog", "emu")
LABELS = np.array([0, 0, 1, 1, 2, 2])
# Right under argmax but for one emu, taken for a cat; with the priors divided out, one cat becomes an emu.
LOGITS = np.array([[3, 0, 0], [1, 0, 0.5], [0, 3, 0], [0, 3, 0], [0, 0, 3], [0.5, 0, 0.4]], dtype=np.float32)
SUBSET = Subset(indices=np.arange(30), sizes=np.array([16, 10, 4]))


def test_tables_by_hand() -> None:
    tables = evaluate_network(LOGITS, LABELS, CLASSES, SUBSET)
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
    unequal = evaluate_network(logits, labels, CLASSES[:2], Subset(np.arange(12), np.array([9, 3])))["roc"]
    assert set(unequal["classes"]) == {"minority"}
    seen = unequal.dropna()  # one false positive of three negatives is the least rate
    assert seen["fpr"].iloc[:2].tolist() == pytest.approx([0, 10**-0.45])


def test_a_balanced_set_has_no_minority() -> None:
    tables = evaluate_network(LOGITS, LABELS, CLASSES, Subset(np.arange(30), np.full(3, 10)))
    assert not [name for name in tables["replicates"]["measure"] if name.startswith(("minority", "majority"))]
    assert set(tables["roc"]["classes"]) == {"majority"}


@pytest.mark.parametrize("scale", [1, 100, 10_000])
def test_confidence_makes_no_ties(scale: float) -> None:
    """Logits of two classes, times a constant: each image's rank stays what it was, at p = 1 in doubles, too."""
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 500)
    logits = rng.normal(size=(1000, 2)).astype(np.float32) + np.eye(2, dtype=np.float32)[labels]
    subset = Subset(np.arange(1000), np.array([900, 100]))
    tables = evaluate_network(scale * logits, labels, ("a", "b"), subset)
    aucs = tables["recall"].set_index(["rule", "class"]).loc["argmax", "auc"]
    margins = (logits[:, 1] - logits[:, 0]).astype(np.float64)
    wins = (margins[500:, None] > margins[:500]).mean()
    assert aucs.tolist() == pytest.approx([wins, wins], abs=1e-12)
    plain = evaluate_network(logits, labels, ("a", "b"), subset)
    np.testing.assert_allclose(tables["roc"]["tpr"], plain["roc"]["tpr"], atol=1e-12)
