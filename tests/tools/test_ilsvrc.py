"""A folder like ILSVRC's: read as such, with images as varied as there."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from imbalance.data.streams import read
from imbalance.datasets import imagenet
from imbalance.errors import InputError
from tools.ilsvrc import A_PNG, FEWER, SYNSETS, TRAIN, VAL, main, make


def test_it_is_read_as_imagenet_whatever_the_form_of_an_image(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "ilsvrc"
    main([str(root)])
    assert capsys.readouterr().out == f"{root}: 136 images of 10 synsets, in train and val\n"
    index = imagenet.index(root, lambda _: None)
    assert index.classes == SYNSETS
    assert np.bincount(index.train_labels).tolist() == [TRAIN] * 9 + [FEWER]
    assert np.bincount(index.test_labels).tolist() == [VAL] * 10
    kinds, sizes, first = Counter[str](), set(), {}
    for at in range(len(index.train_images)):
        with Image.open(index.train_images.path(at)) as image:
            kind = f"{image.format} {image.mode}"
            kinds[kind] += 1
            sizes.add(image.size)
            first.setdefault(kind, at)
    assert set(kinds) == {"JPEG RGB", "JPEG L", "JPEG CMYK", "PNG RGB"}
    assert kinds["PNG RGB"] == 1
    assert index.train_images.path(first["PNG RGB"]) == root / A_PNG
    assert len(sizes) > 100
    images = read(index.train_images, np.array(sorted(first.values())), np.random.default_rng(0))
    assert images.shape == (4, 3, 224, 224)
    ordinary = np.array([np.flatnonzero(index.train_labels == label)[1] for label in range(10)])
    colours = read(index.train_images, ordinary, None).float().mean(dim=(2, 3))
    apart = torch.cdist(colours, colours) + 1000 * torch.eye(10)
    assert apart.min() > 20, "classes have colours of their own"


def test_a_folder_that_exists_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="exists already; name another folder, or delete it"):
        make(tmp_path)
    with pytest.raises(InputError, match="name the folder to make"):
        main([])
