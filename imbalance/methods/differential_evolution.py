"""Costs by differential evolution after training (Zhang, Tan et al. 2016: CSDBN-DE, in portable form).

    y = argmax_c c_c p_c        costs c in (0, 1]^C that maximise the G-mean of recalls on held-out data

The optimiser is scipy's differential evolution, with the paper's classic settings: mutation 0.5, crossover
0.9. It searches ln c, which is then added to the classifier's bias: z + ln c. Only the ratios of costs
matter, so the largest is 1. A class with a single training image has no held-out image; it takes no part in
the search, and its cost is 1.
"""

from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from scipy.optimize import Bounds, differential_evolution
from torch import nn

from imbalance.data.examples import Examples, in_batches
from imbalance.methods.baseline import Baseline, Head, Trains
from imbalance.methods.parts.classifiers import linear
from imbalance.methods.parts.held_out import g_mean, mean_recall

SMALLEST_COST = 1e-3


class DifferentialEvolution(Baseline):
    """The search makes `population` times `generations` evaluations on the held-out fraction `validation` of
    the training set, which `start` must have held out too.
    """

    kind: ClassVar[str] = "costs after training"
    needs_linear_classifier: ClassVar[bool] = True
    corrects_priors: ClassVar[bool] = True
    goes_on_from: ClassVar[tuple[Head, ...]] = ("own",)

    validation: float = Field(default=0.1, gt=0, lt=1)
    population: int = Field(default=50, ge=5, le=1000)
    generations: int = Field(default=100, ge=1, le=10_000)

    @property
    def trains(self) -> Trains:
        """Nothing, unless it starts from `initial`: then the network is trained first."""
        return "network" if self.start == "initial" else "nothing"

    @property
    def tunes(self) -> bool:
        """Always, as the costs are optimised on held-out data."""
        return True

    def finish(
        self, classifier: nn.Linear, training: Examples, validation: Examples, rng: np.random.Generator
    ) -> nn.Module:
        """Return the classifier with the logarithms of the costs added to its bias."""
        log_p = in_batches(classifier, validation.inputs).log_softmax(dim=1).double().numpy()
        log_costs = self.evolve(log_p, validation.labels.numpy(), np.bincount(training.labels), rng)
        return linear(classifier.weight, classifier.bias + torch.from_numpy(log_costs).float())

    def evolve(
        self,
        log_p: NDArray[np.float64],
        labels: NDArray[np.integer],
        sizes: NDArray[np.integer],
        rng: np.random.Generator,
    ) -> NDArray[np.float64]:
        """Return the best ln c (C,) for held-out log-probabilities (M, C) and `labels` (M,).

        The initial population includes uniform costs, and costs inverse to the training `sizes` (C,). The
        largest ln c is 0, as is that of every class that is not among the labels. If the G-mean is zero, the
        mean recall minus 1 takes its place, which is below any positive G-mean.
        """
        known = np.unique(labels)

        def of_all(log_costs: NDArray[np.float64]) -> NDArray[np.float64]:
            every = np.zeros(log_p.shape[1])
            every[known] = log_costs - log_costs.max()
            return every

        def misfit(log_costs: NDArray[np.float64]) -> float:
            scores = log_p + of_all(log_costs)
            return -(g_mean(scores, labels) or mean_recall(scores, labels) - 1)

        initial = np.log(rng.uniform(SMALLEST_COST, 1, (self.population, len(known))))
        initial[0] = 0
        initial[1] = np.maximum(np.log(sizes[known].min() / sizes[known]), np.log(SMALLEST_COST))
        bounds = Bounds(np.full(len(known), np.log(SMALLEST_COST)), np.zeros(len(known)))
        found = differential_evolution(
            misfit,
            bounds,
            strategy="rand1bin",
            init=initial,
            maxiter=self.generations,
            mutation=0.5,
            recombination=0.9,
            tol=0,
            polish=False,
            rng=rng,
        )
        return of_all(found.x)
