"""Findings on ImageNet: what the paper's own numbers say (Buda et al. 2018, §4.2, Table 4), untrained as yet.

Each column of Table 4 is taken for one training set that the three methods share, as the paper speaks of 15
networks on five sets. So differences are paired by column, and the three columns of the strongest imbalance
are its replicates. What has been trained here, if anything, stands beside them.
"""

from collections.abc import Iterator
from pathlib import Path

from imbalance.data.tables import read
from imbalance.studies.claims.samples import exact_p, welch
from imbalance.studies.contrasts import Effect, Source, effect
from imbalance.studies.words import AUC, MINUS, all_decided, gains, named, place, points
from imbalance.subsets.profiles import Sizes, step
from stages import paths
from stages.measures import load
from tools.studies import STUDIES

PRINTED = "buda2018_table4.csv"  # in the study's folder, in the form of measures.csv
COLUMNS = {
    **dict.fromkeys(("rho", "mu", "value"), "float64"),
    **dict.fromkeys(("method", "rule", "measure"), "str"),
    "replicate": "int64",
}
METHODS = ("baseline", "oversampling", "undersampling")
PAIRS = (("oversampling", "baseline"), ("undersampling", "baseline"), ("oversampling", "undersampling"))
WHOLE = 0.9950  # AUC of the baseline on all images of ILSVRC-2012 (§3.3.3)
CLASSES, LARGEST = 1000, 1000  # and the images of a majority class (§3.3.3)
Condition = tuple[float, float]  # rho, mu


def printed(folder: Path) -> Source:
    """Return the values of Table 4 as the measures of a study; raises `InputError` without the file."""
    return Source(read(folder / PRINTED, COLUMNS))


def conditions(source: Source) -> list[Condition]:
    """Return the imbalance ratios and fractions of Table 4, the weakest imbalance first."""
    return sorted(set(source.measures[["rho", "mu"]].itertuples(index=False, name=None)))


def sentences(study: str) -> Iterator[str]:
    """Yield the findings."""
    folder = STUDIES / study
    source = printed(folder)
    yield of_loss(source)
    yield from of_pairs("In print", source)
    yield of_order(source)
    yield of_chance(source)
    yield of_size(source)
    if (own := trained(folder)) is not None:
        yield from of_pairs("Here", own)


def trained(folder: Path) -> Source | None:
    """Return the measures of this project's own networks at step imbalance, or None if there are none."""
    if not (folder / paths.STUDY / "measures.csv").is_file():
        return None
    return load(folder)[0].where(imbalance="step")


def of_loss(source: Source) -> str:
    """Return what the baseline loses against all images of ILSVRC-2012."""
    lost = "; ".join(
        f"{_unsigned(WHOLE - _mean(source, condition))} at {place(condition)} ({images(condition):,} images)"
        for condition in conditions(source)
    )
    return (
        f"With all images of ILSVRC-2012, the paper's baseline has an AUC of {100 * WHOLE:.2f}. It loses "
        f"{lost}. There are fewer images, too, so that not all of it is due to imbalance."
    )


def of_pairs(where: str, source: Source) -> Iterator[str]:
    """Yield how two methods compare at each condition: with an interval where there are several sets."""
    for one, other in PAIRS:
        over = gains(source, (one, *AUC), (other, *AUC))
        listed = "; ".join(f"{_shown(value)} at {place(key)}" for key, value in over.items())
        yield f"{where}, {named(one)} against {named(other)}: {listed}."


def of_order(source: Source) -> str:
    """Return in how many columns one method is above another."""
    counts = []
    for one, other in (("baseline", "oversampling"), ("oversampling", "undersampling")):
        over = source.of(one, *AUC) - source.of(other, *AUC)
        counts.append(f"{named(one)} is above {named(other)} in {(over > 0).sum()} of {len(over)} columns")
    return f"In print, {', and '.join(counts)} (Table 4)."


