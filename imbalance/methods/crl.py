"""Class rectification loss, CRL (Dong, Gong & Zhu 2019): triplets that widen the margins of small classes.

    L = (1 - alpha) CE + alpha L_crl        alpha = eta Omega, Omega = sum_c (n_max - n_c) / (C n_max)
    L_crl = mean over triplets (a, +, -) of max(0, m + d(a, +) - d(a, -))
    class level:     d(a, +) = |p_a - p_+|, d(a, -) = p_a - p_-        p: softmax score of the anchor's class
    instance level:  d = Euclidean distance of the features

The minority of a batch are its smallest classes, which together have at most half of its examples. Their
examples are the anchors a. Positives + are the kappa hardest of the anchor's class, negatives - the kappa
hardest of all others: at the class level those with the lowest and the highest p, at the instance level the
farthest and the nearest. Classes with a single example in the batch are left out, so small batches often have
no triplet.

The paper's text was not at hand: the formula of Omega is our reading of its description, and eta and kappa
are our choices. Public code has eta = 0.01, by which the triplets almost vanish; on held-out images of
scikit-learn's digits, no difference between eta from 0.01 to 0.5 was seen. Our choice, too: an anchor is not
its own positive, and ties are broken by label and by place in the batch.
"""

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor
from torch.nn.functional import one_hot

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.losses import Context, of_classes, of_targets


class Crl(Baseline):
    """`kappa` is the number of positives and of negatives of an anchor. `margin` is m; null stands for 0.5 at
    the class level, and for 2 pi / C at the instance level.
    """

    kind: ClassVar[str] = "loss"

    level: Literal["class", "instance"] = "class"
    eta: float = Field(default=0.5, ge=0, le=1)
    kappa: int = Field(default=3, ge=1, le=100)
    margin: float | None = Field(default=None, ge=0, le=100)

    def loss(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the weighted mean of the mean cross entropy and of the mean loss of the triplets."""
        alpha = self.eta * shortage(context.sizes)
        return (1 - alpha) * super().loss(logits, targets, context) + alpha * self.rectification(
            logits, targets, context.features
        )

    def rectification(self, logits: Tensor, targets: Tensor, features: Tensor) -> Tensor:
        """Return L_crl (...), which is 0 if the batch has no triplet."""
        classes, places = logits.shape[-1], torch.arange(targets.shape[-1], device=targets.device)
        if self.level == "class":
            margin, apart = 0.5, score_differences(logits.softmax(dim=-1), targets)
        else:
            margin, apart = 2 * torch.pi / classes, distances(features.flatten(targets.ndim))
        margin = margin if self.margin is None else self.margin
        alike = targets.unsqueeze(-1) == targets.unsqueeze(-2)
        positives = torch.where(alike & (places != places[:, None]), apart, -torch.inf)
        negatives = torch.where(alike, torch.inf, apart)
        # sorted, not `topk`: the order of equal values is defined
        farthest = positives.sort(dim=-1, descending=True, stable=True).values[..., : self.kappa, None]
        nearest = negatives.sort(dim=-1, stable=True).values[..., None, : self.kappa]
        anchors = of_classes(minority(targets, classes), targets)[..., None, None]
        exists = anchors & farthest.isfinite() & nearest.isfinite()
        hinges = margin + torch.where(exists, farthest, 0).abs() - torch.where(exists, nearest, 0)
        total = torch.where(exists, hinges.relu(), 0).sum(dim=(-3, -2, -1))
        return total / exists.sum(dim=(-3, -2, -1)).clamp(min=1)


def shortage(sizes: Tensor) -> Tensor:
    """Return Omega (...) of class sizes (..., C): the mean share that the classes lack of the largest."""
    return (1 - sizes / sizes.amax(dim=-1, keepdim=True)).mean(dim=-1)


def minority(targets: Tensor, classes: int) -> Tensor:
    """Return which classes (..., C) are the minority of a batch, and have two examples in it or more."""
    counts = one_hot(targets, classes).sum(dim=-2)
    ascending = counts.argsort(dim=-1, stable=True)
    up_to = counts.gather(-1, ascending).cumsum(dim=-1).gather(-1, ascending.argsort(dim=-1))
    return (2 * up_to <= targets.shape[-1]) & (counts >= 2)


def score_differences(scores: Tensor, targets: Tensor) -> Tensor:
    """Return p_a - p_k (..., B, B) of scores (..., B, C), both for the class of example a."""
    own = one_hot(targets, scores.shape[-1]).to(scores.dtype)
    return of_targets(scores, targets).unsqueeze(-1) - own @ scores.transpose(-1, -2)


def distances(features: Tensor) -> Tensor:
    """Return the Euclidean distances (..., B, B) of features (..., B, D), in float32 at least."""
    rows = features.to(torch.promote_types(features.dtype, torch.float32))
    return torch.cdist(rows, rows, compute_mode="donot_use_mm_for_euclid_dist")
