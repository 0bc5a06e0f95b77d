"""Classifier re-training, cRT (Kang et al. 2020): a new classifier, trained with class-balanced sampling.

The features are those of the network named by `start`, trained without resampling, and stay frozen. Its
classifier is re-initialised, and trained with class-balanced sampling, which draws a class uniformly, and
then an example of that class.
"""

from typing import ClassVar

from imbalance.methods.parts.retraining import ClassifierRetraining
from imbalance.methods.parts.samplers import Power, Sampler


class Crt(ClassifierRetraining):
    """`sampler` is class-balanced by default. The features are frozen, their weights the same bit for bit."""

    kind: ClassVar[str] = "retrained classifier"

    sampler: Sampler = Power(q=0)
