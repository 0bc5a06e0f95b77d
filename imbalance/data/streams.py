"""Decoding of image files in the background while the device computes.

Only the next few batches are in memory. Channels are in the order red, green, blue. Caffe's published
networks take blue first, which only permutes the weights of their first layer.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from joblib import cpu_count
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

from imbalance.data.files import DATA_DIR, SIDE, ImageFiles
from imbalance.errors import InputError

SHORTER_SIDE = 256  # pixels, before cropping
AHEAD = 4  # batches; of 256 images, 154 MB

Positions = NDArray[np.integer]
View = NDArray[np.float64]  # (3,): the crop's position from top and from left, and mirroring; each in [0, 1)
CENTRE = np.full(3, 0.5)


def read(files: ImageFiles, positions: Positions, rng: np.random.Generator | None) -> Tensor:
    """Read the images at the given positions, uint8 (n, 3, 224, 224), in channels-last layout.

    They are centre crops or, with `rng`, random crops that are mirrored with probability 1/2. Raises
    `InputError`, which names the file, if one is missing or damaged.
    """
    (images,) = stream(files, [(positions, rng)])
    return images


def stream(
    files: ImageFiles,
    batches: Iterable[tuple[Positions, np.random.Generator | None]],
    threads: int | None = None,
) -> Iterator[Tensor]:
    """Yield the images of each batch of positions, as `read` returns them; threads decode them in advance.

    By default there is one thread per core. Each batch has its own generator for its crops, so that they
    depend neither on the threads nor on other batches.
    """
    pool = ThreadPoolExecutor(threads or cpu_count())
    coming: deque[tuple[Tensor, list[Future[None]]]] = deque()

    def next_images() -> Tensor:
        images, parts = coming.popleft()
        for part in parts:
            part.result()
        return images

    try:
        for positions, rng in batches:
            if len(coming) == AHEAD:
                yield next_images()
            views = np.tile(CENTRE, (len(positions), 1)) if rng is None else rng.random((len(positions), 3))
            images = torch.empty((len(positions), 3, SIDE, SIDE), dtype=torch.uint8)
            images = images.to(memory_format=torch.channels_last)
            chosen = files[positions]
            parts = [
                pool.submit(_read_into, images[at], chosen.path(at), view) for at, view in enumerate(views)
            ]
            coming.append((images, parts))
        while coming:
            yield next_images()
    finally:
        pool.shutdown(cancel_futures=True)


def _read_into(image: Tensor, path: Path, view: View) -> None:
    """Read one file into `image` (3, 224, 224)."""
    try:
        with Image.open(path) as opened:
            opened.draft("RGB", (SHORTER_SIDE, SHORTER_SIDE))  # decodes large JPEGs at a fraction of the size
            image.copy_(crop(opened, view))
    except FileNotFoundError as error:
        raise InputError(
            f"{path} is missing; name the folder that holds train and val with {DATA_DIR}=..., or run "
            "`dvc repro --force download`, if other images are meant."
        ) from error
    except Exception as error:  # damaged files: OSError, SyntaxError, ValueError, struct.error, and more
        raise InputError(f"{path} is no readable image ({error}); fetch it again.") from error


def crop(image: Image.Image, view: View) -> Tensor:
    """Resize an image's shorter side to 256 and crop a part (3, 224, 224) of it (Buda et al. 2018, §3.3).

    A `view` of 0.5 everywhere is the centre crop, not mirrored. For speed, the crop is taken first, rounded
    to whole pixels of the original, and only this part is resized, with antialiasing.
    """
    size = np.array([image.height, image.width])
    scale = SHORTER_SIDE / size.min()
    corner = np.floor(view[:2] * (np.rint(size * scale) - SIDE + 1))
    (top, left), (bottom, right) = np.rint(np.array([corner, corner + SIDE]) / scale).astype(int)
    part = torch.from_numpy(np.array(image.crop((left, top, right, bottom)).convert("RGB")))
    # torch resizes three times as fast as Pillow
    resized = functional.interpolate(
        part.permute(2, 0, 1)[None], (SIDE, SIDE), mode="bilinear", antialias=True
    )[0]
    return resized.flip(-1) if view[2] < 0.5 else resized
