"""Deep over-sampling, DOS (Ando & Huang 2017): small classes learn from neighbours in feature space.

    L_i = l_f + l_g        for an example of a small class, with embedding f and label y
    l_f = sum_j w_j |f - v_j|^2 / D        l_g = sum_j rho_j CE(g(v_j), y)
    rho_j = exp(-w_j |f - v_j|^2 / D) / sum_l exp(-w_l |f - v_l|^2 / D)

v_1, ..., v_k are the embeddings of the example's k nearest neighbours in its class, without itself, and w are
random weights that sum to 1. Their weighted mean, at which l_f is least, is a synthetic example. v_j and
rho_j are constants for the gradient: l_f trains the features alone, and l_g the classifier g alone.
Embeddings, neighbours and weights are renewed before each epoch. All other examples, and the only one of a
class, have the cross entropy. In the paper, each example of a class has r_c ~ n_max / n_c weight vectors;
here, classes are oversampled, and each time an example is drawn it has the vector of its place in the batch.
Of r_c draws, one has the cross entropy on average, as the real example among the synthetic ones; without it,
features would learn to tell small classes apart in the warm-up only.

The paper's text was not at hand: this follows summaries. Our choices: the division by the D features; w is
uniform on the simplex; small classes have at most n_max / 2 examples; the real draws; and the warm-up.
"""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import torch
from pydantic import Field
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.losses import Context, cross_entropy
from imbalance.methods.parts.samplers import Indices, Labels, Oversampling, Sampler
from imbalance.methods.parts.training import Training


class Dos(Baseline):
    """`neighbors` is k; smaller classes use fewer. `warm_up` is the fraction of training by cross entropy."""

    kind: ClassVar[str] = "synthetic features"
    asks_the_network: ClassVar[bool] = True

    sampler: Sampler = Oversampling()
    neighbors: int = Field(default=5, ge=1, le=100)
    warm_up: float = Field(default=0.2, ge=0, le=1)

    def refresh(
        self, state: Mapping[str, Tensor], labels: Labels, rng: np.random.Generator, training: Training
    ) -> dict[str, Tensor]:
        """Return the embeddings (m, ...) of the small classes' examples, with their neighbours and weights.

        `rows` (n,) are the training examples' rows, `neighbours` (m, k) rows, too; -1 is none. `real` (m,) is
        1 / r_c. Each place in a batch has `weights`, and one of the `lots`: below `real`, an example is real.
        """
        small = small_examples(labels)
        if not len(small):
            return {}
        sizes, rows = np.bincount(labels), np.full(len(labels), -1)
        rows[small] = np.arange(len(small))
        embeddings = training.features(small)
        weights = rng.dirichlet(np.ones(self.neighbors), training.batch).astype(np.float32)
        return {
            "rows": torch.from_numpy(rows),
            "embeddings": embeddings,
            "neighbours": torch.from_numpy(nearest(embeddings, labels[small], self.neighbors)),
            "real": torch.from_numpy(sizes[labels[small]] / sizes.max()).float(),
            "weights": torch.from_numpy(weights),
            "lots": torch.from_numpy(rng.random(training.batch, np.float32)),
        }

    def loss(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the mean of the examples' losses."""
        entropy, state = cross_entropy(logits, targets), context.state
        if not state:  # no class is small
            return entropy.mean(dim=-1)
        rows, batch = state["rows"][context.positions], targets.ndim
        neighbours = state["neighbours"][rows.clamp(min=0)]
        centres = state["embeddings"][neighbours.clamp(min=0)]
        differences = (context.features.unsqueeze(batch) - centres).flatten(batch + 1)
        weights = state["weights"][: targets.shape[-1]] * (neighbours >= 0)
        weights = weights / weights.sum(dim=-1, keepdim=True).clamp(min=torch.finfo(weights.dtype).tiny)
        of_features, shares = micro_cluster(differences.square().mean(dim=-1), weights)
        others = context.classifier(centres.flatten(batch - 1, batch)).reshape(*neighbours.shape, -1)
        of_classifier = (shares * cross_entropy(others, targets.unsqueeze(-1).expand_as(shares))).sum(dim=-1)
        is_real = state["lots"][: targets.shape[-1]] < state["real"][rows.clamp(min=0)]
        clustered = (rows >= 0) & ~is_real & (context.progress >= self.warm_up)
        return torch.where(clustered, of_features + of_classifier, entropy).mean(dim=-1)


def micro_cluster(distances: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Return l_f (...) and rho (..., k), without gradient, of squared distances and weights w (..., k)."""
    weighted = weights * distances
    exponents = torch.where(weights > 0, -weighted.detach(), -torch.inf)
    return weighted.sum(dim=-1), exponents.softmax(dim=-1).nan_to_num(0)


def small_examples(labels: Labels) -> Indices:
    """Return the positions of the examples of small classes, except for those that are alone."""
    sizes = np.bincount(labels)
    return np.flatnonzero(((2 * sizes <= sizes.max()) & (sizes > 1))[labels])


def nearest(embeddings: Tensor, labels: Labels, neighbors: int) -> Indices:
    """Return the rows (m, k) of the nearest neighbours of embeddings (m, ...) in their class, or -1."""
    points = embeddings.flatten(1).numpy()
    neighbours = np.full((len(labels), neighbors), -1)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        count = min(neighbors, len(members) - 1)
        found = NearestNeighbors(n_neighbors=count).fit(points[members]).kneighbors(return_distance=False)
        neighbours[members, :count] = members[found]
    return neighbours
