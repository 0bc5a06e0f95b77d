"""Findings on pseudo-features (Konno & Iwazume 2018, §3.5, §3.6, Tables 1-4)."""

from collections.abc import Iterator

import pandas as pd

from imbalance.data.tables import read
from imbalance.evaluation.schemas import TABLES as SCHEMAS
from imbalance.studies import konno
from imbalance.studies.contrasts import Effect, Source, by_condition, effect
from imbalance.studies.costs import BASELINE
from imbalance.studies.konno import CLASSES, MEASURES, METHODS, OTHERS, PUBLISHED
from imbalance.studies.words import MU, Column, all_decided, counted, gains, listed, named
from stages import paths
from stages.measures import load
from tools.studies import STUDIES


def sentences(study: str) -> Iterator[str]:
    """Yield the findings."""
    source, _ = load(STUDIES / study)
    whole = konno.whole(source)
    yield memorised(study)
    for other, why in {
        "baseline": "Tables 1-4",
        "smote_features": "Tables 1-4",
        "perturbed_features": "Tables 1-4",
        "crt": "not in the paper: a new classifier on the real features alone, by classes",
        "oversampling": "not in the paper",
    }.items():
        yield from of_pair(whole, "pseudo_features", other, why)
    for measure in ("accuracy", "minority_recall"):
        over = gains(whole, *_columns("undersampling", "baseline", measure), (MU,))
        yield f"Undersampling against the baseline, {MEASURES[measure]}: {listed(over, MU)} (§3.5)."
    yield from of_epochs(source, whole)
    for changed, words in {
        "pseudo_features_50": "50 times as many features as there are, in place of 10 times",
        "pseudo_features_variance_2": "Twice the variance",
        "pseudo_features_variance_4": "Four times the variance",
    }.items():
        usual = "pseudo_features_10" if changed == "pseudo_features_50" else "pseudo_features"
        over = gains(whole, *_columns(changed, usual, "g_mean"), (MU,))
        yield f"{words}: the geometric mean changes by {listed(over, MU)} (§3.6)."


def memorised(study: str) -> str:
    """Return how many training images the baseline recognises at the end, where its curve is drawn."""
    curves = read(
        STUDIES / study / paths.STUDY / "convergence.csv", SCHEMAS["convergence"] | {"where": "str"}
    )
    plain = curves[(curves["method"] == BASELINE) & (curves["iteration"] == curves["iteration"].max())]
    shares = [
        f"{100 * effect(plain.set_index('replicate')[f'{role}_{images}_recall']).mean:.1f} %"
        for images in ("train", "test")
        for role in ("majority", "minority")
    ]
    return (
        "At the end the baseline recognises {} of the training images of large classes and {} of those of "
        "small ones; of the test images, {} and {} ({}; of about a thousand images each).".format(
            *shares, plain["where"].iloc[0]
        )
    )


def of_pair(whole: Source, one: str, other: str, why: str) -> Iterator[str]:
    """Yield how two methods compare in the four measures, and in the geometric mean at each μ."""
    over = {
        (measure, mu): value
        for measure in MEASURES
        for mu, value in gains(whole, *_columns(one, other, measure), (MU,)).items()
    }
    means = {mu: value for (measure, mu), value in over.items() if measure == "g_mean"}
    yield (
        f"{named(one).capitalize()} against {named(other)}, in four measures: "
        f"{counted(over, 'above', 'below')}; in the geometric mean {listed(means, MU)} ({why})."
    )


def of_epochs(source: Source, whole: Source) -> Iterator[str]:
    """Yield what undersampling loses with as many epochs as the baseline, as in the paper, or iterations."""
    most = source.measures["budget"].max()
    short = Source(source.measures[source.measures["budget"] < most])
    for measure in ("accuracy", "g_mean"):
        fewer, full = (
            each.of("undersampling", measure, "argmax").droplevel("budget") for each in (short, whole)
        )
        changes = _by_mu(fewer - full)
        against = _by_mu(fewer - whole.of("baseline", measure, "argmax").droplevel("budget"))
        words = all_decided(against.values(), "above the baseline", "below it", "not everywhere on one side")
        yield (
            f"Trained for as many epochs as the baseline, not as many iterations, undersampling's "
            f"{MEASURES[measure]} changes by {listed(changes, MU)}; "
            f"it is then {words}: {listed(against, MU)}."
        )


def table(study: str) -> str:
    """Return a Markdown table of the four measures beside the published ones."""
    source, _ = load(STUDIES / study)
    whole = konno.whole(source)
    methods = (*METHODS, *OTHERS)
    rows = [
        "In %: here, and in parentheses as published (CIFAR-10, ResNet-56, means of 45 episodes).",
        "",
        f"| measure | small classes | {' | '.join(map(named, methods))} |",
        f"|---|---|{'---|' * len(methods)}",
    ]
    here = set(whole.measures["mu"])
    for measure, published in PUBLISHED.items():
        for count, numbers in published.items():
            if count / CLASSES not in here:
                continue
            theirs = dict(zip(METHODS, numbers, strict=True))
            at = whole.where(mu=count / CLASSES)
            cells = [_cell(at.of(name, measure, "argmax"), theirs.get(name)) for name in methods]
            rows.append(f"| {MEASURES[measure]} | {count} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _cell(values: pd.Series, published: int | None) -> str:
    mean = f"{100 * effect(values).mean:.1f}"
    return mean if published is None else f"{mean} ({published})"


def _columns(one: str, other: str, measure: str) -> tuple[Column, Column]:
    return (one, measure, "argmax"), (other, measure, "argmax")


def _by_mu(values: pd.Series) -> dict[float, Effect]:
    return {mu: value for (mu,), value in by_condition(values.dropna(), ["mu"]).items()}
