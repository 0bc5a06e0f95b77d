"""K-means SMOTE (Douzas, Bacao & Last 2018): SMOTE inside clusters where the class is frequent.

    cluster j makes the share g_j / sum_j g_j of new images        g_j = d_j^a / m_j

d_j is the mean distance of the m_j images of the class in cluster j, so that most are made where images are
sparse. All images are clustered by k-means; a cluster counts for a class if the class's share of it is at
least its share of all images. That is our choice: in the paper, with two classes, the share is one half,
which a rare class among ten reaches nowhere. By imbalanced-learn, one class against all others in turn, on
pixels, with its exponent a. Where no cluster that counts has more than `neighbors` images of the class, it is
filled by SMOTE (our choice); a class's only image is repeated.
"""

from typing import Any, ClassVar

import numpy as np
from imblearn.over_sampling import KMeansSMOTE as Sampler
from pydantic import Field

from imbalance.data.examples import Examples
from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.one_vs_rest import fill_one_vs_rest
from imbalance.methods.parts.synthesis import smote


class KmeansSmote(Baseline):
    """Every class grows to the size of the largest. `neighbors` are those of SMOTE; classes with fewer images
    use fewer.
    """

    kind: ClassVar[str] = "synthetic images"

    clusters: int = Field(default=8, ge=1)
    neighbors: int = Field(default=2, ge=1)

    def prepare(self, examples: Examples, rng: np.random.Generator) -> Examples:
        """Return the real images, followed by the synthetic images, rounded to bytes."""

        def sampler_of(others: int, own: int, target: int) -> Any:
            return Sampler(
                sampling_strategy={1: target},
                random_state=int(rng.integers(2**31)),
                k_neighbors=min(self.neighbors, own - 1),
                kmeans_estimator=min(self.clusters, others + own),
                cluster_balance_threshold=own / (others + own),
            )

        return smote(fill_one_vs_rest(examples, sampler_of), self.neighbors, rng)
