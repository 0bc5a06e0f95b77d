"""The records of a training: rows of the tables that it writes besides the weights."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CurvePoint:
    """Accuracies after `iteration` iterations: on training batches since the last point, on test images."""

    iteration: int
    train_accuracy: float
    test_accuracy: float
