"""Made images of two classes, of which it is known what their imbalance costs."""

from pathlib import Path

import numpy as np

from tests.builders.data import put

SIDE = 8  # pixels
NOISE = 45.0  # standard deviation of a pixel
BLOB = np.exp(-((np.indices((SIDE, SIDE)) - (SIDE - 1) / 2) ** 2).sum(0) / 8)


def with_blob(folder: Path, amplitude: float, seed: int = 0, **images: int) -> Path:
    """Write so many images of the classes `common`, which are noise, and `rare`, with a blob in the middle.

    The two are normal distributions with one covariance, d' = amplitude |BLOB| / NOISE apart. So balanced
    accuracy is at most Phi(d' / 2), and that of a network that is right as often as the class sizes rho allow
    (Phi(d' / 2 - s) + Phi(d' / 2 + s)) / 2, with s = ln(rho) / d'. With an amplitude of 27 and rho = 10 these
    are 0.86 and 0.74; with 120, 1.00 and 1.00.
    """
    rng = np.random.default_rng(seed)
    for name, count in images.items():
        for number in range(count):
            pixels = 100 + NOISE * rng.standard_normal((SIDE, SIDE)) + amplitude * BLOB * (name == "rare")
            put(folder / name / f"{number:04}.png", np.clip(pixels, 0, 255).astype(np.uint8))
    return folder
