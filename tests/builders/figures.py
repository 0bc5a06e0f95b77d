"""The tables of a made-up study."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from imbalance.evaluation.schemas import OF_ROLES
from imbalance.evaluation.statistics import compare, summarize
from imbalance.evaluation.testset import leading
from stages.plot import TABLES

Tables = dict[str, pd.DataFrame]

RULES = ["argmax", "prior"]

ROLES = ["minority", "majority"]


def study(
    methods: list[str],
    classes: list[str],
    replicates: int,
    *,
    minority: bool = True,
    rules: Sequence[str] = RULES,
    test_images: Sequence[int] = (1000, 900),
    spread: float = 0.2,
    stuck: Sequence[tuple[str, int]] = (),
) -> Tables:
    """The tables of a run, as the stages write them, with made-up results.

    The test classes have `test_images` by turns; values lie in the topmost `spread` of the range.
    """
    rng, n = np.random.default_rng(0), len(classes)
    roles = [(rng.permutation(n) < n // 2) & minority for _ in range(replicates)]
    sizes = [
        pd.DataFrame(
            {"replicate": r, "class": classes, "images": np.where(role, 100, 5000), "minority": role}
        )
        for r, role in enumerate(roles)
    ]
    names = ["accuracy", "balanced_accuracy", *(["minority_recall"] if minority else [])]
    measures = [("any", "auc"), *itertools.product(rules, names)]
    keys = ["method", "rule", "measure", "replicate", "value"]
    runs = [
        (m, *measure, r, 1 - spread * rng.uniform())
        for m, measure, r in itertools.product(methods, measures, range(replicates))
    ]
    replicated = pd.DataFrame([run for run in runs if (run[0], run[3]) not in stuck], columns=keys)
    tests = np.resize(test_images, n)
    context = {
        "test_error": 0.0123,
        "interval": "over training images, weights and batches, on the same test images",
    }
    recall = [
        sizes[r].assign(
            test_images=tests,
            method=m,
            rule=rule,
            recall=rng.uniform(0.5, 1, n),
            test_error=0.01,
            auc=0.9,
            average_precision=0.8,
        )
        for m, rule, r in itertools.product(methods, rules, range(replicates))
        if (m, r) not in stuck
    ]
    summary, comparisons = (
        made(replicated).assign(leads=lambda table: table["measure"].isin(leading(tests)), **context)
        for made in (summarize, compare)
    )
    fpr = np.concatenate([[0], np.logspace(-4, 0, 20)])
    roc = [
        pd.DataFrame({"method": m, "classes": group, "fpr": fpr, "tpr": fpr ** rng.uniform(0.01, 0.3)})
        for m, group in itertools.product(methods, ROLES[: 2 if n > 2 else 1] if minority else ROLES[1:])
    ]
    pairs = {"actual": np.repeat(classes, n), "predicted": np.tile(classes, n)}
    confusion = [
        pd.DataFrame(pairs | {"method": m, "rule": rule, "share": rng.dirichlet(np.full(n, 0.2), n).ravel()})
        for m, rule in itertools.product(methods, rules)
    ]
    steps = {"iteration": np.arange(50, 550, 50)}
    curves = {"train_accuracy": rng.uniform(0.9, 1, 10), "test_accuracy": rng.uniform(0.6, 0.9, 10)}
    curves |= {name: rng.uniform(0.1, 1, 10) if minority else np.full(10, np.nan) for name in OF_ROLES}
    convergence = [
        pd.DataFrame({"method": m, "replicate": r} | steps | {k: c - 0.01 * r for k, c in curves.items()})
        for m, r in itertools.product(methods, range(replicates))
        if (m, r) not in stuck
    ]
    tried = pd.DataFrame(
        [
            {"base_lr": rate, "draw": n, "state": "stuck" if n else "trained", "kept": rate == 0.05 and not n}
            for rate in (0.05, 0.005)
            for n in range(2)
        ]
    )
    trials = [
        tried.assign(
            method=m, replicate=r, validation_auc=rng.uniform(0.5, 1, 4), test_auc=rng.uniform(0.5, 1, 4)
        )
        for m, r in itertools.product(methods, range(replicates))
    ]
    tested = pd.concat(trials)
    lost = pd.MultiIndex.from_frame(tested[["method", "replicate"]]).isin(stuck)
    tested.loc[lost & tested["kept"], "state"] = "stuck"
    return {
        "trials": tested[list(TABLES[Path("plots/tables/trials.csv")])],
        "class_sizes": pd.concat(sizes),
        "replicates": replicated,
        "summary": summary,
        "comparisons": comparisons,
        "recall": pd.concat(recall),
        "roc": pd.concat(roc),
        "confusion": pd.concat(confusion),
        "convergence": pd.concat(convergence),
    }
