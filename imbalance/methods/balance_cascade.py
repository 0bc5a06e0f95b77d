"""BalanceCascade (Liu, Wu & Zhou 2009) of CNNs: later members omit what earlier ones classify well.

    f_c = (n_min / n_c)^(1 / (T - 1))        after member i, round(n_c f_c^i) images of class c remain
    p = 1/T sum_t p_t

Each member is trained on all images of the smallest class and on as many random images of every other class,
drawn from those that remain. It is then evaluated on all remaining images, and the images of each class c
with the largest p_c are removed. So the last member is trained on the hardest n_min images of each class.

The original has two classes and AdaBoosted members. It sets the threshold of each member such that a share f
of the majority is classified wrongly, removes the rest of the majority, and keeps the thresholds in the sum.
Our reading, for more than two classes, ranks images by p_c within each class, and averages probabilities
without thresholds.
"""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from torch import nn

from imbalance.data.examples import Examples, in_batches
from imbalance.methods.easy_ensemble import EasyEnsemble
from imbalance.methods.parts import held_out


class BalanceCascade(EasyEnsemble):
    """`subsets` is T, the number of networks, trained in sequence, each from its own initial weights."""

    is_sequential: ClassVar[bool] = True

    def remaining(self, training: Examples, previous: Sequence[nn.Module]) -> Examples:
        """Return the images that the previous members leave: those of each class that they classify worst."""
        labels = training.labels.numpy()
        sizes = np.bincount(labels)
        smallest = int(sizes[sizes > 0].min())
        left = np.arange(len(labels))
        for trained, member in enumerate(previous, start=1):
            logits = in_batches(member, training.at(left).inputs).numpy()
            # log-odds have the same order as p_c, and still differ where p_c is rounded to 1
            certainty = held_out.log_odds(logits)[np.arange(len(left)), labels[left]]
            hardest = left[np.argsort(certainty, kind="stable")]
            kept = []
            for label in np.unique(labels):
                size = remaining_size(int(sizes[label]), smallest, trained, self.subsets)
                kept.append(hardest[labels[hardest] == label][:size])
            left = np.sort(np.concatenate(kept))
        return training.at(left)


def remaining_size(size: int, smallest: int, trained: int, members: int) -> int:
    """Return how many of a class's `size` images remain after `trained` of all T = `members` members.

    >>> [remaining_size(5000, 500, trained, members=4) for trained in range(4)]
    [5000, 2321, 1077, 500]
    """
    return round(size * (smallest / size) ** (trained / (members - 1)))
