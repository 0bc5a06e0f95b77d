import numpy as np
import pytest
import torch

from imbalance.data.examples import Examples
from imbalance.methods.minority_noise import MinorityNoise
from tests.methods.contract import FILLED, Promise

PROMISES = [
    Promise(dict(start="initial"), FILLED),
    Promise(dict(start="initial", target=40), (60, 40, 40)),
]


def test_copies_have_noise_of_the_deviation_and_originals_have_none() -> None:
    """Rounding to bytes adds a variance of 1/12 to that of the noise, 12.75^2."""
    examples = Examples.from_arrays(np.full((12, 3, 40, 40), 100, np.uint8), np.repeat([0, 1], [2, 10]))
    prepared = MinorityNoise(start="initial").prepare(examples, np.random.default_rng(0))
    assert torch.equal(prepared.tensor[:12], examples.tensor)
    assert prepared.labels.tolist() == [0] * 2 + [1] * 10 + [0] * 8
    noise = prepared.tensor[12:].double() - 100
    assert prepared.tensor.dtype == torch.uint8
    assert noise.mean().item() == pytest.approx(0, abs=0.3)
    assert noise.std().item() == pytest.approx(np.sqrt(12.75**2 + 1 / 12), rel=0.02)
    flat = noise.reshape(8, 3, -1)
    assert abs(np.corrcoef(flat[0, 0], flat[0, 1])[0, 1]) < 0.1, "channels have their own noise"
    assert abs(np.corrcoef(flat[0, 0], flat[1, 0])[0, 1]) < 0.1, "copies have their own noise"


def test_bytes_stay_between_0_and_255() -> None:
    pixels = np.array([0, 255, 9, 9, 9, 9], np.uint8)[:, None, None, None]
    examples = Examples.from_arrays(np.tile(pixels, (1, 1, 20, 20)), np.array([0, 1, 2, 2, 2, 2]))
    made = MinorityNoise(start="initial", std=0.2).prepare(examples, np.random.default_rng(0)).tensor[6:]
    black, white = made[:3], made[3:]
    assert black.max() < 230
    assert white.min() > 25
    assert (black == 0).double().mean().item() == pytest.approx(0.5, abs=0.05)
    assert (white == 255).double().mean().item() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("target", "sizes"), [(None, [9, 9, 0, 9]), (5, [9, 5, 0, 5]), (1, [9, 4, 0, 1]), (12, [12, 12, 0, 12])]
)
def test_classes_grow_to_the_target_and_their_images_are_copied_equally_often(
    target: int | None, sizes: list[int]
) -> None:
    labels = np.repeat([0, 1, 3], [9, 4, 1])
    examples = Examples.from_arrays(np.arange(14, dtype=np.uint8)[:, None, None, None], labels)
    prepared = MinorityNoise(start="initial", std=0, target=target).prepare(
        examples, np.random.default_rng(0)
    )
    assert prepared.labels.bincount().tolist() == sizes
    assert torch.equal(prepared.labels, torch.from_numpy(labels)[prepared.tensor.flatten().long()])
    times = prepared.tensor.flatten().int().bincount()
    for label in (0, 1, 3):
        own = times[labels == label]
        assert own.max() - own.min() <= 1
