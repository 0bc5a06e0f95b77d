"""Remarks that a user should read before a method is trained on its subsets."""

from collections.abc import Iterator, Sequence

import numpy as np

from imbalance.config.priors import corrections
from imbalance.datasets.folders import some
from imbalance.methods.baseline import Baseline
from imbalance.subsets.subset import Subset


def remarks(key: str, method: Baseline, classes: tuple[str, ...], drawn: Sequence[Subset]) -> Iterator[str]:
    """Yield the remarks on a method and its subsets."""
    if len(found := corrections(method)) > 1:
        yield (
            f"warning: {key}: {' and '.join(found)} make up for the class priors; together they "
            "overshoot towards the minority."
        )
    alone = np.any([subset.sizes == 1 for subset in drawn], axis=0)
    if method.tunes and alone.any():
        yield (
            f"note: {key}: a class with a single training image has none held out, so nothing is tuned for "
            f"it: {some([classes[label] for label in np.flatnonzero(alone)])} (in at least one replicate)."
        )
