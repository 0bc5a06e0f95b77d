import numpy as np
import pytest

from imbalance.methods.dynamic_sampling import DynamicSampling, class_f1, next_sizes
from tests.methods.contract import Promise, training_of

PROMISES = [
    # the first epoch has all classes alike; later ones depend on what the network recognises
    Promise(dict(start="initial", fused=False), (30, 30, 30), epochs=1),
]

LABELS = np.repeat([0, 1, 2], [60, 30, 10])


def test_sizes_follow_the_missing_f1() -> None:
    assert next_sizes(np.array([0.9, 0.6, 0.3]), 300).tolist() == [25, 100, 175]


def test_perfect_recognition_gives_equal_sizes_and_no_class_vanishes() -> None:
    assert next_sizes(np.ones(3), 300).tolist() == [100, 100, 100]
    assert next_sizes(np.array([1, 0.5, 0.5]), 300).tolist() == [1, 150, 150]


def test_epochs_follow_what_the_network_recognises() -> None:
    truth = np.repeat([0, 1, 2], 10)
    decided = np.where(truth == 2, 0, truth)  # class 2 is never recognised, class 1 always
    epochs = DynamicSampling(start="initial").epochs(
        LABELS, np.random.default_rng(0), training_of(decisions=lambda: (decided, truth))
    )
    assert np.bincount(LABELS[next(epochs)]).tolist() == [33, 33, 33]
    # F1 = 2/3, 1, 0 -> shares 1/4, 0, 3/4
    second = next(epochs)
    assert np.bincount(LABELS[second]).tolist() == [25, 1, 75]
    assert len(set(second[LABELS[second] == 0])) == 25, "without replacement where there are enough"


def test_a_class_without_a_held_out_image_gets_the_average_size() -> None:
    """Class 2, which nothing is known of, must not take the epoch when the others are recognised."""
    truth = np.repeat([0, 1], 10)
    decided = np.where(np.arange(20) == 19, 2, truth)
    f1 = class_f1(decided, truth, np.arange(3))
    assert f1.tolist() == pytest.approx([1, 18 / 19, (1 + 18 / 19) / 2])
    assert next_sizes(f1, 300)[2] == 100
    assert next_sizes(class_f1(truth, truth, np.arange(3)), 300).tolist() == [100, 100, 100]


def test_a_plain_network_is_fused_unless_told_otherwise() -> None:
    adaptive, plain = DynamicSampling(start="initial").members()
    assert isinstance(adaptive, DynamicSampling)
    assert plain.kind == "none"
    assert plain.validation == adaptive.validation
    assert len(DynamicSampling(start="initial", fused=False).members()) == 1


def test_needs_validation_data() -> None:
    with pytest.raises(ValueError, match="greater than 0"):
        DynamicSampling(start="initial", validation=0)
