"""One's own images: every layout, mode and size becomes the same kind of arrays; what is wrong is named."""

import os
import shutil
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from imbalance.data.arrays import Arrays, fingerprint, load
from imbalance.datasets import image_folder
from imbalance.datasets.decoding import decode
from imbalance.datasets.labelled import Layout
from imbalance.datasets.splitting import split
from imbalance.errors import InputError
from stages import download, subset
from tests.builders.data import PIXELS, fill, put

REPOSITORY = Path(__file__).parents[2]


def read(root: Path, said: list[str] | None = None, **changes: object) -> Arrays:
    options = {"pixels": 8, "color": "auto", "bits": "auto"}
    options |= {key: changes.pop(key) for key in list(changes) if key in options}
    layout = Layout(**{"test_fraction": 0.2} | changes)
    return image_folder.read(
        root, **options, layout=layout, report=[].append if said is None else said.append
    )


# --- layouts and the split


def test_classes_that_are_not_split_are_split_each_by_the_fraction(tmp_path: Path) -> None:
    arrays = read(fill(tmp_path, {"b": 10, "a": 5, "c": 2}))
    assert arrays.classes == ("a", "b", "c")
    assert arrays.train_images.shape == (4 + 8 + 1, 1, 8, 8)
    assert arrays.train_labels.tolist() == [0] * 4 + [1] * 8 + [2]
    assert arrays.test_labels.tolist() == [0, 1, 1, 2]
    for label, size in enumerate((5, 10, 2)):  # each image is its number: all are there, each once
        parts = [
            images[labels == label, 0, 0, 0]
            for images, labels in (
                (arrays.train_images, arrays.train_labels),
                (arrays.test_images, arrays.test_labels),
            )
        ]
        assert sorted(np.concatenate(parts)) == list(range(size))
        assert all((np.diff(part) > 0).all() for part in parts), "in the order of their names"


def test_a_test_folder_is_the_test_set(tmp_path: Path) -> None:
    fill(tmp_path / "train", {"cat": 3, "dog": 4})
    fill(tmp_path / "test", {"cat": 2, "dog": 1})
    arrays = read(tmp_path)
    assert arrays.train_images[:, 0, 0, 0].tolist() == [0, 1, 2, 0, 1, 2, 3]
    assert arrays.test_images[:, 0, 0, 0].tolist() == [0, 1, 0]
    assert arrays.test_labels.tolist() == [0, 0, 1]


def test_train_may_be_a_class_among_others(tmp_path: Path) -> None:
    assert read(fill(tmp_path, {"train": 2, "plane": 2})).classes == ("plane", "train")


def distinct(files: list[Path]) -> dict[Path, bytes]:
    """The digests of files of which no two are the same."""
    return {path: bytes(path) for path in files}


NAMES = st.sets(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=5), max_size=30)


