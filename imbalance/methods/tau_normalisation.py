"""tau-normalisation (Kang et al. 2020): the classifier's weight norms are equalised, without training.

    w_c <- w_c / |w_c|^tau        without bias, as in the authors' code

Frequent classes have larger weight norms. tau = 1 makes all norms equal; tau = 0 only removes the bias. A
tuned tau maximises the mean recall on held-out data, over the classes that have an image there; the authors'
script tunes on the test set.
"""

from typing import ClassVar

import numpy as np
from pydantic import Field
from torch import Tensor, nn

from imbalance.data.examples import Examples, in_batches
from imbalance.methods.baseline import Baseline, Head, Trains
from imbalance.methods.parts.classifiers import linear
from imbalance.methods.parts.held_out import mean_recall

GRID = np.arange(0, 2.01, 0.1)


class TauNormalisation(Baseline):
    """`tau` is a number, or null to tune it on the held-out fraction `validation`, which `start` must have
    held out too. With `start: initial`, it first trains a network of its own.
    """

    kind: ClassVar[str] = "rule of classification"
    needs_linear_classifier: ClassVar[bool] = True
    corrects_priors: ClassVar[bool] = True
    goes_on_from: ClassVar[tuple[Head, ...]] = ("own",)

    tau: float | None = Field(default=1, ge=0, le=10)

    @property
    def trains(self) -> Trains:
        """Nothing, unless it starts from `initial`: then the network is trained first."""
        return "network" if self.start == "initial" else "nothing"

    @property
    def tunes(self) -> bool:
        """Whether tau is tuned on held-out data."""
        return self.tau is None

    def finish(
        self, classifier: nn.Linear, training: Examples, validation: Examples, rng: np.random.Generator
    ) -> nn.Module:
        """Return the classifier with normalised weights."""
        if self.tau is not None:
            return linear(normalised(classifier.weight, self.tau))
        candidates = [linear(normalised(classifier.weight, tau)) for tau in GRID]
        scores = [
            mean_recall(in_batches(candidate, validation.inputs).numpy(), validation.labels.numpy())
            for candidate in candidates
        ]
        return candidates[int(np.argmax(scores))]


def normalised(weight: Tensor, tau: float) -> Tensor:
    """Return rows (C, D) divided by their norms to the power of tau; a row of zeros stays as it is."""
    norms = weight.detach().norm(dim=1, keepdim=True)
    return weight.detach() / norms.where(norms > 0, 1) ** tau
