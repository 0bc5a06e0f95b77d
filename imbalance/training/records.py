"""The records of a training: rows of the tables that it writes besides the weights."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class CurvePoint:
    """What a network achieves after `iteration` iterations.

    Accuracies are those on training batches since the last point, and on test images. The recalls are those
    of each class on samples of its training images, before any sampling method, and of its test images; NaN
    for a class without any.
    """

    iteration: int
    train_accuracy: float
    test_accuracy: float
    train_recalls: tuple[float, ...]
    test_recalls: tuple[float, ...]

    def numbers(self) -> list[float]:
        """Return the point as one list of numbers, from which `of_numbers` makes it again."""
        accuracies = self.train_accuracy, self.test_accuracy
        return [self.iteration, *accuracies, *self.train_recalls, *self.test_recalls]

    @classmethod
    def of_numbers(cls, numbers: Sequence[float]) -> "CurvePoint":
        """Make the point that `numbers` returned."""
        iteration, train_accuracy, test_accuracy, *recalls = numbers
        classes = len(recalls) // 2
        halves = tuple(recalls[:classes]), tuple(recalls[classes:])
        return cls(int(iteration), train_accuracy, test_accuracy, *halves)


def convergence(curve: Sequence[CurvePoint]) -> pd.DataFrame:
    """Return the accuracies of a curve as a table with a row for each point."""
    columns = ["iteration", "train_accuracy", "test_accuracy"]
    return pd.DataFrame([point.numbers()[:3] for point in curve], columns=columns).astype({"iteration": int})


def learning(curve: Sequence[CurvePoint]) -> pd.DataFrame:
    """Return the recalls of a curve as a table with a row for each point and class, by its number."""
    rows = [
        (point.iteration, label, *recalls)
        for point in curve
        for label, recalls in enumerate(zip(point.train_recalls, point.test_recalls, strict=True))
    ]
    return pd.DataFrame(rows, columns=["iteration", "label", "train_recall", "test_recall"])
