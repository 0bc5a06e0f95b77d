"""Trying several networks, to keep one (Buda et al. 2018, §3.3.2): which are tried, and which is the best.

Some networks never learn: all images get the same class, and the loss stays at ln C, that of a guess. These
are stuck; they are drawn once more, and kept only where there is no other.
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
    """A network to try: its base rate, and which draw of initial weights and batches it is."""

    base_lr: float
    draw: int


@dataclass(frozen=True)
class Trial:
    """What became of a candidate; NaN for the AUC of one that diverged, or where nothing is held out."""

    base_lr: float
    draw: int
    state: State
    validation_auc: float
    test_auc: float


def candidates(base_lr: Sequence[float], repeats: int) -> list[Candidate]:
    """All networks to try: every rate with every draw."""
    return [Candidate(rate, draw) for rate in base_lr for draw in range(repeats)]


def again(candidate: Candidate, repeats: int) -> Candidate | None:
    """What is tried in place of a candidate that is stuck or has diverged: another draw, once."""
    return Candidate(candidate.base_lr, candidate.draw + repeats) if candidate.draw < repeats else None


def is_stuck(logits: NDArray[np.floating], labels: NDArray[np.integer]) -> bool:
    """Whether a network is no better than a guess on these images: logits (n, C), labels (n,).

    It decides for one class alone, and its cross entropy is not below that of the best constant answer, the
    shares of the classes; nor, averaged over the classes, below ln C. A network that has learned something
    may decide for one class alone, too, where that is far larger than all others.
    """
    shares = np.bincount(labels) / len(labels)
    if len(np.unique(logits.argmax(axis=1))) > 1 or np.count_nonzero(shares) < 2:
        return False
    losses = -log_softmax(logits, axis=1)[np.arange(len(labels)), labels]
    by_class = [losses[labels == label].mean() for label in np.unique(labels)]
    limits = entr(shares).sum(), np.log(logits.shape[1])
    return bool(losses.mean() > 0.999 * limits[0] and np.mean(by_class) > 0.999 * limits[1])


def best(trials: Sequence[Trial], protocol: Protocol) -> int:
    """Which of the trials is kept: "paper" looks at the test set, as Buda et al. did, "clean" does not.

    Those that are stuck count only among themselves; of equals, the first.
    """

    def rank(index: int) -> tuple[bool, float]:
        trial = trials[index]
        return trial.state == "trained", trial.test_auc if protocol == "paper" else trial.validation_auc

    return max(range(len(trials)), key=rank) if len(trials) > 1 else 0
