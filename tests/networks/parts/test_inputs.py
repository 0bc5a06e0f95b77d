"""The first layers: against independent computations in doubles."""

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter

from imbalance.errors import InputError
from imbalance.networks.parts.inputs import GcnZca, Inputs, Scale, Standardize, Whitening

RNG = np.random.default_rng(0)
# images of nature are smooth: neighbouring pixels are alike
NOISE = RNG.normal(size=(400, 3, 8, 8)).cumsum(axis=2).cumsum(axis=3)
IMAGES = np.clip(128 + 20 * NOISE, 0, 255).astype(np.uint8)
IMAGES[7] = 99  # one without contrast


def independent(images: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    """GCN and ZCA of METHODS.md, by a singular value decomposition and in doubles."""

    def gcn(raw: np.ndarray) -> np.ndarray:
        rows = raw.reshape(len(raw), -1).astype(float)
        rows = rows - rows.mean(axis=1)[:, None]
        lengths = np.sqrt((rows**2).sum(axis=1)) / 55
        lengths[lengths < 1e-8] = 1
        return rows / lengths[:, None]

    mean = gcn(fitted).mean(axis=0)
    _, singular, axes = np.linalg.svd((gcn(fitted) - mean) / np.sqrt(len(fitted)))
    return (((gcn(images) - mean) @ axes.T) / np.sqrt(singular**2 + 0.1) @ axes).reshape(images.shape)


@pytest.fixture(scope="module")
def whitening() -> Whitening:
    layer = GcnZca(name="gcn_zca").layer((3, 8, 8))
    layer.fit(IMAGES[:300])
    return layer


def test_gcn_and_zca_equal_an_independent_computation(whitening: Whitening) -> None:
    ours = whitening(torch.from_numpy(IMAGES)).numpy()
    assert np.abs(ours - independent(IMAGES, IMAGES[:300])).max() < 1e-4


def test_what_is_fitted_to_is_white(whitening: Whitening) -> None:
    rows = whitening(torch.from_numpy(IMAGES[:300])).reshape(300, -1).double()
    variances = torch.linalg.eigvalsh(rows.T.cov(correction=0))
    assert variances.max() < 1 + 1e-3
    assert rows.mean(dim=0).abs().max() < 1e-3


def test_fitting_is_deterministic_and_does_not_depend_on_the_layout(whitening: Whitening) -> None:
    again = GcnZca(name="gcn_zca").layer((3, 8, 8))
    again.fit(np.asfortranarray(IMAGES[:300]))
    assert torch.equal(again.matrix, whitening.matrix)
    images = torch.from_numpy(IMAGES)
    assert torch.equal(whitening(images), whitening(images.to(memory_format=torch.channels_last)))


def test_contrast_and_brightness_do_not_matter(whitening: Whitening) -> None:
    dark = (IMAGES[:50] // 2).astype(np.float32)
    assert torch.allclose(
        whitening(torch.from_numpy(dark)), whitening(torch.from_numpy(dark * 1.5 + 20)), atol=1e-3
    )


def test_images_too_large_to_be_whitened_are_refused() -> None:
    GcnZca(name="gcn_zca").layer((3, 32, 32))
    with pytest.raises(InputError, match="at most 4096 numbers an image, and these have 12288"):
        GcnZca(name="gcn_zca").layer((3, 64, 64))


def test_pixels_are_scaled() -> None:
    pixels = torch.arange(256, dtype=torch.uint8)
    layer = Scale(name="scale", factor=0.00390625).layer((1, 28, 28))
    assert torch.equal(layer(pixels), torch.arange(256) / 256)
    assert pixels.dtype == torch.uint8


def test_channels_are_standardised() -> None:
    images = torch.from_numpy(IMAGES)
    mean, std = (
        tuple((images / 255).transpose(0, 1).flatten(1).__getattribute__(f)(1).tolist())
        for f in ("mean", "std")
    )
    standard = (
        Standardize(name="standardize", mean=mean, std=std)
        .layer((3, 8, 8))(images)
        .transpose(0, 1)
        .flatten(1)
    )
    assert standard.mean(1).abs().max() < 1e-5
    assert (standard.std(1) - 1).abs().max() < 1e-5
    with pytest.raises(InputError, match="mean and std are of 3 channels, but the images have 1"):
        Standardize(name="standardize", mean=mean, std=std).layer((1, 8, 8))


def test_no_input_changes_what_it_is_given() -> None:
    floats = torch.rand(4, 3, 8, 8)
    for block in (
        {"name": "scale", "factor": 0.5},
        {"name": "standardize", "mean": [0, 0, 0], "std": [0.1, 0.2, 0.3]},
        {"name": "gcn_zca"},
    ):
        before = floats.clone()
        TypeAdapter(Inputs).validate_python(block).layer((3, 8, 8))(floats)
        assert torch.equal(floats, before)
