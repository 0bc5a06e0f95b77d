"""Images decoded ahead: which crops, in which order, by how many threads, and with how little memory."""

import json
import subprocess
import sys
import threading
from itertools import count, repeat
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from imbalance.data.files import ImageFiles
from imbalance.data.streams import AHEAD, CENTRE, crop, read, stream
from imbalance.errors import InputError

RNG = np.random.default_rng(0)


def photos(folder: Path, pixels: list[np.ndarray], suffix: str = "png") -> ImageFiles:
    for number, each in enumerate(pixels):
        Image.fromarray(each).save(folder / f"{number}.{suffix}")
    return ImageFiles(np.array([b"%d.%s" % (n, suffix.encode()) for n in range(len(pixels))]), folder)


@pytest.fixture
def some(tmp_path: Path) -> tuple[ImageFiles, list[np.ndarray]]:
    """Files of images whose shorter side is 256 already, so that nothing is resized, and their pixels."""
    pixels = [RNG.integers(0, 256, (*shape, 3), np.uint8) for shape in ((256, 300), (290, 256), (256, 256))]
    return photos(tmp_path, pixels), pixels


def test_without_a_generator_the_centre_is_taken(some: tuple[ImageFiles, list[np.ndarray]]) -> None:
    files, pixels = some
    images = read(files, np.array([1, 0, 2]), None)
    assert images.shape == (3, 3, 224, 224)
    assert images.dtype == torch.uint8
    assert images.is_contiguous(memory_format=torch.channels_last)
    for image, source, (top, left) in zip(
        images, (pixels[1], pixels[0], pixels[2]), ((33, 16), (16, 38), (16, 16)), strict=True
    ):
        np.testing.assert_array_equal(
            image.permute(1, 2, 0), source[top : top + 224, left : left + 224], strict=True
        )