def of_chance(source: Source) -> str:
    """Return whether oversampling's deficit at the strongest imbalance may be chance, as the paper says."""
    strongest = conditions(source)[-1]
    at = {name: _at(source, strongest).of(name, *AUC) for name in METHODS}
    ranges = {name: _unsigned(values.max() - values.min()) for name, values in at.items()}
    difference = at["oversampling"] - at["baseline"]
    unpaired = welch(at["oversampling"], at["baseline"])
    both = effect(difference), Effect(unpaired.mean, *unpaired.interval, unpaired.n)
    words = all_decided(both, "There is no deficit", "By its interval, it is not", "Chance is not excluded")
    return (
        f"The paper says that oversampling's deficit at {place(strongest)} may be chance, since three runs "
        f"of undersampling differ by more than 4 points ({ranges['undersampling']}). Those of the baseline "
        f"differ by {ranges['baseline']}, and those of oversampling by {ranges['oversampling']}. {words}: "
        f"the deficit is {points(both[0])}, and {points(both[1])} if the sets were not shared (Welch). An "
        f"exact test by changes of sign can show nothing with {len(difference)} sets: its p is "
        f"{exact_p(difference):.2f} at best."
    )


def of_size(source: Source) -> str:
    """Return what a balanced set has of about as many images as the most imbalanced one.

    At the weakest imbalance, undersampling leaves a balanced set, with as many images of each class as a
    minority class has.
    """
    weakest, *_, strongest = conditions(source)
    balanced = CLASSES * int(_sizes(weakest).min())
    of_balanced, of_strongest = _mean(source, weakest, "undersampling"), _mean(source, strongest)
    share = (of_balanced - of_strongest) / (WHOLE - of_strongest)
    return (
        f"How much of the loss is for want of images? Undersampling at {place(weakest)} leaves a balanced "
        f"set of {balanced:,} images, on which the AUC is {100 * of_balanced:.2f}. The {images(strongest):,} "
        f"images of {place(strongest)} give the baseline {100 * of_strongest:.2f}, after as many iterations. "
        f"So {_unsigned(of_balanced - of_strongest)} of the {_unsigned(WHOLE - of_strongest)} points that it "
        f"loses ({100 * share:.0f} %) are due to their unequal numbers. It is one network against three, so "
        "that no interval can be given."
    )


def table(study: str) -> str:
    """Return Table 4 in Markdown, with the numbers of images, and with what has been trained here."""
    folder = STUDIES / study
    source = printed(folder)
    columns = conditions(source)
    own = trained(folder)
    rows = [
        f"| ROC AUC in % | {' | '.join(map(place, columns))} |",
        f"|---{'|---' * len(columns)}|",
        f"| images | {' | '.join(f'{images(each):,}' for each in columns)} |",
        *(_row(f"{name}, printed", source, name, columns) for name in METHODS),
        *(_row(f"{name}, here", own, name, columns) for name in METHODS if own is not None),
    ]
    return "\n".join(rows)


def images(condition: Condition) -> int:
    """Return the number of training images at a condition.

    >>> images((100, 0.9))
    109000
    """
    return int(_sizes(condition).sum())


def _row(title: str, source: Source, method: str, columns: list[Condition]) -> str:
    values = (_at(source, each).of(method, *AUC) for each in columns)
    return f"| {title} | {' | '.join(', '.join(f'{100 * value:.2f}' for value in each) for each in values)} |"


def _sizes(condition: Condition) -> Sizes:
    return step(CLASSES, LARGEST, *condition)


def _at(source: Source, condition: Condition) -> Source:
    return source.where(rho=condition[0], mu=condition[1])


def _mean(source: Source, condition: Condition, method: str = "baseline") -> float:
    return float(_at(source, condition).of(method, *AUC).mean())


def _shown(value: Effect) -> str:
    """Return an effect in points, without an interval if it is that of one set."""
    return points(value) if value.n > 1 else f"{100 * value.mean:+.2f}".replace("-", MINUS)


def _unsigned(value: float) -> str:
    return f"{100 * value:.2f}"
