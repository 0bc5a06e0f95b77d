"""Changed copies of images, which enlarge the smaller classes."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from imbalance.data.examples import Examples
from imbalance.methods.parts.samplers import resampled
from imbalance.methods.parts.synthesis import restored

CHUNK = 1000  # images that are changed at once, so that few are in memory as floats


def with_changed_copies(
    examples: Examples, target: int | None, change: Callable[[Tensor], Tensor], rng: np.random.Generator
) -> Examples:
    """Return the images, followed by changed copies of those of the smaller classes.

    Each class with fewer than `target` images (None: than the largest class has) grows to so many; its images
    are copied equally often, within one. `change` changes float images (m, channels, height, width), each in
    its own way; bytes are rounded and kept between 0 and 255.
    """
    labels = examples.labels.numpy()
    sizes = np.bincount(labels)
    wanted = int(sizes.max()) if target is None else target
    chosen = [labels[:0]]
    for label in np.flatnonzero((sizes > 0) & (sizes < wanted)):
        chosen.append(resampled(np.flatnonzero(labels == label), wanted - int(sizes[label]), rng))
    copied = examples.at(np.concatenate(chosen))
    if not len(copied.labels):
        return examples
    made = [restored(change(part.float()), part) for part in torch.split(copied.tensor, CHUNK)]
    return examples.and_also(Examples(torch.cat(made), copied.labels))