@given(names=NAMES, fraction=st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_the_split_has_the_promised_sizes_and_each_file_once(names: set[str], fraction: float) -> None:
    files = [Path("elsewhere", name) for name in sorted(names)]
    train, test = split({"a": files}, fraction, distinct(files))
    assert sorted(train["a"] + test["a"]) == files
    if len(files) >= 2:
        assert 1 <= len(test["a"]) < len(files)
        assert abs(len(test["a"]) - fraction * len(files)) <= 1
    assert train["a"] == sorted(train["a"])
    assert test["a"] == sorted(test["a"])


@given(names=NAMES, new=st.text("abc", min_size=1))
def test_a_new_file_changes_the_part_of_one_other_at_most(names: set[str], new: str) -> None:
    before, after = (
        set(split({"a": files}, 0.2, distinct(files))[1]["a"])
        for files in ([Path(name) for name in sorted(known)] for known in (names, names | {new}))
    )
    assert len((before ^ after) - {Path(new)}) <= 1


def test_the_split_differs_between_classes() -> None:
    paths = {name: [Path(name, f"{number}.png") for number in range(40)] for name in ("a", "b")}
    test = split(paths, 0.5, distinct(paths["a"] + paths["b"]))[1]
    assert [path.name for path in test["a"]] != [path.name for path in test["b"]]


def test_the_split_is_the_same_in_any_folder(tmp_path: Path) -> None:
    shutil.copytree(fill(tmp_path / "x", {"a": 9, "b": 9}), tmp_path / "y")
    here, there = (read(tmp_path / name, test_fraction=0.5) for name in "xy")
    assert fingerprint(here) == fingerprint(there)


def test_hidden_files_and_folders_and_loose_files_are_ignored(tmp_path: Path) -> None:
    fill(tmp_path, {"a": 2, "b": 2})
    expected = fingerprint(read(tmp_path))
    fill(tmp_path, {".thumbnails": 3})
    (tmp_path / "a" / ".DS_Store").write_bytes(b"\0")
    (tmp_path / "README.md").write_text("mine")
    said: list[str] = []
    assert fingerprint(read(tmp_path, said)) == expected
    assert said == []


def test_folders_in_a_class_folder_belong_to_the_class(tmp_path: Path) -> None:
    fill(tmp_path, {"a/patient 1": 2, "a/patient 2/left": 3, "a": 1, "b": 2})
    (tmp_path / "b" / "empty").mkdir()
    arrays = read(tmp_path)
    assert arrays.classes == ("a", "b")
    assert len(arrays.train_labels) + len(arrays.test_labels) == 8
    assert sorted(np.bincount(arrays.train_labels)) == [1, 5]


def test_folders_that_a_split_of_our_own_divides_are_counted(tmp_path: Path) -> None:
    fill(tmp_path, {"a/patient 1": 6, "a/patient 2": 6, "a/patient 3": 1, "b": 2})
    said: list[str] = []
    read(tmp_path, said, test_fraction=0.5)
    assert len(said) == 1
    assert said[0].startswith("warning: 2 of 3 folders in class folders have images in both")


def test_what_is_beside_train_and_test_is_left_out_and_counted(tmp_path: Path) -> None:
    fill(tmp_path / "train", {"cat": 3, "dog": 4})
    fill(tmp_path / "test", {"cats": 0, "cat": 2, "dog": 1})
    expected = fingerprint(read(tmp_path))
    fill(tmp_path, {"val/cat": 3, "val/dog": 2, "bird": 2, "train": 1})
    fill(tmp_path, {".": 2})
    said: list[str] = []
    assert fingerprint(read(tmp_path, said)) == expected
    assert said == [
        f"warning: left out 7 files in {tmp_path}, in 'bird', 'val': beside train and test, no other folder is read; "
        "move what belongs to one of the two into it",
        f"warning: left out 1 images in {tmp_path / 'train'}, in no class folder: '00.png'",
    ]


def test_images_in_no_class_folder_are_counted(tmp_path: Path) -> None:
    fill(tmp_path, {"a": 2, "b": 2, ".": 7})
    (tmp_path / "README.md").touch()
    said: list[str] = []
    read(tmp_path, said)
    assert said == [
        f"warning: left out 7 images in {tmp_path}, in no class folder: "
        "'00.png', '01.png', '02.png', '03.png', '04.png' and 2 more"
    ]


@pytest.mark.parametrize("other", ["val", "Testing"])
def test_a_training_set_without_a_test_set_is_not_taken_for_a_class(tmp_path: Path, other: str) -> None:
    fill(tmp_path, {"Train/a": 2, "Train/b": 2, f"{other}/a": 1, f"{other}/b": 1})
    with pytest.raises(
        InputError, match=r"no two folders called train and test; rename them, or split .*/Train"
    ):
        read(tmp_path)
    assert read(tmp_path / "Train").classes == ("a", "b")


# --- links, which DVC does not always see through


@pytest.mark.parametrize("place", ["b", "a/more", "train", "val"])
def test_a_link_to_a_folder_is_refused(tmp_path: Path, place: str) -> None:
    fill(tmp_path / "elsewhere", {"x": 2})
    root = fill(tmp_path / "mine", {"a": 2, "c": 2, "test/a": 1})
    if place == "val":
        fill(root, {"train/a": 1})
    (root / place).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match=rf"{root / place} is a link to a folder, and DVC does not see"):
        read(root)


