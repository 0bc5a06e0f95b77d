"""Benchmark of the image loader alone: how many images per second are read, decoded and cropped.

`python -m benchmarks.loader [folder]` uses the JPEGs anywhere below the folder, or makes some of ImageNet's
usual size, and prints Markdown. Every round times each number of threads, so that other load on the machine
affects all of them.
"""

import argparse
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from joblib import cpu_count
from PIL import Image

from imbalance.data.files import ImageFiles
from imbalance.data.streams import stream
from imbalance.datasets.imagenet import SUFFIXES
from imbalance.errors import InputError
from imbalance.reproducibility import arithmetic

ROUNDS, IMAGES, BATCH = 5, 1024, 64
SIZE, QUALITY = (500, 375), 95  # about 100 kB, like ImageNet's


def make(folder: Path, number: int) -> None:
    """Write JPEGs of random shapes, coarse and fine, which take as long to decode as photographs."""
    rng = np.random.default_rng(0)
    for index in range(number):
        layers = np.zeros((SIZE[1], SIZE[0], 3))
        for side, contrast in ((8, 0.6), (64, 0.25), (256, 0.15)):
            noise = Image.fromarray(rng.integers(0, 256, (side, side, 3), np.uint8))
            layers += contrast * np.asarray(noise.resize(SIZE, Image.Resampling.BICUBIC))
        Image.fromarray(layers.astype(np.uint8)).save(folder / f"{index}.jpg", quality=QUALITY)


def find(folder: Path) -> ImageFiles:
    """Return the JPEGs anywhere below a folder; raises `InputError` if there are none."""
    names = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not names:
        raise InputError(f"{folder} has no JPEG files; name another folder, or none.")
    return ImageFiles(np.array([bytes(name) for name in names]), folder)


def images_per_second(files: ImageFiles, threads: int, number: int) -> float:
    """Return the rate of streaming `number` random crops in batches, with the files used in turn."""
    rng = np.random.default_rng(0)
    batches = [
        (part, rng) for part in np.array_split(np.arange(number) % len(files), max(1, number // BATCH))
    ]
    begun = time.perf_counter()
    done = sum(len(images) for images in stream(files, batches, threads))
    return done / (time.perf_counter() - begun)


def report(files: ImageFiles, thread_counts: list[int], number: int, rounds: int) -> str:
    """Return the table of images per second by number of threads: the median and the range of the rounds."""
    images_per_second(files, 1, min(number, BATCH))  # warms up
    measured = [
        [images_per_second(files, threads, number) for threads in thread_counts] for _ in range(rounds)
    ]
    size = np.mean([files.path(at).stat().st_size for at in range(min(len(files), number))]) / 1000
    lines = [
        f"{len(files)} files, {size:.0f} kB on average",
        "",
        "| threads | images/s | range |",
        "|--:|--:|--:|",
    ]
    for threads, rates in zip(thread_counts, zip(*measured, strict=True), strict=True):
        lines.append(f"| {threads} | {median(rates):.0f} | {min(rates):.0f} to {max(rates):.0f} |")
    return "\n".join(lines)


def main() -> None:
    """Read the arguments, measure, and print the table."""
    parser = argparse.ArgumentParser(description="Measure the loader of images alone.")
    parser.add_argument("folder", type=Path, nargs="?", help="with JPEGs anywhere in it; default: made ones")
    parser.add_argument("--threads", type=int, nargs="+", default=sorted({1, 2, cpu_count()}))
    parser.add_argument("--images", type=int, default=IMAGES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    arithmetic.settle_torch()
    with TemporaryDirectory() as made:
        if arguments.folder is None:
            make(Path(made), min(arguments.images, 256))
        files = find(arguments.folder or Path(made))
        print(report(files, arguments.threads, arguments.images, arguments.rounds))


if __name__ == "__main__":
    main()
