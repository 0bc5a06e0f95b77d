"""What a training reports besides weights: rows of the tables that it leaves."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CurvePoint:
    """Accuracy after `iteration` iterations: of the training batches since the last point, of test images."""

    iteration: int
    train_accuracy: float
    test_accuracy: float