def test_links_to_files_and_to_the_whole_are_read(tmp_path: Path) -> None:
    root = fill(tmp_path / "mine", {"a": 3, "b": 3})
    expected = fingerprint(read(root))
    (root / "a" / "00.png").rename(tmp_path / "elsewhere.png")
    (root / "a" / "00.png").symlink_to("../../elsewhere.png")
    (tmp_path / "link").symlink_to(root)
    assert fingerprint(read(root)) == fingerprint(read(tmp_path / "link")) == expected


# --- files that are there twice


@given(
    kinds=st.lists(st.integers(0, 3), min_size=2, max_size=12),
    fraction=st.floats(0, 1, exclude_min=True, exclude_max=True),
)
def test_identical_files_of_a_class_are_never_divided(kinds: list[int], fraction: float) -> None:
    digests = {Path("a", str(number)): bytes([kind]) for number, kind in enumerate(kinds)}
    train, test = split({"a": list(digests)}, fraction, digests)
    assert sorted(train["a"] + test["a"]) == sorted(digests)
    assert train["a"]
    assert test["a"]
    if len(set(kinds)) > 1:
        assert not {digests[path] for path in train["a"]} & {digests[path] for path in test["a"]}


def test_files_that_are_in_both_sets_are_counted(tmp_path: Path) -> None:
    fill(tmp_path / "train", {"a": 3, "b": 3})
    fill(tmp_path / "test", {"a": 1, "b": 1})
    for name in ("a/00.png", "a/01.png", "b/00.png"):
        (tmp_path / "test" / name).write_bytes((tmp_path / "train" / name).read_bytes())
    said: list[str] = []
    read(tmp_path, said)
    assert said == [
        "warning: 3 training images have the same pixels as a test image, so that results look too good; "
        "remove them from one of the two: 'train/a/00.png', 'train/a/01.png', 'train/b/00.png'"
    ]


def test_files_that_are_in_two_classes_are_counted(tmp_path: Path) -> None:
    fill(tmp_path, {"a": 3, "b": 3, "c": 3})
    (tmp_path / "b" / "copy.png").write_bytes((tmp_path / "a" / "01.png").read_bytes())
    said: list[str] = []
    read(tmp_path, said)
    assert said[-1] == (
        "warning: 2 images have the same pixels in more than one class; keep each in the right one: "
        "'a/01.png', 'b/copy.png'"
    )


# --- what is no image


def damaged(path: Path) -> None:
    path.write_bytes(put(path.with_suffix(".png")).read_bytes()[:-40])
    path.with_suffix(".png").unlink()


def test_what_cannot_be_read_is_listed_with_its_reason_and_left_out(tmp_path: Path) -> None:
    fill(tmp_path, {"a": 2, "b": 2})
    expected = fingerprint(read(tmp_path))
    (tmp_path / "a" / "notes.txt").write_text("not an image")
    os.mkfifo(tmp_path / "a" / "pipe")
    (tmp_path / "b" / "empty.jpg").write_bytes(b"")
    damaged(tmp_path / "b" / "cut.jpg")
    (tmp_path / "b" / "dangling.jpg").symlink_to(tmp_path / "nowhere")
    Image.fromarray(np.zeros((4, 4), np.float32)).save(tmp_path / "b" / "float.tiff")
    said: list[str] = []
    assert fingerprint(read(tmp_path, said)) == expected
    assert said[-1] == "left out 6 of 10 files"
    reasons = dict(line.removeprefix(f"left out {tmp_path}/").split(": ", 1) for line in said[:-1])
    assert set(reasons) == {
        "a/notes.txt",
        "a/pipe",
        "b/empty.jpg",
        "b/cut.jpg",
        "b/dangling.jpg",
        "b/float.tiff",
    }
    assert reasons["a/notes.txt"] == reasons["b/empty.jpg"] == "not an image of a known format"
    assert reasons["a/pipe"] == "neither a file nor a folder"
    assert "No such file" in reasons["b/dangling.jpg"]
    assert "32 bits" in reasons["b/float.tiff"]


def test_of_many_files_that_are_left_out_twenty_are_listed(tmp_path: Path) -> None:
    fill(tmp_path, {"a": 2, "b": 2})
    for number in range(30):
        (tmp_path / "a" / f"{number}.txt").write_text("")
    said: list[str] = []
    read(tmp_path, said)
    assert len(said) == 21
    assert said[-1] == "left out 30 of 34 files"


