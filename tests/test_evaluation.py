import numpy as np
import pytest
from scipy import stats

from imbalance.evaluation import evaluate_network
from imbalance.subsets import Subset

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
    assert "minority_recall" not in set(tables["replicates"]["measure"])
    assert set(tables["roc"]["classes"]) == {"majority"}
