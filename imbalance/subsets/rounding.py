"""Rounding of class sizes, which are quotients of decimal numbers that binary numbers only approximate."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

DIGITS = 9  # decimals that count; what lies behind them is an error of binary arithmetic


def clean(sizes: ArrayLike) -> NDArray[np.float64]:
    """Return sizes without the errors of binary arithmetic, ready to be rounded up or down.

    >>> float(np.ceil(115 / 1.15)), float(np.ceil(clean(115 / 1.15)))
    (101.0, 100.0)
    >>> float(np.floor(100 * 1.15)), float(np.floor(clean(100 * 1.15)))
    (114.0, 115.0)
    """
    with np.errstate(over="ignore"):  # of a ratio beyond all measure
        return np.asarray(np.round(np.asarray(sizes, np.float64), DIGITS), np.float64)
