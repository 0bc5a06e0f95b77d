"""Two-phase training (Havaei et al. 2017; Buda et al. 2018, §3.2): balanced features, imbalanced classifier.

Phase 1 trains the whole network on a balanced set: it is the method named by `start`, over- or undersampling.
Phase 2, this method, trains the classifier alone on the original, imbalanced set. The learning-rate policy
starts again, the momentum buffers are empty, and the learning rate is a tenth of the recipe's.
"""

from typing import ClassVar

from pydantic import Field

from imbalance.methods.baseline import Baseline, Trains


class TwoPhase(Baseline):
    """Only the classifier is trained; the features are frozen, their weights the same bit for bit."""

    kind: ClassVar[str] = "schedule"
    needs_trained_start: ClassVar[bool] = True

    lr_factor: float = Field(default=0.1, ge=1e-6, le=1000)

    @property
    def trains(self) -> Trains:
        """The classifier, on frozen features."""
        return "classifier"