@given(
    position=st.integers(0, 300),
    value=st.integers(0, 255),
    suffix=st.sampled_from(["png", "jpg", "gif", "bmp", "tiff"]),
)
@settings(deadline=None)
def test_a_damaged_file_is_read_or_left_out_never_crashed_on(
    tmp_path_factory: pytest.TempPathFactory, position: int, value: int, suffix: str
) -> None:
    root = fill(tmp_path_factory.mktemp("images"), {"a": 2, "b": 2})
    data = bytearray(put(root / "a" / f"x.{suffix}").read_bytes())
    data[position % len(data)] = value
    (root / "a" / f"x.{suffix}").write_bytes(data)
    assert len(read(root).train_labels) in (2, 3)


@pytest.mark.parametrize(
    ("sizes", "problem"),
    [
        ({}, "fewer than 2 classes; expected are folders train/<class>/ and test/<class>/, or just <class>/"),
        ({"a": 3}, "fewer than 2 classes"),
        ({"a": 3, "b": 0, "c": 0}, "the training set has no readable image of classes 'b', 'c'"),
        ({"a": 3, "b": 1}, "the test set has no readable image of class 'b'"),
        (
            {"train/a": 2, "train/b": 2, "train/c": 1, "test/a": 1, "test/b": 1},
            "the test set has no readable image of class 'c'",
        ),
        (
            {"train/a": 2, "train/b": 2, "test/a": 1, "test/b": 1, "test/c": 1},
            "the training set has no readable image of class 'c'",
        ),
        (
            {f"train/{name}": 1 for name in "abcdefgh"} | {"test/a": 1},
            "of classes 'b', 'c', 'd', 'e', 'f' and 2 more",
        ),
        ({"a\nb": 2, "c": 2}, "cannot name a class; rename the folder"),
        ({"a\udcff": 2, "c": 2}, "cannot name a class; rename the folder"),
    ],
)
def test_what_is_no_data_set_is_refused(tmp_path: Path, sizes: dict[str, int], problem: str) -> None:
    for name, size in sizes.items():
        (tmp_path / name).mkdir(parents=True)
        fill(tmp_path, {name: size})
    with pytest.raises(InputError) as refused:
        read(tmp_path)
    assert str(tmp_path) in str(refused.value)
    assert problem in str(refused.value)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"image_folder\.root: there is no folder .*/none; expected are"):
        read(tmp_path / "none")


# --- colours


def grey(value: int = 77) -> np.ndarray:
    return np.full((8, 8), value, np.uint8)


@pytest.mark.parametrize(
    ("color", "pixels", "channels"),
    [
        ("auto", grey(), 1),
        ("auto", np.stack([grey()] * 3, axis=-1), 1),  # grey, though stored in colour
        ("auto", PIXELS, 3),
        ("grey", PIXELS, 1),
        ("rgb", grey(), 3),
    ],
)
def test_the_number_of_channels(tmp_path: Path, color: str, pixels: np.ndarray, channels: int) -> None:
    fill(tmp_path, {"a": 2, "b": 2})
    put(tmp_path / "a" / "x.png", pixels)
    arrays = read(tmp_path, color=color)
    assert arrays.train_images.shape[1] == arrays.test_images.shape[1] == channels


def test_grey_is_as_bright_as_the_colours_were(tmp_path: Path) -> None:
    expected = PIXELS @ np.array([0.299, 0.587, 0.114])  # ITU-R 601
    assert np.abs(decode(put(tmp_path / "x.png"), 8, "L")[0] - expected).max() <= 1


# --- one image


def test_an_image_of_the_right_size_stays_as_it_is(tmp_path: Path) -> None:
    for suffix in ("png", "bmp", "tiff", "ppm"):
        result = decode(put(tmp_path / f"x.{suffix}"), 8, "RGB")
        np.testing.assert_array_equal(result, PIXELS.transpose(2, 0, 1), strict=True)


@pytest.mark.parametrize("transpose", [lambda pixels: pixels, lambda pixels: pixels.transpose(1, 0, 2)])
def test_the_largest_centred_square_is_taken(tmp_path: Path, transpose: Callable) -> None:
    wide = np.concatenate([np.zeros((8, 3, 3), np.uint8), PIXELS, np.full((8, 3, 3), 255, np.uint8)], axis=1)
    result = decode(put(tmp_path / "x.png", np.ascontiguousarray(transpose(wide))), 8, "RGB")
    np.testing.assert_array_equal(result, transpose(PIXELS).transpose(2, 0, 1))


