"""BalanceCascade (Liu, Wu & Zhou 2009) of CNNs: what one member classifies well, the next are not trained on.

    f_c = (n_min / n_c)^(1 / (T - 1))        after member i, round(n_c f_c^i) images of class c remain
    p = 1/T sum_t p_t

Each member is trained on all images of the smallest class and on as many random ones of every other, drawn
from those that remain. Then it is evaluated on all that remain, and of each class c, those with the largest
p_c are removed. So the last member is trained on the n_min images of each class that are the hardest.

The original has two classes and AdaBoosted members: it sets the threshold of each member such that a share f
of the majority is classified wrongly, removes the others, and keeps the thresholds in the sum. Ranking by p_c
within each class, for more than two classes, and averaging the probabilities without thresholds, are our
reading.
"""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from torch import nn

from imbalance.data.examples import Examples, in_batches
from imbalance.methods.easy_ensemble import EasyEnsemble
from imbalance.methods.parts import held_out


class BalanceCascade(EasyEnsemble):
    """`subsets` is T: so many networks are trained one after another, each from weights of its own."""

    is_sequential: ClassVar[bool] = True

    def remaining(self, training: Examples, previous: Sequence[nn.Module]) -> Examples:
        """The images that every previous member left: of each class, those that it classified worst."""
        labels = training.labels.numpy()
        sizes = np.bincount(labels)
        smallest = int(sizes[sizes > 0].min())
        left = np.arange(len(labels))
        for trained, member in enumerate(previous, start=1):
            logits = in_batches(member, training.at(left).inputs).numpy()
            # log-odds have the order of p_c, also of those that are rounded to 1
            certainty = held_out.log_odds(logits)[np.arange(len(left)), labels[left]]
            hardest = left[np.argsort(certainty, kind="stable")]
            kept = []
            for label in np.unique(labels):
                size = remaining_size(int(sizes[label]), smallest, trained, self.subsets)
                kept.append(hardest[labels[hardest] == label][:size])
            left = np.sort(np.concatenate(kept))
        return training.at(left)


def remaining_size(size: int, smallest: int, trained: int, members: int) -> int:
    """How many of a class of `size` images remain after so many `trained` members of all, T = `members`.

    >>> [remaining_size(5000, 500, trained, members=4) for trained in range(4)]
    [5000, 2321, 1077, 500]
    """
    return round(size * (smallest / size) ** (trained / (members - 1)))
