"""Classifier re-training, cRT (Kang et al. 2020): plainly trained features, a fresh, balanced classifier.

The network named by `start`, trained on the data as they are, gives the features; its classifier is drawn
afresh and trained with class-balanced sampling: every class alike, then an example of the class.
"""

from typing import ClassVar

from imbalance.methods.parts.retraining import ClassifierRetraining
from imbalance.methods.parts.samplers import Power, Sampler


class Crt(ClassifierRetraining):
    """`sampler` is class-balanced by default; the features keep their weights to the bit."""

    kind: ClassVar[str] = "retrained classifier"

    sampler: Sampler = Power(q=0)