@pytest.mark.parametrize("shape", [(1, 1), (3, 500), (1000, 700), (31, 32)])
@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_any_size_becomes_the_size_asked_for(tmp_path: Path, shape: tuple[int, int], suffix: str) -> None:
    result = decode(put(tmp_path / f"x.{suffix}", np.full((*shape, 3), 90, np.uint8)), 32, "RGB")
    assert result.shape == (3, 32, 32)
    assert result.dtype == np.uint8
    assert np.abs(result.astype(int) - 90).max() <= 1


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_a_fine_pattern_is_averaged_not_picked_from(tmp_path: Path, suffix: str) -> None:
    checks = (np.indices((512, 512)).sum(axis=0) % 2 * 255).astype(np.uint8)
    result = decode(put(tmp_path / f"x.{suffix}", checks), 32, "L")
    assert np.abs(result.astype(int) - 128).max() <= 3


# By the EXIF standard: where the first row and the first column of the stored image are.
UPRIGHT = {
    1: lambda stored: stored,
    2: np.fliplr,
    3: lambda stored: np.rot90(stored, 2),
    4: np.flipud,
    5: lambda stored: stored.transpose(1, 0, 2),
    6: lambda stored: np.rot90(stored, -1),
    7: lambda stored: np.rot90(stored, 2).transpose(1, 0, 2),
    8: np.rot90,
}


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("suffix", ["png", "tiff", "webp"])
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int, suffix: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(PIXELS).save(file := tmp_path / f"x.{suffix}", exif=exif, lossless=True)
    upright = UPRIGHT[orientation](PIXELS)
    np.testing.assert_array_equal(decode(file, 8, "RGB"), upright.transpose(2, 0, 1))


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    alpha = np.zeros((8, 8, 1), np.uint8)
    alpha[:4] = 255
    result = decode(put(tmp_path / "x.png", np.concatenate([PIXELS, alpha], axis=-1)), 8, "RGB")
    np.testing.assert_array_equal(result[:, :4], PIXELS.transpose(2, 0, 1)[:, :4])
    assert (result[:, 4:] == 255).all()
    assert (decode(put(tmp_path / "y.png", np.zeros((8, 8, 2), np.uint8)), 8, "L") == 255).all()


