"""The search over several networks, of which the best is kept (Buda et al. 2018, §3.3.2).

Some networks never learn: they predict a single class, and their loss stays at ln C, that of a guess. They
are *stuck*: a search draws them again once, and keeps them only if there is no other network.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr, log_softmax

Protocol = Literal["clean", "paper"]
State = Literal["trained", "stuck", "diverged"]


@dataclass(frozen=True)
class Candidate:
    """A network to try: its base rate, and the number of its draw of initial weights and batches."""

    base_lr: float
    draw: int


@dataclass(frozen=True)
class Trial:
    """The outcome of a candidate; AUCs are NaN if it diverged, or if no data are held out."""

    base_lr: float
    draw: int
    state: State
    validation_auc: float
    test_auc: float


def candidates(base_lr: Sequence[float], repeats: int) -> list[Candidate]:
    """Return all networks to try: every rate with every draw."""
    return [Candidate(rate, draw) for rate in base_lr for draw in range(repeats)]


def again(candidate: Candidate, repeats: int) -> Candidate | None:
    """Return the replacement of a candidate that is stuck or has diverged: the same rate, another draw.

    It is None for a candidate that is a replacement itself.
    """
    return Candidate(candidate.base_lr, candidate.draw + repeats) if candidate.draw < repeats else None


def is_stuck(logits: NDArray[np.floating], labels: NDArray[np.integer]) -> bool:
    """Return whether a network is no better than a guess on images with logits (n, C) and labels (n,).

    It then predicts a single class, and its cross entropy is not below that of the best constant prediction,
    the class shares; nor is the class mean of its cross entropy below ln C. A single predicted class does not
    suffice, as a network that has learned something may also predict only a class that is far the largest.
    """
    shares = np.bincount(labels) / len(labels)
    if len(np.unique(logits.argmax(axis=1))) > 1 or np.count_nonzero(shares) < 2:
        return False
    losses = -log_softmax(logits, axis=1)[np.arange(len(labels)), labels]
    by_class = [losses[labels == label].mean() for label in np.unique(labels)]
    limits = entr(shares).sum(), np.log(logits.shape[1])
    return bool(losses.mean() > 0.999 * limits[0] and np.mean(by_class) > 0.999 * limits[1])


def best(trials: Sequence[Trial], protocol: Protocol) -> int:
    """Return the index of the trial to keep, by its AUC: on the test set for "paper", as Buda et al. did.

    For "clean", it is the AUC on held-out data. Trained networks go before others; of equals, the first is
    kept.
    """

    def rank(index: int) -> tuple[bool, float]:
        trial = trials[index]
        return trial.state == "trained", trial.test_auc if protocol == "paper" else trial.validation_auc

    return max(range(len(trials)), key=rank) if len(trials) > 1 else 0
