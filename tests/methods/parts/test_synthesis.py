import numpy as np
import pytest
import torch

from imbalance.data.examples import Examples
from imbalance.methods.parts.synthesis import (
    fill_classes,
    gaussian_features,
    gaussian_noise,
    perturbed_features,
    smote,
)


def features(*sizes: int, dimensions: int = 3) -> Examples:
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(len(sizes)), sizes)
    return Examples.from_arrays(rng.normal(size=(len(labels), dimensions)).astype(np.float32), labels)


def test_smote_stays_between_neighbours_and_leaves_real_rows_untouched() -> None:
    rows = np.array([[0, 0], [2, 0], *[[9.0, 9]] * 10], dtype=np.float32)
    examples = Examples.from_arrays(rows, np.repeat([0, 1], [2, 10]))
    filled = smote(examples, 1, np.random.default_rng(0))
    made = filled.inputs[12:]
    assert torch.equal(filled.inputs[:12], examples.inputs)
    assert filled.labels.bincount().tolist() == [10, 10]
    assert (made[:, 1] == 0).all()
    assert ((made[:, 0] >= 0) & (made[:, 0] <= 2)).all()
    assert len(made.unique(dim=0)) == 8


@pytest.mark.parametrize("sizes", [(1, 9), (2, 9), (5, 9), (6, 9), (9, 9)])
def test_smote_fills_classes_however_small(sizes: tuple[int, int]) -> None:
    filled = smote(features(*sizes), 5, np.random.default_rng(0))
    assert filled.labels.bincount().tolist() == [9, 9]


def test_images_stay_bytes() -> None:
    images = np.random.default_rng(0).integers(0, 256, (12, 1, 4, 4), dtype=np.uint8)
    filled = smote(Examples.from_arrays(images, np.repeat([0, 1], [4, 8])), 3, np.random.default_rng(0))
    assert filled.inputs.dtype == torch.uint8
    assert filled.inputs.shape == (16, 1, 4, 4)


def test_gaussian_noise_has_the_covariance() -> None:
    rng = np.random.default_rng(0)
    rows = rng.multivariate_normal([1, 2], [[2, 1], [1, 1]], 1000)
    covariance = np.cov(rows, rowvar=False, bias=True)
    for variance in (1, 4):
        noise = gaussian_noise(rows, covariance, 200_000, variance, 0, rng)
        assert np.abs(noise.mean(axis=0)).max() < 0.01 * np.sqrt(variance)
        assert np.cov(noise, rowvar=False) == pytest.approx(variance * covariance, rel=0.02)


def test_shrinkage_moves_the_covariance_to_a_sphere_of_the_same_trace() -> None:
    rng = np.random.default_rng(0)
    rows = rng.multivariate_normal([0, 0], [[3, 0], [0, 1]], 1000)
    noise = gaussian_noise(rows, np.eye(2), 200_000, 1, 1, rng)
    trace = np.trace(np.cov(rows, rowvar=False, bias=True))
    assert np.cov(noise, rowvar=False) == pytest.approx(trace / 2 * np.eye(2), rel=0.02, abs=0.02)


def test_pseudo_features_surround_the_class_mean_also_with_fewer_rows_than_dimensions() -> None:
    examples = features(1, 4, 2000, dimensions=20)
    filled = gaussian_features(examples, None, 1, 0.1, np.random.default_rng(0))
    assert filled.labels.bincount().tolist() == [2000] * 3
    made = filled.inputs[len(examples.labels) :].numpy()
    for label, size in ((0, 1999), (1, 1996)):
        part = made[filled.labels[len(examples.labels) :].numpy() == label]
        mean = examples.inputs[examples.labels == label].mean(dim=0).numpy()
        assert part.shape == (size, 20)
        assert part.mean(axis=0) == pytest.approx(mean, abs=0.15)


def test_perturbed_features_are_real_ones_plus_noise_of_mean_zero() -> None:
    examples = features(500, 5000)
    filled = perturbed_features(examples, None, 1, 0, np.random.default_rng(0))
    made = filled.inputs[5500:]
    assert made.shape == (4500, 3)
    real = examples.inputs[:500]
    assert (made.mean(dim=0) - real.mean(dim=0)).abs().max() < 0.1
    assert made.var(dim=0).numpy() == pytest.approx(2 * real.var(dim=0).numpy(), rel=0.1)


@pytest.mark.parametrize(
    ("multiplier", "made"), [(None, 4500), (1, 0), (10, 4500), (50, 24_500), (100, 49_500)]
)
def test_multiplier_of_konno_and_iwazume(multiplier: float | None, made: int) -> None:
    def nothing(rows: np.ndarray, wanted: int) -> np.ndarray:
        return np.zeros((wanted, rows.shape[1]))

    filled = fill_classes(features(500, 5000), nothing, multiplier)
    assert filled.labels.bincount().tolist() == [500 + made, 5000]