@pytest.mark.parametrize("suffix", ["png", "tiff", "pgm", "jp2"])
def test_sixteen_bits_of_grey_become_eight(tmp_path: Path, suffix: str) -> None:
    values = np.arange(64, dtype=np.uint16).reshape(8, 8) * 1024 + 5
    result = decode(put(tmp_path / f"x.{suffix}", values), 8, "L")
    np.testing.assert_array_equal(result[0], values // 256)


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_a_pgm_file_says_itself_which_value_is_white(tmp_path: Path, bits: int) -> None:
    values = np.arange(64).reshape(8, 8) * 65
    (tmp_path / "x.pgm").write_bytes(b"P5 8 8 4095\n" + values.astype(">u2").tobytes())
    result = decode(tmp_path / "x.pgm", 8, "L", bits)
    assert result[0, 7, 7] == 255
    np.testing.assert_allclose(result[0], values / 4095 * 255, atol=1)


def scan(root: Path, name: str, largest: int) -> Path:
    """A 16-bit file with a ramp of grey values up to the `largest`, begun elsewhere in each."""
    ramp = np.roll(np.linspace(0, largest, 64), zlib.crc32(name.encode()))
    return put(root / f"{name}.png", ramp.reshape(8, 8).round().astype(np.uint16))


def scans(root: Path, *largest: int) -> Path:
    """Two classes of 16-bit files with these largest values."""
    for label in "ab":
        for number, value in enumerate(largest):
            scan(root / label, f"{label}{number}", value)
    return root


def test_twelve_bits_in_sixteen_keep_their_grey_levels(tmp_path: Path) -> None:
    said: list[str] = []
    arrays = read(scans(tmp_path, 4095, 300), said)
    assert said == [
        "note: the largest grey value in 4 files of 16 bits is 4095: they are read as numbers of 12 bits "
        "(image_folder.bits)"
    ]
    images = np.concatenate([arrays.train_images, arrays.test_images])
    assert sorted(images.max(axis=(1, 2, 3))) == [18, 18, 255, 255], (
        "4095 / 16 and 300 / 16: one scale for all"
    )
    assert len(np.unique(images)) > 60


@pytest.mark.parametrize(
    ("bits", "largest", "white"),
    [
        ("auto", 65535, 255),
        ("auto", 4096, 128),
        ("auto", 200, 200),
        ("auto", 1, 1),
        (16, 4095, 15),
        (12, 4095, 255),
        (10, 4095, 255),
        (8, 200, 200),
    ],
)
def test_the_number_of_bits_says_which_value_is_white(
    tmp_path: Path, bits: int | str, largest: int, white: int
) -> None:
    said: list[str] = []
    images = read(scans(tmp_path, largest, largest), said, bits=bits).train_images
    assert images.max() == white
    assert len(said) == (bits == "auto")


def test_files_of_eight_bits_are_as_bright_as_they_were_beside_those_of_sixteen(tmp_path: Path) -> None:
    fill(tmp_path, {"a": 2, "b": 2})
    before = read(tmp_path).train_images[:, 0, 0, 0]
    scan(tmp_path / "a", "x", 4095)
    scan(tmp_path / "a", "y", 4095)
    assert set(before) < set(read(tmp_path).train_images[:, 0, 0, 0])


def test_colours_of_sixteen_bits_are_counted(tmp_path: Path) -> None:
    fill(tmp_path, {"a": 2, "b": 2})
    rows = b"".join(b"\0" + bytes(8 * 6) for _ in range(8))
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 8, 8, 16, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    png = b"\x89PNG\r\n\x1a\n"
    for kind, data in chunks:
        png += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    (tmp_path / "a" / "deep.png").write_bytes(png)
    said: list[str] = []
    assert len(read(tmp_path, said).train_labels) == 3
    assert said[0].startswith("warning: 1 files have colours of 16 bits, of which the upper 8 are read; if")


@pytest.mark.parametrize("suffix", ["tiff", "gif", "png", "webp"])
def test_files_with_further_pages_are_counted(tmp_path: Path, suffix: str) -> None:
    fill(tmp_path, {"a": 2, "b": 2})
    pages = [Image.fromarray(np.full((8, 8), value, np.uint8)) for value in (10, 20, 30)]
    pages[0].save(tmp_path / "a" / f"x.{suffix}", save_all=True, append_images=pages[1:])
    put(tmp_path / "b" / f"one.{suffix}", grey())
    said: list[str] = []
    arrays = read(tmp_path, said, test_fraction=0.01)
    values = [*arrays.train_images[:, 0, 0, 0], *arrays.test_images[:, 0, 0, 0]]
    assert sorted(values) == [0, 0, 1, 1, 10, 77], "the first page"
    assert said == [
        "warning: 1 files have further pages or frames, which are not read; save each as a file of its own: "
        f"'a/x.{suffix}'"
    ]


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [("1", "png"), ("P", "gif"), ("P", "png"), ("CMYK", "jpg"), ("CMYK", "tiff"), ("LA", "png")],
)
def test_other_modes_are_read(tmp_path: Path, mode: str, suffix: str) -> None:
    result = decode(put(tmp_path / f"x.{suffix}", np.full((8, 8, 3), 255, np.uint8), mode), 8, "RGB")
    assert (result >= 254).all()


@pytest.mark.parametrize(
    ("mode", "suffix"), [("P", "png"), ("P", "gif"), ("CMYK", "tiff"), ("CMYK", "jpg"), ("YCbCr", "tiff")]
)
def test_colours_of_other_modes_are_kept(tmp_path: Path, mode: str, suffix: str) -> None:
    flag = np.repeat(np.array([[[255, 0, 51], [0, 51, 255]]], np.uint8), 8, axis=0).repeat(4, axis=1)
    result = decode(put(tmp_path / f"x.{suffix}", flag, mode), 8, "RGB")
    assert np.abs(result - flag.transpose(2, 0, 1).astype(int)).max() <= 12


