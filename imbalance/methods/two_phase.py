"""Two-phase training (Havaei et al. 2017; Buda et al. 2018, §3.2): balanced features, imbalanced classifier.

Phase 1 trains the whole network on a balanced set: that is the method named by `start`, over- or
undersampling. Phase 2, this one, trains the classifier alone on the original, imbalanced set, with the
schedule started again, fresh momentum, and a tenth of the learning rate.
"""

from typing import ClassVar, Literal

from pydantic import Field, field_validator

from imbalance.methods.baseline import Baseline


class TwoPhase(Baseline):
    """The features keep their weights to the bit; only the classifier is trained."""

    trains: ClassVar[Literal["network", "classifier"]] = "classifier"

    lr_factor: float = Field(default=0.1, gt=0)

    @field_validator("start")
    @classmethod
    def _starts_from_trained_networks(cls, start: str) -> str:
        if start == "initial":
            raise ValueError(
                "phase 2 needs trained features; start from another method, such as oversampling"
            )
        return start
