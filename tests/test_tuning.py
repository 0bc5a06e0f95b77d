import numpy as np
import pytest

from imbalance import tuning
from imbalance.decisions import scores
from imbalance.metrics import ranking_measures

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 4, 300)


def test_auc_is_the_one_that_is_reported() -> None:
    """With ties at zero as of the All-CNN, and another offset for every image."""
    logits = np.maximum(RNG.normal(size=(300, 4)) + 2 * np.eye(4)[LABELS], 0) + 5 * RNG.normal(size=(300, 1))
    logits = logits.astype(np.float32)
    reported = ranking_measures(scores("argmax", logits, np.ones(4, int)), LABELS)["auc"]
    assert tuning.auc(logits, LABELS) == pytest.approx(reported, abs=1e-9)


def test_classes_without_an_example_do_not_count() -> None:
    labels = np.where(LABELS == 3, 0, LABELS)
    perfect = np.eye(4)[labels]
    assert (
        tuning.auc(perfect, labels)
        == tuning.mean_recall(perfect, labels)
        == tuning.g_mean(perfect, labels)
        == 1
    )
