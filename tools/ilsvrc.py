"""Make a folder like that of ILSVRC 2012, of ten synsets of small images: `python -m tools.ilsvrc <folder>`.

It serves to try what reads such a folder. As in the real one, images have many sizes, some are grey, some
have the four inks of print (CMYK), one is a PNG despite its name, and one class has fewer images.
"""

import sys
from colorsys import hsv_to_rgb
from pathlib import Path

import numpy as np
from PIL import Image

from imbalance.errors import InputError
from stages import run

# The first ten of ImageNet's 1 000.
SYNSETS = (
    *("n01440764", "n01443537", "n01484850", "n01491361", "n01494475"),
    *("n01496331", "n01498041", "n01514668", "n01514859", "n01518878"),
)
TRAIN, FEWER, VAL = 12, 8, 2  # images of a class; of the last one; of each in val
SIDES = 60, 400  # pixels, of the smallest and of the largest images
GREY, CMYK = 4, 7  # every such image of a class is one
A_PNG = "train/n01440764/n01440764_0.JPEG"


def make(folder: Path) -> int:
    """Write the images below a folder, which must not exist yet, and return how many they are."""
    if folder.exists():
        raise InputError(f"{folder} exists already; name another folder, or delete it.")
    rng = np.random.default_rng(0)
    places = [(label, n, f"train/{synset}/{synset}_{n}.JPEG") for label, synset, n in _images(TRAIN, FEWER)]
    places += [
        (label, n, f"val/{synset}/ILSVRC2012_val_{label * VAL + n + 1:08}.JPEG")
        for label, synset, n in _images(VAL, VAL)
    ]
    for label, number, place in places:
        file = folder / place
        file.parent.mkdir(parents=True, exist_ok=True)
        mode = "L" if number % GREY == GREY - 1 else "CMYK" if number % CMYK == CMYK - 1 else "RGB"
        form = "PNG" if place == A_PNG else "JPEG"
        _picture(label, rng).convert(mode).save(file, format=form)
    return len(places)


def _images(usual: int, of_last: int) -> list[tuple[int, str, int]]:
    """Return the label, the synset, and the number in its class of each image of a set."""
    last = len(SYNSETS) - 1
    return [
        (label, synset, number)
        for label, synset in enumerate(SYNSETS)
        for number in range(of_last if label == last else usual)
    ]


def _picture(label: int, rng: np.random.Generator) -> Image.Image:
    """Return an image of a random size: noise in the colour of its class, which is light or dark, too."""
    width, height = rng.integers(*SIDES, 2)
    colour = np.array(hsv_to_rgb(label / len(SYNSETS), 0.8, (label + 2) / (len(SYNSETS) + 1)))
    pixels = 255 * colour + rng.normal(0, 20, (height, width, 3))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def main(arguments: list[str]) -> None:
    """Make the folder that is named, and print what is in it."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        raise InputError("name the folder to make: `python -m tools.ilsvrc <folder>`.")
    (folder,) = map(Path, arguments)
    print(f"{folder}: {make(folder)} images of {len(SYNSETS)} synsets, in train and val")


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
