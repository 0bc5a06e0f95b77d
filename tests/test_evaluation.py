import numpy as np
import pytest

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
    confusion = tables["confusion"].set_index(["rule", "actual", "predicted"])["share"]
    assert confusion["argmax", "emu", "cat"] == confusion["prior", "cat", "emu"] == 0.5
    values = tables["replicates"].set_index(["rule", "measure"])["value"]
    assert values["argmax", "accuracy"] == values["prior", "accuracy"] == pytest.approx(5 / 6)
    assert values["argmax", "minority_recall"] == 0.5
    assert ("any", "auc") in values.index
    assert ("argmax", "auc") not in values.index


def test_a_balanced_set_has_no_minority() -> None:
    tables = evaluate_network(LOGITS, LABELS, CLASSES, Subset(np.arange(30), np.full(3, 10)))
    assert "minority_recall" not in set(tables["replicates"]["measure"])
    assert set(tables["roc"]["classes"]) == {"majority"}
