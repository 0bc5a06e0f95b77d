"""The answer in six lines: numbers and words are decided by the measures of the studies of step imbalance."""

from collections.abc import Iterator, Mapping

import pandas as pd

from imbalance.studies.contrasts import Effect, Source, by_condition, effect
from imbalance.studies.costs import WHERE, costs
from imbalance.studies.words import ACCURACY, AUC, MINUS, THRESHOLDED, gains, imbalanced, named, place, points

QUESTION = "My classes are imbalanced. What does that cost a CNN, and which remedy gets it back?"
Effects = Mapping[tuple[float, ...], Effect]


def lines(source: Source, full: Source, harder: Source) -> Iterator[tuple[str, str]]:
    """Yield the lines of the answer, each with the words that it begins with.

    `source` has the measures of the grid, `full` those at the full schedule, `harder` those of a small
    network on CIFAR-10 with the same minority classes in all replicates. Differences are means over the
    replicates, in % points; a condition counts if the whole 95 % interval is on one side of zero.
    """
    some = imbalanced(source)
    accuracy, auc = (_ends(_negative(costs(source, *column))) for column in (ACCURACY, AUC))
    yield "Imbalance costs", f"{accuracy} points of accuracy, against balanced classes; of ROC AUC {auc}."
    over = gains(some, ("oversampling", *AUC), ("baseline", *AUC))
    yield "Oversampling", f"{_better(over)} in ROC AUC, by {_ends(over, signed=True)}."
    under = gains(some, ("undersampling", *AUC), ("baseline", *AUC))
    yield "Undersampling", f"{_better(under)} in ROC AUC, by {_ends(under, signed=True)}."
    raised = gains(some, ("baseline", *THRESHOLDED), ("baseline", *ACCURACY))
    yield (
        "Thresholding,",
        f"which costs nothing, {_better(raised)} in accuracy, by {_ends(raised, signed=True)}. "
        f"Of all, {_highest(some)}.",
    )
    whole = imbalanced(full)
    longer = by_schedule(some, whole)
    oversampled, undersampled = (
        _better(gains(whole, (name, *AUC), ("baseline", *AUC))) for name in ("oversampling", "undersampling")
    )
    (budget,) = some.of("baseline", *AUC).reset_index()["budget"].unique()
    yield (
        "Train longer first:",
        f"all this is at {budget:g} of the paper's schedule, and the whole of it changes the untreated "
        f"network's ROC AUC by {_ends(longer, signed=True)}. Oversampling then {oversampled}; "
        f"undersampling {undersampled}. In accuracy, {_highest(whole)}.",
    )
    yield "On a harder task,", on_harder_task(harder)


def on_harder_task(harder: Source) -> str:
    """Return what of the answer is the same, and what is not, for a small network on CIFAR-10."""
    some = imbalanced(harder)
    lost = _ends(_negative(costs(harder, *ACCURACY)))
    over = gains(some, ("oversampling", *AUC), ("baseline", *AUC))
    raised = gains(some, ("baseline", *THRESHOLDED), ("baseline", *ACCURACY))
    return (
        f"CIFAR-10 with a small network, imbalance costs {lost} points of accuracy. Oversampling there "
        f"{_better(over)} in ROC AUC, by {_ends(over, signed=True)}; thresholding {_better(raised)} in "
        f"accuracy, by {_ends(raised, signed=True)}."
    )


def by_accuracy(some: Source) -> list[tuple[str, str]]:
    """Return the methods, each with a rule, by their accuracy averaged over the conditions, highest first."""
    means = {
        (method, rule): some.of(method, measure, rule).groupby(WHERE).mean().mean()
        for method in some.methods
        for measure, rule in (ACCURACY, THRESHOLDED)
    }
    return sorted(means, key=lambda key: -means[key])


def by_schedule(some: Source, full: Source) -> Effects:
    """Return what the full schedule changes of the baseline's ROC AUC, at each condition."""
    at_full, at_short = (each.of("baseline", *AUC).droplevel("budget") for each in (full, some))
    change: pd.Series = (at_full - at_short).dropna()
    return by_condition(change, WHERE)


def _highest(some: Source) -> str:
    """Return which method has the highest mean accuracy, and whether it differs from the next one."""
    first, second, *_ = by_accuracy(some)
    ahead = effect(some.of(first[0], ACCURACY[0], first[1]) - some.of(second[0], ACCURACY[0], second[1]))
    is_above = "is above" if ahead.sign > 0 else "is not shown to be above"
    return f"{_column(*first)} has the highest mean; it {is_above} {_column(*second)}, {points(ahead)}"


def _column(method: str, rule: str) -> str:
    """Return a method under a rule in words."""
    return f"{named(method)} {'with' if rule == THRESHOLDED[1] else 'without'} thresholding"


def _better(effects: Effects) -> str:
    """Return at how many conditions a remedy is better than the baseline, and worse."""
    signs = [value.sign for value in effects.values()]
    better, worse = signs.count(1), signs.count(-1)
    return f"is better than doing nothing at {better} and worse at {worse} of {len(signs)} conditions"


def _negative(effects: Effects) -> Effects:
    return {key: Effect(-value.mean, -value.high, -value.low, value.n) for key, value in effects.items()}


def _ends(effects: Effects, signed: bool = False) -> str:
    """Return the smallest and the largest of several effects, each with its condition (ρ, μ)."""
    in_order = sorted(effects.items(), key=lambda item: item[1].mean)
    least, most = (
        f"{_points(value.mean, signed)} ({place(key)})" for key, value in (in_order[0], in_order[-1])
    )
    return f"{least} to {most}"


def _points(share: float, signed: bool) -> str:
    """Return a share in % points with one digit, or two where it is small."""
    points = 100 * share + 0.0
    digits = 1 if abs(points) >= 0.05 else 2
    return f"{points:{'+' if signed else ''}.{digits}f}".replace("-", MINUS)
