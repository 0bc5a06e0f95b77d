import numpy as np
import pytest
import torch

from imbalance.data.examples import Examples
from imbalance.methods.minority_augmentation import MinorityAugmentation
from tests.methods.contract import FILLED, Promise

PROMISES = [
    Promise(dict(start="initial"), FILLED),
    Promise(dict(start="initial", target=40), (60, 40, 40)),
]

STILL = dict(start="initial", rotation=0, scaling=0, shift=0)


def pattern(height: int = 7, width: int = 7) -> torch.Tensor:
    """A float image that is no mirror image of itself."""
    return torch.arange(2.0 * height * width).reshape(1, 2, height, width)


def changed(images: torch.Tensor, count: int = 1, **parameters: float) -> torch.Tensor:
    method = MinorityAugmentation.model_validate(STILL | parameters)
    return method.changed(images.repeat(count, 1, 1, 1), np.random.default_rng(0))


class Extreme(np.random.Generator):
    """A generator whose uniform draws are all at the upper end of their range, or at the lower end."""

    share = 1.0

    def uniform(self, low: float, high: float, size: tuple[int, ...]) -> np.ndarray:  # type: ignore[override]
        return np.full(size, low + self.share * (high - low))


def extreme(images: torch.Tensor, share: float = 1, **parameters: float) -> torch.Tensor:
    """Images, changed as much as can be."""
    rng = Extreme(np.random.PCG64(0))
    rng.share = share
    return MinorityAugmentation.model_validate(STILL | parameters).changed(images, rng)


def test_without_changes_copies_are_the_images() -> None:
    assert torch.allclose(changed(pattern(5, 8)), pattern(5, 8), atol=1e-4)


def test_a_quarter_turn_is_numpys_in_square_images_and_angles_stay_right_in_others() -> None:
    assert torch.allclose(extreme(pattern(), rotation=90), pattern().rot90(1, (2, 3)), atol=1e-4)
    wide = torch.zeros(1, 1, 5, 15)
    wide[..., 2, 5:10] = 1  # a line of five pixels; upright, it is as long
    upright = torch.zeros(1, 1, 5, 15)
    upright[..., :, 7] = 1
    assert torch.allclose(extreme(wide, rotation=90), upright, atol=1e-5)


def test_a_shift_is_a_fraction_of_the_side_and_the_edge_goes_on() -> None:
    image = pattern(5, 10)
    rows, columns = np.minimum(np.arange(5) + 1, 4), np.minimum(np.arange(10) + 2, 9)
    assert torch.allclose(extreme(image, shift=0.2), image[:, :, rows][..., columns], atol=1e-4)


def test_scaling_makes_a_square_larger_or_smaller_about_the_middle() -> None:
    square = torch.zeros(1, 1, 20, 20)
    square[..., 5:15, 5:15] = 1
    for share, side in ((1, 15), (0, 5)):
        image = extreme(square, share, scaling=0.5)
        assert image.sum().sqrt().item() == pytest.approx(side, abs=0.5)
        assert torch.allclose(image, image.rot90(2, (2, 3)), atol=1e-5)


def test_images_are_mirrored_only_if_wanted_and_then_half_of_them() -> None:
    assert MinorityAugmentation(start="initial").mirror is False
    images = changed(pattern(), count=400, mirror=True)
    mirrored = (images - pattern().flip(3)).abs().amax(dim=(1, 2, 3)) < 1e-3
    plain = (images - pattern()).abs().amax(dim=(1, 2, 3)) < 1e-3
    assert (mirrored ^ plain).all()
    assert mirrored.double().mean().item() == pytest.approx(0.5, abs=0.08)


def test_every_copy_is_changed_in_its_own_way_within_the_bounds() -> None:
    """The middle of a blob of the image moves by at most the shift, either way."""
    blob = torch.zeros(1, 1, 40, 40)
    blob[..., 18:22, 18:22] = 1
    images = changed(blob, count=500, shift=0.1)[:, 0]
    for axis in (1, 2):
        middle = (images.sum(dim=3 - axis) * torch.arange(40)).sum(dim=1) / images.sum(dim=(1, 2)) - 19.5
        assert middle.abs().max().item() == pytest.approx(4, abs=0.1)
        assert middle.mean().item() == pytest.approx(0, abs=0.3)
        assert len(set(middle.tolist())) > 490


def test_bytes_stay_bytes_and_originals_stay() -> None:
    images = np.random.default_rng(0).integers(0, 256, (12, 3, 8, 8), dtype=np.uint8)
    examples = Examples.from_arrays(images, np.repeat([0, 2], [1, 11]))
    prepared = MinorityAugmentation(start="initial").prepare(examples, np.random.default_rng(0))
    assert torch.equal(prepared.tensor[:12], examples.tensor)
    assert prepared.labels.bincount().tolist() == [11, 0, 11]
    assert prepared.tensor.dtype == torch.uint8
    again = MinorityAugmentation(start="initial").prepare(examples, np.random.default_rng(0))
    assert torch.equal(prepared.tensor, again.tensor)


def test_balanced_classes_get_no_copies() -> None:
    examples = Examples.from_arrays(np.zeros((4, 1, 8, 8), np.uint8), np.array([0, 0, 1, 1]))
    prepared = MinorityAugmentation(start="initial").prepare(examples, np.random.default_rng(0))
    assert torch.equal(prepared.tensor, examples.tensor)
