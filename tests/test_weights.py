from pathlib import Path

import pytest
import torch

from imbalance import weights
from imbalance.errors import InputError
from imbalance.networks import build


def test_round_trip_is_bit_identical_and_so_are_the_files(tmp_path: Path) -> None:
    network, other = (build("lenet5", (1, 28, 28), 10) for _ in range(2))
    for folder in ("a", "b"):
        weights.save(network, tmp_path / folder, 3, {})
    weights.load(other, tmp_path / "a", 3)
    assert all(torch.equal(tensor, other.state_dict()[name]) for name, tensor in network.state_dict().items())
    assert weights.path(tmp_path / "a", 3).read_bytes() == weights.path(tmp_path / "b", 3).read_bytes()


def test_the_bytes_do_not_depend_on_the_memory_layout(tmp_path: Path) -> None:
    network = build("lenet5", (1, 28, 28), 10)
    weights.save(network, tmp_path / "channels_last", 0, {})
    weights.save(network.to(memory_format=torch.contiguous_format), tmp_path / "plain", 0, {})
    files = [weights.path(tmp_path / folder, 0).read_bytes() for folder in ("channels_last", "plain")]
    assert files[0] == files[1]


@pytest.mark.parametrize("damage", ["missing", "truncated", "garbage", "other network", "other type", "nan"])
def test_broken_weights_are_one_clear_error(damage: str, tmp_path: Path) -> None:
    network = build("lenet5", (1, 28, 28), 10)
    weights.save(build("lenet5", (1, 28, 28), 7) if damage == "other network" else network, tmp_path, 0, {})
    file = weights.path(tmp_path, 0)
    match damage:
        case "missing":
            file.unlink()
        case "truncated":
            file.write_bytes(file.read_bytes()[:-100])
        case "garbage":
            file.write_bytes(b"\xff" * 1000)
        case "other type":
            state = {name: tensor.int().contiguous() for name, tensor in network.state_dict().items()}
            weights.write(state, file)
        case "nan":
            network.classifier.bias.data[3] = torch.nan
            weights.save(network, tmp_path, 0, {})
    with pytest.raises(InputError, match=r"000\.safetensors holds no weights of this network"):
        weights.load(network, tmp_path, 0)