def test_a_transparent_colour_of_a_palette_is_white(tmp_path: Path) -> None:
    halves = Image.fromarray(np.repeat(np.array([[0], [1]], np.uint8), 4, axis=0).repeat(8, axis=1), "P")
    halves.putpalette([10, 20, 30, 40, 50, 60])
    halves.save(tmp_path / "x.png", transparency=1)
    result = decode(tmp_path / "x.png", 8, "RGB")
    assert (result[:, :4] == np.array([10, 20, 30])[:, None, None]).all()
    assert (result[:, 4:] == 255).all()


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "tiff", "webp", "ppm", "jp2"])
def test_what_is_cut_short_is_listed_and_left_out(tmp_path: Path, suffix: str) -> None:
    fill(tmp_path, {"a": 2, "b": 2})
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    whole = put(tmp_path / "a" / f"x.{suffix}", noise).read_bytes()
    (tmp_path / "a" / f"x.{suffix}").write_bytes(whole[: len(whole) // 2])
    said: list[str] = []
    assert len(read(tmp_path, said).train_labels) == 2
    assert said[0].startswith(f"left out {tmp_path / 'a'}/x.{suffix}: ")
    assert said[1:] == ["left out 1 of 5 files"]


def test_a_file_that_unpacks_to_gigabytes_is_left_out(tmp_path: Path) -> None:
    fill(tmp_path, {"a": 2, "b": 2})
    header = put(tmp_path / "a" / "x.bmp").read_bytes()
    (tmp_path / "a" / "x.bmp").write_bytes(header[:18] + struct.pack("<ii", 30_000, 30_000) + header[26:])
    said: list[str] = []
    read(tmp_path, said)
    assert said[0] == (
        f"left out {tmp_path / 'a' / 'x.bmp'}: it has more than 178 million pixels, which may fill the memory; "
        "make it smaller"
    )


# --- many classes, and the stages


def test_more_than_256_classes_have_labels_of_16_bits(tmp_path: Path) -> None:
    fill(tmp_path, {f"{number:03}": 2 for number in range(300)})
    arrays = read(tmp_path, pixels=2)
    assert arrays.train_labels.dtype == np.uint16
    assert arrays.train_labels.tolist() == arrays.test_labels.tolist() == list(range(300))


SAID_OF_N_MAX = (
    "note: n_max = 5 became 4, the most that classes of 2 to 8 images allow; a class with too few is always in "
    "the minority"
)


@pytest.mark.parametrize(
    ("changes", "sizes"),
    [
        ({"imbalance": "natural"}, [8, 4, 2]),
        ({"imbalance": "step", "rho": 2, "mu": 0.34, "n_max": 4}, [4, 4, 2]),
        ({"imbalance": "step", "rho": 2, "mu": 0.34, "n_max": 5}, [4, 4, 2]),
    ],
)
def test_the_stages_make_a_training_set_of_them(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    changes: dict,
    sizes: list[int],
) -> None:
    fill(tmp_path / "mine", {"a": 10, "b": 5, "c": 3})
    (tmp_path / "mine" / "a" / "notes.txt").write_text("")
    params = yaml.safe_load((REPOSITORY / "params.yaml").read_text())
    params |= {"dataset": "image_folder", "replicates": 2, **changes}
    params["image_folder"]["root"] = str(tmp_path / "mine")
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    monkeypatch.chdir(tmp_path)
    download.main()
    said = capsys.readouterr()
    assert said.out == f"image_folder: 14 training and 4 test images from {tmp_path / 'mine'}\n"
    assert said.err.endswith("notes.txt: not an image of a known format\nleft out 1 of 19 files\n")
    subset.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == (
        f"subset: {sum(sizes)} of 14 training images in each replicate, {min(sizes)} to {max(sizes)} a class"
    )
    assert (len(lines) == 2) == (changes.get("n_max") == 5)
    assert "".join(lines[1:]) in ("", SAID_OF_N_MAX)
    assert load(tmp_path / "data" / "raw" / "image_folder").classes == ("a", "b", "c")
    drawn = np.load(tmp_path / "data" / "subset" / "sizes.npy")
    assert [sorted(row, reverse=True) for row in drawn.tolist()] == [sizes] * 2
