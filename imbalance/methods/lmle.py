"""Large margin local embedding, LMLE (Huang et al. 2016): quintuplets keep clusters of a class apart.

    L = CE + mean over quintuplets of max(0, g_1 + D(p+) - D(p-)) + max(0, g_2 + D(p-) - D(p--))
                                      + max(0, g_3 + D(p--) - D(n))
    D(q) = |a - q|^2 of the L2-normalised features of an anchor a and of q

p+ is the farthest example of the anchor's cluster, p- the nearest of another cluster of its class, p-- the
farthest of its class, and n the nearest of another class. The clusters are those of k-means within each
class. Quintuplets are mined `rounds` times, and each class has as many of them. The final classifier decides
by the nearest of all cluster centers.

The paper's text was not at hand: this follows summaries. Our choices: the margins g; a class of one cluster
has the last term alone, with p-- = p+; the cross entropy, without which the network would have no classifier
in training; and the nearest center in place of the paper's rule over several centers, which is the same for
one. The paper mines among a random half of the data; here, it is among at most `sample` random examples a
class. In a batch, an anchor follows its quintuplet once more, by which the loss finds those that no end of a
batch has cut.
"""

from collections.abc import Iterator
from itertools import cycle, islice
from typing import Annotated, Any, ClassVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import normalize

from imbalance.data.examples import Examples
from imbalance.methods.baseline import Baseline, Head
from imbalance.methods.parts.classifiers import NearestCluster
from imbalance.methods.parts.losses import Context
from imbalance.methods.parts.quintuplets import cluster_centers, clusters, quintuplets, triple_header
from imbalance.methods.parts.samplers import Indices, Labels
from imbalance.methods.parts.training import Training

Margin = Annotated[float, Field(ge=0, le=4)]


class Lmle(Baseline):
    """`margins` are g. Each class has a cluster for every `cluster_size` of its examples, rounded up."""

    kind: ClassVar[str] = "loss"
    asks_the_network: ClassVar[bool] = True
    needs_trained_start: ClassVar[bool] = True
    needs_linear_classifier: ClassVar[bool] = True

    margins: tuple[Margin, Margin, Margin] = (0.1, 0.1, 0.2)
    cluster_size: int = Field(default=200, ge=1)
    rounds: int = Field(default=4, ge=1, le=1000)
    sample: int = Field(default=500, ge=1)

    def ends_with(self, start: Head) -> Head:
        """Return the head of the centers of clusters."""
        return "clusters"

    def epochs(self, labels: Labels, rng: np.random.Generator, training: Training) -> Iterator[Indices]:
        """Yield rounds of quintuplets, each followed by its anchor; the anchors' classes take turns."""
        length = -(-training.iterations * training.batch // (6 * self.rounds))
        classes = np.unique(labels)
        while True:
            members = [rng.permutation(np.flatnonzero(labels == label))[: self.sample] for label in classes]
            positions = np.concatenate(members)
            own = labels[positions]
            rows = normalize(training.features(positions), dim=1).numpy()
            table = positions[quintuplets(rows, own, clusters(rows, own, self.cluster_size, rng))]
            turns = cycle([cycle(table[own == label]) for label in classes])
            drawn = [next(turn) for turn in islice(turns, length)]
            yield np.concatenate([[*quintuplet, quintuplet[0]] for quintuplet in drawn])

    def loss(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the mean cross entropy, plus the mean loss of the whole quintuplets in the batch."""
        entropy, starts = super().loss(logits, targets, context), targets.shape[-1] - 5
        if starts < 1:
            return entropy
        places, labels = context.positions.unfold(-1, 6, 1), targets.unfold(-1, 6, 1)
        alike = labels == labels[..., :1]
        exists = (places[..., 0] == places[..., 5]) & alike[..., 1:4].all(dim=-1) & ~alike[..., 4]
        rows = normalize(context.features, dim=-1)
        others = torch.stack([rows[..., role : starts + role, :] for role in (1, 2, 3, 4)], dim=-2)
        distances = (rows[..., :starts, None, :] - others).square().sum(dim=-1)
        losses = triple_header(distances, self.margins, places[..., 1] != places[..., 2])
        return entropy + torch.where(exists, losses, 0).sum(dim=-1) / exists.sum(dim=-1).clamp(min=1)

    def finish(
        self, classifier: Any, training: Examples, validation: Examples, rng: np.random.Generator
    ) -> nn.Module:
        """Return the classifier by the nearest center, of the clusters of all training examples."""
        rows, labels = normalize(training.tensor, dim=1).numpy(), training.labels.numpy()
        found = clusters(rows, labels, self.cluster_size, rng)
        return NearestCluster(cluster_centers(rows, labels, found, classifier.out_features))
