"""tau-normalisation (Kang et al. 2020): class weights of equal norms, without training.

    w_c <- w_c / |w_c|^tau        without bias, as in the authors' code

Frequent classes have longer weights. tau = 1 makes them all alike, 0 changes nothing but the bias. Tuned, it
is chosen by the mean recall on data held out of training, of the classes that have an image there; the
authors' script chooses by the test set.
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
    """`tau`, or none to tune it on the fraction `validation`, which `start` must have held out too.

    From `initial`, it trains a network of its own first.
    """

    kind: ClassVar[str] = "retrained classifier"
    needs_linear_classifier: ClassVar[bool] = True
    corrects_priors: ClassVar[bool] = True
    goes_on_from: ClassVar[tuple[Head, ...]] = ("own",)

    tau: float | None = Field(default=1, ge=0, le=10)

    @property
    def trains(self) -> Trains:
        """Nothing, where it starts from trained networks."""
        return "network" if self.start == "initial" else "nothing"

    @property
    def tunes(self) -> bool:
        """Whether tau is chosen by held-out data."""
        return self.tau is None

    def finish(
        self, classifier: nn.Linear, training: Examples, validation: Examples, rng: np.random.Generator
    ) -> nn.Module:
        """The classifier with its weights normalised."""
        if self.tau is not None:
            return linear(normalised(classifier.weight, self.tau))
        candidates = [linear(normalised(classifier.weight, tau)) for tau in GRID]
        scores = [
            mean_recall(in_batches(candidate, validation.inputs).numpy(), validation.labels.numpy())
            for candidate in candidates
        ]
        return candidates[int(np.argmax(scores))]


def normalised(weight: Tensor, tau: float) -> Tensor:
    """Rows (C, D) divided by their norms to the power tau; a row of zeros stays as it is."""
    norms = weight.detach().norm(dim=1, keepdim=True)
    return weight.detach() / norms.where(norms > 0, 1) ** tau
