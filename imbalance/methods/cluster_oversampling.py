"""Cluster-based oversampling (Jo & Japkowicz 2004): classes are balanced, and so are the clusters in each.

    m_cj -> M / k_c        M = max_c k_c max_j m_cj, m_cj images in cluster j of k_c in class c

Each class is clustered by k-means among its principal components (our choice), and the images of each cluster
are repeated at random. In the paper, M is that of the majority of two classes; here it is the largest of all,
so that no image is dropped. A class has no more clusters than different images. Where k_c does not divide M,
some of its clusters get an image more.
"""

from typing import ClassVar

import numpy as np
from pydantic import Field
from sklearn.cluster import KMeans

from imbalance.data.examples import Examples
from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.components import principal_components
from imbalance.methods.parts.samplers import resampled


class ClusterOversampling(Baseline):
    """`clusters` is k, the number of clusters a class; `components` the number of principal components."""

    kind: ClassVar[str] = "cluster sampling"

    clusters: int = Field(default=4, ge=1)
    components: int = Field(default=32, ge=1)

    def prepare(self, examples: Examples, rng: np.random.Generator) -> Examples:
        """Return the images, those of the smaller clusters repeated."""
        labels, rows = examples.labels.numpy(), principal_components(examples, self.components, rng)
        pixels = examples.tensor.numpy().reshape(len(labels), -1)
        clusters = []
        for label in np.unique(labels):
            members = np.flatnonzero(labels == label)
            most = min(self.clusters, len(np.unique(pixels[members], axis=0)))
            means = KMeans(most, n_init=10, random_state=int(rng.integers(2**31)))
            found = means.fit_predict(rows[members])
            clusters.append([members[found == cluster] for cluster in np.unique(found)])
        total = max(len(parts) * max(map(len, parts)) for parts in clusters)
        sampled = []
        for parts in clusters:
            share, left = divmod(total, len(parts))
            sampled += [resampled(part, share + (rank < left), rng) for rank, part in enumerate(parts)]
        return examples.at(np.concatenate(sampled))
