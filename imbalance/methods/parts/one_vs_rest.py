"""Synthetic images by imbalanced-learn's samplers, for one class after the other against all the rest."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from imbalance.data.examples import Examples
from imbalance.methods.parts.synthesis import restored


def fill_one_vs_rest(examples: Examples, sampler_of: Callable[[int, int, int], Any]) -> Examples:
    """Return the images, followed by synthetic images of each smaller class, to the size of the largest.

    `sampler_of(others, size, target)` is a sampler of imbalanced-learn for two classes: 0, the images of all
    other classes, and 1, which has `size` different images and grows to `target`. What it makes beyond the
    target is not taken. A class stays as it is if it has only one image, or if the sampler makes none, or
    raises a `RuntimeError`, as there are no images to start from.
    """
    labels = examples.labels.numpy()
    rows = examples.tensor.numpy().reshape(len(labels), -1).astype(np.float32)
    made_rows, made_labels = [rows[:0]], [labels[:0]]
    sizes = np.bincount(labels)
    for label in np.flatnonzero((sizes > 0) & (sizes < sizes.max())):
        others, own = rows[labels != label], np.unique(rows[labels == label], axis=0)
        if len(own) == 1:
            continue
        wanted = int(sizes.max() - sizes[label])
        sampler = sampler_of(len(others), len(own), len(own) + wanted)
        try:
            stacked, _ = sampler.fit_resample(
                np.concatenate([others, own]), np.repeat([0, 1], [len(others), len(own)])
            )
        except RuntimeError:
            continue
        made_rows.append(stacked[len(others) + len(own) :][:wanted])
        made_labels.append(np.full(len(made_rows[-1]), label))
    made = torch.from_numpy(np.concatenate(made_rows)).reshape(-1, *examples.tensor.shape[1:])
    made = restored(made, like=examples.tensor)
    return examples.and_also(Examples(made, torch.from_numpy(np.concatenate(made_labels))))
