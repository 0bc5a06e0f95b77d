"""Working points of two classes: what a run asks of them, and thresholds for its aim.

An image is called positive if the log-odds ln(p / (1 - p)) of the positive class exceed a threshold. Chosen
on the test set, a threshold would make every method look better than it is, so it is chosen on training
images that are held out.
"""

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field

from imbalance.catalogue import suggestion
from imbalance.strict import Strict, shown

Floats = NDArray[np.float64]

AIMS = ("youden", "f1", "sensitivity", "cost")
ROUNDING = 1e-12
BEYOND = 1e6  # log-odds that no image has


class AtLeast(Strict):
    """The aim of a sensitivity: of the thresholds that reach it, the one with the highest specificity."""

    sensitivity: float = Field(gt=0, le=1)


class Cost(Strict):
    """The aim of a low cost: that of a missed positive is `cost` times that of a false alarm."""

    cost: float = Field(gt=0)


def _aim(value: Any) -> Any:
    """Build an aim from its word, or from the mapping {aim: number}."""
    word, number = next(iter(value.items())) if isinstance(value, dict) and len(value) == 1 else (value, None)
    if word in ("youden", "f1") and number is None:
        return word
    if word not in ("sensitivity", "cost"):
        raise ValueError(f"no aim {shown(value)}; {suggestion(str(word), AIMS)}")
    most = 1 if word == "sensitivity" else np.inf
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 < number <= most:
        limit = ", 1 at most" if word == "sensitivity" else ""
        raise ValueError(f"{word} is an aim with a number above 0{limit}; write it like {{{word}: 0.9}}")
    return AtLeast(sensitivity=number) if word == "sensitivity" else Cost(cost=number)


def _name(value: Any) -> Any:
    """Return the name of a class as text: a folder that is called 1 is a number in YAML."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _named(value: Any) -> Any:
    return {_name(name): share for name, share in value.items()} if isinstance(value, dict) else value


Aim = Annotated[Literal["youden", "f1"] | AtLeast | Cost, BeforeValidator(_aim)]
ClassName = Annotated[str, BeforeValidator(_name)]
Rate = Annotated[float, Field(gt=0, lt=1)]
Shares = Annotated[dict[str, Rate], BeforeValidator(_named)]


class TwoClasses(Strict):
    """What a run asks of two classes; the comments in `params.yaml` explain it."""

    positive: ClassName | None = None
    specificity: Rate = 0.95
    sensitivity: Rate = 0.95
    prevalence: Rate | None = None
    aim: Aim = "youden"


def threshold(log_odds: Floats, positive: NDArray[np.bool_], aim: Aim, prevalence: float) -> float:
    """Return the log-odds above which an image is called positive, chosen on held-out images for an aim.

    `log_odds` (M,) are those of the positive class, and `positive` (M,) marks its images; there are images of
    both classes. The candidates lie midway between neighbouring log-odds, and far beyond all of them
    (-1e6: all images are positive; 1e6: none is). Of candidates that are equally good, the lowest is chosen,
    with the highest sensitivity.
    """
    values = np.unique(log_odds)
    cuts = np.concatenate([[-BEYOND], (values[1:] + values[:-1]) / 2, [BEYOND]])
    sensitivity, false_alarms = rates(log_odds, positive, cuts, side="right")
    return float(cuts[np.argmax(_worth(sensitivity, false_alarms, aim, prevalence))])


def rates(
    log_odds: Floats, positive: NDArray[np.bool_], cuts: Floats, side: Literal["left", "right"] = "left"
) -> tuple[Floats, Floats]:
    """Return the shares (K,) of the positive and of the negative images above each of the cuts (K,).

    `log_odds` (M,) are those of the positive class, and `positive` (M,) marks its images. An image whose
    log-odds are those of the cut is above it if the cut is on its `left`, and below it if on its right.
    """
    sensitivity, false_alarms = (
        1 - np.searchsorted(np.sort(log_odds[members]), cuts, side=side) / np.count_nonzero(members)
        for members in (positive, ~positive)
    )
    return sensitivity, false_alarms


def _worth(sensitivity: Floats, false_alarms: Floats, aim: Aim, prevalence: float) -> Floats:
    """Return how well working points (K,) serve an aim; `false_alarms` are their false positive rates.

    Youden's (1950) index is sensitivity + specificity - 1. F1 and costs are those at a prevalence.
    """
    if aim == "youden":
        worth = sensitivity - false_alarms
    elif aim == "f1":
        worth = f1(sensitivity, false_alarms, prevalence)
    elif isinstance(aim, AtLeast):
        reached = sensitivity >= aim.sensitivity - ROUNDING
        worth = np.where(reached, 1 - false_alarms, -1)
    elif isinstance(aim, Cost):
        worth = -(aim.cost * prevalence * (1 - sensitivity) + (1 - prevalence) * false_alarms)
    return np.round(worth / ROUNDING) * ROUNDING  # equals stay equal


def f1(sensitivity: Any, false_alarms: Any, prevalence: float) -> Any:
    """Return the F1 score of the positive class at a prevalence, 2 TP / (2 TP + FP + FN), of rates (...)."""
    hits = prevalence * sensitivity
    return 2 * hits / (hits + (1 - prevalence) * false_alarms + prevalence)


def constants(threshold: float, positive: int) -> Floats:
    """Return what the rule "threshold" adds to ln p (2,), by the number of the positive class."""
    return np.where(np.arange(2) == positive, -threshold, 0.0)
