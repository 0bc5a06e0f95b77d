"""The index of an ILSVRC folder: every image with its label, no path of this machine; what is missing is named."""

from pathlib import Path

import numpy as np
import pytest

from imbalance.data import arrays
from imbalance.datasets import imagenet
from imbalance.errors import InputError
from stages import download
from tests.builders.data import choose


def ilsvrc(root: Path, train: dict[str, int], val: dict[str, int]) -> Path:
    """A folder like ImageNet's, of empty files."""
    for part, sizes in (("train", train), ("val", val)):
        for synset, size in sizes.items():
            (root / part / synset).mkdir(parents=True)
            for number in range(size):
                (root / part / synset / f"{synset}_{number}.JPEG").touch()
    return root


SMALL = {"n02": 3, "n01": 2}


def test_the_index_lists_every_image_with_its_label(tmp_path: Path) -> None:
    root = ilsvrc(tmp_path, SMALL, {"n01": 1, "n02": 1})
    (root / "train" / "n01" / "readme.txt").touch()
    (root / "train" / ".hidden").mkdir()
    (root / "devkit").mkdir()
    said: list[str] = []
    index = imagenet.index(root, said.append)
    assert index.classes == ("n01", "n02")
    assert [index.train_images.path(at) for at in range(5)] == [
        root / "train" / "n01" / "n01_0.JPEG",
        root / "train" / "n01" / "n01_1.JPEG",
        *(root / "train" / "n02" / f"n02_{number}.JPEG" for number in range(3)),
    ]
    assert index.train_labels.tolist() == [0, 0, 1, 1, 1]
    assert index.train_labels.dtype == np.uint8
    assert index.test_images.path(1) == root / "val" / "n02" / "n02_0.JPEG"
    assert index.test_labels.tolist() == [0, 1]
    assert index.train_images.shape == (5, 3, 224, 224)
    assert said == [
        f"warning: {root} is not all of ILSVRC 2012: 2 classes instead of 1000, 5 training images instead of "
        "1281167, 2 validation images instead of 50000."
    ]


def test_a_thousand_synsets_have_labels_of_16_bits_and_only_the_images_are_too_few(tmp_path: Path) -> None:
    sizes = {f"n{number:04}": 1 for number in range(1000)}
    said: list[str] = []
    index = imagenet.index(ilsvrc(tmp_path, sizes, sizes), said.append)
    assert index.train_labels.dtype == np.uint16
    assert index.train_labels.tolist() == list(range(1000))
    assert len(said) == 1
    assert "classes" not in said[0]


def test_the_same_images_elsewhere_have_the_same_index(tmp_path: Path) -> None:
    here, there = (
        imagenet.index(ilsvrc(tmp_path / name, SMALL, SMALL), lambda _: None) for name in ("here", "there")
    )
    assert arrays.fingerprint(here) == arrays.fingerprint(there)
    for name, index in (("a", here), ("b", there)):
        arrays.save(index, tmp_path / name)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
        assert bytes(tmp_path) not in path.read_bytes()


@pytest.mark.parametrize(
    ("train", "val", "problem"),
    [
        ({}, {}, r"there is no folder .*/train; expected are train/<synset>/\*\.JPEG and val"),
        (
            SMALL,
            {},
            r"there is no folder .*/val; expected are .*; name the folder .* with IMBALANCE_DATA_DIR",
        ),
        ({"n01": 1}, {"n01": 1}, "fewer than 2 classes"),
        (SMALL, {"n01": 1}, "the test set has no readable image of class 'n02'"),
        (SMALL, {"n01": 1, "n02": 0}, "the test set has no readable image of class 'n02'"),
        ({"n01": 1}, SMALL, "the training set has no readable image of class 'n02'"),
        ({f"n{n:02}": 1 for n in range(10)}, {"n00": 1}, "'n01', 'n02', 'n03', 'n04', 'n05' and 4 more"),
    ],
)
def test_what_is_not_all_there_is_named(tmp_path: Path, train: dict, val: dict, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        imagenet.index(ilsvrc(tmp_path, train, val), pytest.fail)


def test_validation_images_that_are_not_sorted_are_spoken_of(tmp_path: Path) -> None:
    root = ilsvrc(tmp_path, SMALL, {})
    (root / "val").mkdir()
    (root / "val" / "ILSVRC2012_val_00000001.JPEG").touch()
    with pytest.raises(InputError, match="with the images of val sorted into synsets, too"):
        imagenet.index(root, pytest.fail)


def test_the_stage_writes_an_index_of_the_folder_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    choose("imagenet", tmp_path)
    root = ilsvrc(tmp_path / "elsewhere", SMALL, SMALL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("IMBALANCE_DATA_DIR", raising=False)
    with pytest.raises(InputError, match="there is no folder data/imagenet"):
        download.main()
    monkeypatch.setenv("IMBALANCE_DATA_DIR", str(root))
    download.main()
    said = capsys.readouterr()
    assert said.out == f"imagenet: 5 training and 5 test images from {root}\n"
    assert "is not all of ILSVRC 2012" in said.err
    index = arrays.load(Path("data/raw/imagenet"))
    assert index.train_images.path(0) == root / "train" / "n01" / "n01_0.JPEG"
