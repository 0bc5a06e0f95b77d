"""Long tables of a study whose effects are known."""

import itertools

import numpy as np
import pandas as pd

from imbalance.evaluation.statistics import compare, summarize
from imbalance.studies.collect import Grid

RATIOS, FRACTIONS = (10.0, 100.0, 1000.0), (0.1, 0.5, 0.9)
METHODS = ("baseline", "oversampling", "undersampling", "two_phase_over", "two_phase_under")
BESIDE = {"rho=5000,mu=0.5": (5000.0, 0.5, 0.1), "rho=100,mu=0.5,budget=1": (100.0, 0.5, 1.0)}
BALANCED = {"rho=1,mu=0.5": (1.0, 0.5, 0.1)}
NOISE = np.array([-0.003, -0.001, 0.001, 0.003])  # of the replicates, in all conditions


def grid() -> Grid:
    """The grid of three ratios and three fractions, with three conditions beside it."""
    conditions = {f"rho={rho:g},mu={mu}": (rho, mu, 0.1) for rho, mu in itertools.product(RATIOS, FRACTIONS)}
    values = {
        name: dict(zip(("rho", "mu", "budget"), given, strict=True))
        for name, given in (conditions | BESIDE | BALANCED).items()
    }
    return Grid(values, ("rho", "mu"), {"budget": 0.1})


def auc(method: str, rho: float, mu: float, budget: float) -> float:
    """The baseline loses 0.01 for each tenfold ratio, and 0.02 for all classes; the full schedule adds 0.001.

    Oversampling gets half of this back. Undersampling loses 0.01 for each tenfold ratio, whatever the fraction.
    """
    lost = 0.01 * np.log10(rho)
    loss = {
        "baseline": lost + 0.02 * mu * (rho > 1),
        "oversampling": (lost + 0.02 * mu) / 2,
        "undersampling": lost + 0.01,
        "two_phase_over": (lost + 0.02 * mu) * 0.6,
        "two_phase_under": lost + 0.012,
    }[method]
    return float(0.95 - loss + 0.001 * (budget == 1))


def replicates(rho: float, mu: float, budget: float) -> pd.DataFrame:
    """The table of measures of one condition; thresholding adds 0.05 to the accuracy."""
    rows = []
    for method in METHODS if rho > 1 else METHODS[:1]:
        for replicate, noise in enumerate(NOISE):
            value = auc(method, rho, mu, budget) + noise
            rows.append((method, replicate, "any", "auc", value))
            for rule, more in {"argmax": 0.0, "prior": 0.05}.items():
                rows.append((method, replicate, rule, "accuracy", value - 0.1 + more))
                rows.append((method, replicate, rule, "minority_recall", value - 0.3 + more))
    return pd.DataFrame(rows, columns=["method", "replicate", "rule", "measure", "value"])


def conditions() -> dict[str, pd.DataFrame]:
    """The tables of measures of all conditions."""
    return {name: replicates(**values) for name, values in grid().of.items()}


def summaries() -> dict[str, pd.DataFrame]:
    """The summaries of all conditions."""
    return {name: summarize(table) for name, table in conditions().items()}


def comparisons() -> dict[str, pd.DataFrame]:
    """The comparisons with the baseline of all conditions."""
    return {name: compare(table) for name, table in conditions().items()}


DESIGN = (6, 2, 6)  # draws of classes, of images for each, and of weights


def designed(classes: float, rest: float) -> pd.DataFrame:
    """The measures of a design of which two sources are known; oversampling adds 0.05 to all accuracies."""
    rng = np.random.default_rng(3)
    of_classes = rng.normal(0, classes, DESIGN[0])
    rows = []
    for minority, seed, replicate in np.ndindex(DESIGN):
        for method, more in {"baseline": 0.0, "oversampling": 0.05}.items():
            value = 0.85 + of_classes[minority] + more + rng.normal(0, rest)
            at = (minority, seed, method, replicate)
            rows.append((*at, "any", "auc", 0.99 + (value - 0.85) / 10))
            rows.extend((*at, rule, "accuracy", value) for rule in ("argmax", "prior"))
    columns = ["minority", "seed", "method", "replicate", "rule", "measure", "value"]
    return pd.DataFrame(rows, columns=columns)
