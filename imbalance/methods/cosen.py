"""CoSen, costs that are learnt together with the network, in its cross-entropy form (Khan et al. 2018).

    L = -ln softmax(z + ln xi[y])[y]        costs xi (C, C) > 0, ones at first; predictions are argmax z
    xi <- xi + g (T - xi)        before each epoch; g <- g / 100 where the held-out error has grown
    T = H exp(-(S - m_s)^2 / (2 s_s^2)) exp(-(R - m_r)^2 / (2 s_r^2))        element by element

Rows are true classes. H[p, q] = max(h_p, h_q), where h are the class shares in training. S[p, q] is the
separability: the mean, over a sample of class p, of the distance in feature space to the nearest neighbour in
p, divided by the distance to the nearest in q; S[p, p] = 1. R[p, q] is the fraction of the held-out images of
class p that are classified as q.

The text of the paper (arXiv:1508.03422) was not at hand: this follows a re-implementation and summaries, and
g / 100 is from memory. Our choices: S is computed before each epoch, costs stay at least 1e-6, and the factor
of a class with too few images for S or R is 1.
"""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.losses import Context, cross_entropy
from imbalance.methods.parts.samplers import Labels
from imbalance.methods.parts.training import Training

SMALLEST_COST = 1e-6
SLOWDOWN = 0.01


class Cosen(Baseline):
    """`rate` is the initial g. The centres m and widths s are those of S and R, and S is computed from at
    most `sample` images per class. `validation` is the held-out fraction of the training set on which R and
    the error are measured.
    """

    kind: ClassVar[str] = "loss"
    asks_the_network: ClassVar[bool] = True
    corrects_priors: ClassVar[bool] = True

    validation: float = Field(default=0.1, gt=0, lt=1)
    rate: float = Field(default=0.1, ge=0, le=1)
    separability_centre: float = Field(default=0.5, ge=0, le=100)
    separability_width: float = Field(default=0.5, ge=0.01, le=100)
    confusion_centre: float = Field(default=0.5, ge=0, le=1)
    confusion_width: float = Field(default=0.5, ge=0.01, le=100)
    sample: int = Field(default=50, ge=2, le=10_000)

    @property
    def tunes(self) -> bool:
        """Always, as the costs follow the confusion matrix on held-out data."""
        return True

    def state(self, classes: int) -> dict[str, Tensor]:
        """Return the costs (C, C), the rate g, and the last held-out error."""
        return {
            "costs": torch.ones(classes, classes),
            "rate": torch.tensor(self.rate),
            "error": torch.tensor(torch.inf),
        }

    def refresh(
        self, state: Mapping[str, Tensor], labels: Labels, rng: np.random.Generator, training: Training
    ) -> dict[str, Tensor]:
        """Return the state after a step of the costs towards T."""
        costs = state["costs"]
        classes = len(costs)
        members = [np.flatnonzero(labels == label) for label in range(classes)]
        sampled = np.concatenate([rng.permutation(positions)[: self.sample] for positions in members])
        decided, truth = training.decisions()
        error = torch.tensor(np.mean(decided != truth), dtype=torch.float32)
        slowed = torch.where(error > state["error"], SLOWDOWN, 1.0)
        target = (
            larger_share(labels, classes)
            * bump(
                separability(training.features(sampled), labels[sampled], classes),
                self.separability_centre,
                self.separability_width,
            )
            * bump(confusion(decided, truth, classes), self.confusion_centre, self.confusion_width)
        )
        rate = state["rate"] * slowed
        learnt = torch.lerp(costs.double(), target, rate.double()).clamp(min=SMALLEST_COST)
        return {"costs": learnt.float(), "rate": rate, "error": error}

    def losses(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the cross entropies of the logits plus the logarithms of the true class's costs."""
        return cross_entropy(logits + context.state["costs"].log()[targets], targets)


def larger_share(labels: Labels, classes: int) -> Tensor:
    """Return H (C, C): the larger of the shares of two classes among labels (n,)."""
    shares = torch.from_numpy(np.bincount(labels, minlength=classes) / len(labels))
    return torch.maximum(shares[:, None], shares)


def separability(features: Tensor, labels: Labels, classes: int) -> Tensor:
    """Return S (C, C) of features (m, ...); NaN for absent classes, and in the row of a single example."""
    rows = features.flatten(1).double()
    distances = torch.cdist(rows, rows, compute_mode="donot_use_mm_for_euclid_dist")
    others = distances.fill_diagonal_(torch.inf)
    members = [torch.from_numpy(labels == label) for label in range(classes)]
    nothing = torch.full((len(rows), 1), torch.inf, dtype=torch.float64)
    nearest = torch.stack(
        [torch.cat([others[:, member], nothing], dim=1).amin(dim=1) for member in members], dim=1
    )
    nearest[nearest.isinf()] = torch.nan
    of_classes = [
        nearest[member, label, None] / nearest[member].clamp(min=torch.finfo(torch.float64).tiny)
        for label, member in enumerate(members)
    ]
    separabilities = torch.stack([ratios.mean(dim=0) for ratios in of_classes])
    return separabilities.fill_diagonal_(1)


def confusion(decided: Labels, truth: Labels, classes: int) -> Tensor:
    """Return R (C, C), the confusion matrix by true class; NaN in the row of a class not in `truth`."""
    counts = np.zeros((classes, classes))
    np.add.at(counts, (truth, decided), 1)
    sizes = counts.sum(axis=1, keepdims=True)
    return torch.from_numpy(np.where(sizes > 0, counts / np.maximum(sizes, 1), np.nan))


def bump(values: Tensor, centre: float, width: float) -> Tensor:
    """Return exp(-(v - centre)^2 / (2 width^2)) of each value v, and 1 for NaN."""
    return torch.exp(-((values - centre) ** 2) / (2 * width**2)).nan_to_num(1)
