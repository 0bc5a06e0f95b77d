"""Principal components of images, in which nearest neighbours and clusters are found."""

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from imbalance.data.examples import Examples


def principal_components(examples: Examples, count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the first principal components (n, count) of the pixels, fewer for fewer images or pixels.

    Pixels are centred and not scaled: all have the same unit, and to divide each by its standard deviation
    would magnify those that are nearly always black. A search among neighbours takes a twentieth of the time.
    """
    rows = examples.tensor.numpy().reshape(len(examples.labels), -1).astype(np.float32)
    solver = PCA(min(count, *rows.shape), svd_solver="randomized", random_state=int(rng.integers(2**31)))
    components: NDArray[np.float32] = solver.fit_transform(rows)
    return components
