"""Two-phase training (Havaei et al. 2017; Buda et al. 2018, §3.2): balanced features, imbalanced classifier.

Phase 1 trains the whole network on a balanced set: that is the method named by `start`, over- or
undersampling. Phase 2, this one, trains the classifier alone on the original, imbalanced set, with the
schedule started again, fresh momentum, and a tenth of the learning rate.
"""

from typing import ClassVar

from pydantic import Field

from imbalance.methods.baseline import Baseline, Trains


class TwoPhase(Baseline):
    """The features keep their weights to the bit; only the classifier is trained."""

    kind: ClassVar[str] = "schedule"
    needs_trained_start: ClassVar[bool] = True

    lr_factor: float = Field(default=0.1, ge=1e-6, le=1000)

    @property
    def trains(self) -> Trains:
        """The classifier, on features that do not change."""
        return "classifier"