def test_with_a_generator_every_crop_and_both_directions_are_drawn() -> None:
    places = torch.stack([torch.arange(256).repeat(258, 1).T, torch.arange(258).repeat(256, 1)])
    places = torch.cat([places % 256, places[1:] // 256]).to(torch.uint8)  # (3, 256, 258): where a pixel was
    picture = Image.fromarray(places.permute(1, 2, 0).numpy())
    views = np.random.default_rng(0).random((3000, 3))
    seen = set()
    for view in views:
        image = crop(picture, view).int()
        columns = image[1, 0] + 256 * image[2, 0]
        mirrored = bool(columns[0] > columns[-1])
        assert columns.tolist() == sorted(columns.tolist(), reverse=mirrored)
        assert mirrored == (view[2] < 0.5)
        seen.add((int(image[0, 0, 0]), int(columns.min()), mirrored))
    assert {top for top, _, _ in seen} == set(range(256 - 224 + 1))
    assert {left for _, left, _ in seen} == set(range(258 - 224 + 1))
    assert 0.45 < np.mean(views[:, 2] < 0.5) < 0.55


@pytest.mark.parametrize("shape", [(375, 500), (500, 375), (100, 80), (1, 1), (2000, 300), (256, 3000)])
def test_any_size_is_resized_and_a_view_stays_inside(shape: tuple[int, int]) -> None:
    image = Image.new("RGB", shape, (77, 77, 77))
    for view in (CENTRE, np.zeros(3), np.full(3, np.nextafter(1, 0))):
        assert torch.equal(crop(image, view), torch.full((3, 224, 224), 77, dtype=torch.uint8))


def test_the_centre_of_a_resized_image_is_that_of_the_whole_one_resized() -> None:
    smooth = np.clip(np.add.outer(np.linspace(0, 120, 384), np.linspace(0, 120, 512)), 0, 255).astype(
        np.uint8
    )
    whole = Image.fromarray(smooth).resize((round(512 * 256 / 384), 256), Image.Resampling.BILINEAR)
    left, top = (whole.width - 224) // 2, 16
    expected = np.asarray(whole.crop((left, top, left + 224, top + 224))).astype(int)
    image = crop(Image.fromarray(smooth), CENTRE)[0].numpy()
    assert np.abs(image - expected).max() <= 2


def test_the_images_depend_on_the_generator_and_not_on_the_threads(
    some: tuple[ImageFiles, list[np.ndarray]],
) -> None:
    files, _ = some
    batches = [np.array([0, 1]), np.array([2]), np.array([2, 2, 0])] * 4
    one, many, other = (
        list(stream(files, zip(batches, repeat(np.random.default_rng(seed))), threads))
        for seed, threads in ((5, 1), (5, 8), (6, 1))
    )
    assert [len(images) for images in one] == [len(batch) for batch in batches]
    assert all(map(torch.equal, one, many))
    assert not any(map(torch.equal, one, other))
    rng = np.random.default_rng(5)  # one batch at a time gives the same
    assert all(
        torch.equal(images, read(files, batch, rng)) for images, batch in zip(one, batches, strict=True)
    )


def test_no_more_batches_are_asked_for_than_are_decoded_ahead(
    some: tuple[ImageFiles, list[np.ndarray]],
) -> None:
    asked = count()
    endless = ((np.array([next(asked) % 3]), None) for _ in iter(int, 1))
    images = stream(some[0], endless)
    for taken in range(1, 10):
        next(images)
        assert next(asked) <= taken + AHEAD + taken  # every look at the counter counts, too
    before = threading.active_count()
    images.close()
    assert threading.active_count() < before, "the threads end with the stream"


def test_a_colour_is_where_it_was_and_grey_becomes_three_channels(tmp_path: Path) -> None:
    red = np.zeros((256, 256, 3), np.uint8)
    red[..., 0] = 200
    images = read(photos(tmp_path, [red, np.full((256, 256), 9, np.uint8)]), np.arange(2), None)
    assert [channel.unique().tolist() for channel in images[0]] == [[200], [0], [0]]
    assert images[1].unique().tolist() == [9]


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_jpegs_are_decoded_as_by_pillow(tmp_path: Path, mode: str) -> None:
    Image.fromarray(RNG.integers(0, 256, (256, 256, 3), np.uint8)).convert(mode).save(tmp_path / "0.jpg")
    expected = np.asarray(Image.open(tmp_path / "0.jpg").convert("RGB"))[16:240, 16:240]
    files = ImageFiles(np.array([b"0.jpg"]), tmp_path)
    np.testing.assert_array_equal(read(files, np.array([0]), None)[0].permute(1, 2, 0), expected)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda data: data[: len(data) // 2], "truncated"),
        (lambda data: b"", "cannot identify"),
        (lambda data: b"<html>sign in</html>", "cannot identify"),
        (None, "is missing; name the folder"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, damage, reason: str) -> None:
    files = photos(tmp_path, [RNG.integers(0, 256, (64, 64, 3), np.uint8)] * 3, "jpg")
    if damage:
        (tmp_path / "1.jpg").write_bytes(damage((tmp_path / "1.jpg").read_bytes()))
    else:
        (tmp_path / "1.jpg").unlink()
    images = stream(files, [(np.array([0]), None), (np.array([1, 2]), None), (np.array([2]), None)])
    next(images)
    with pytest.raises(InputError, match=rf"{tmp_path / '1.jpg'} .*{reason}") as refused:
        next(images)
    assert "\n" not in str(refused.value)


INDEX_AND_STREAM = """
import json, resource, sys
from pathlib import Path
import numpy as np
from imbalance.data import arrays, streams
from imbalance.datasets import imagenet
root, out = map(Path, sys.argv[1:])
def mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
before = mib()
arrays.save(imagenet.index(root, print), out)
indexed = mib()
files = arrays.load(out).train_images
rng = np.random.default_rng(0)
batches = rng.permutation(len(files))[:4096].reshape(-1, 256)
images = sum(len(images) for images in streams.stream(files, [(batch, rng) for batch in batches], 2))
print(json.dumps({"files": len(files), "images": images, "before": before, "indexed": indexed, "after": mib()}))
"""


@pytest.mark.slow
def test_a_hundred_thousand_files_need_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "images"
    for number in range(300):
        (tmp_path / "distinct").mkdir(exist_ok=True)
        pixels = RNG.integers(0, 256, (48, 64, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / "distinct" / f"{number}.JPEG")
    for label in range(100):
        for part, size in (("train", 1000), ("val", 2)):
            (root / part / f"n{label:08}").mkdir(parents=True)
            for number in range(size):
                name = root / part / f"n{label:08}" / f"n{label:08}_{number}.JPEG"
                name.hardlink_to(tmp_path / "distinct" / f"{(label + number) % 300}.JPEG")
    monkeypatch.setenv("IMBALANCE_DATA_DIR", str(root))
    command = (sys.executable, "-c", INDEX_AND_STREAM, root, tmp_path / "index")
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    measured = json.loads(done.stdout.splitlines()[-1])
    print(measured)
    assert (measured["files"], measured["images"]) == (100_000, 4096)
    assert measured["indexed"] - measured["before"] < 100
    batch = 256 * 3 * 224 * 224 / 2**20
    assert measured["after"] - measured["before"] < 100 + 2 * (AHEAD + 2) * batch
    assert measured["after"] < 2048
