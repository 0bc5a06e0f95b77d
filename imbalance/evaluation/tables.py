"""All measures of a run's networks, in long tables: one row per value, ready to plot.

The columns are listed in imbalance/evaluation/schemas.py.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from imbalance.data.tables import DIGITS
from imbalance.evaluation import diagnosis, metrics, schemas, testset, two_classes
from imbalance.evaluation.deciding import Deciding, Question
from imbalance.evaluation.decisions import WITHOUT_PROBABILITIES, Decision, Rule, decision
from imbalance.evaluation.predictions import Network, Predictions, stuck_networks
from imbalance.evaluation.selections import selections
from imbalance.evaluation.statistics import compare, coverage, overlap_of, summarize
from imbalance.methods.parts.held_out import log_odds
from imbalance.subsets.subset import Subset, minority_classes

# The metrics beside the leading measures; all but the first are of two classes alone.
ALSO_SHOWN = (
    *("worst_recall", "positive_average_precision", "sensitivity_at_specificity"),
    *("sensitivity", "specificity", "f1", "positive_predictive_value", "positive_calibration_error"),
)

Contributions = dict[tuple[str, str], testset.Contribution]
Evaluated = tuple[dict[str, pd.DataFrame], Contributions]


def of_run(
    predictions: Predictions,
    labels: NDArray[np.integer],
    classes: tuple[str, ...],
    subsets: Sequence[Subset],
    deciding: Deciding,
    run: Callable[[Callable[..., Evaluated], Iterable[tuple[Any, ...]]], list[Evaluated]],
) -> dict[str, pd.DataFrame]:
    """Return all tables of a run by name; stuck networks are left out of all but `trials`.

    `labels` (N,) are those of the test images, `subsets` those of the replicates, which may have a part of
    the test images each. `run` calls a function with each of several tuples of arguments, such as on all
    cores. Of two classes, there are the tables `schemas.TWO_CLASSES`, too.
    """
    trials = predictions.trials()
    stuck = stuck_networks(trials)
    logits = {
        (method, replicate): of_network[subsets[replicate].tested]
        for method in predictions.methods
        for replicate, of_network in enumerate(predictions.logits(method))
        if (method, replicate) not in stuck
    }
    question, held_out = deciding.question(classes, subsets), predictions.held_out()
    tasks = []
    for network, of_network in logits.items():
        subset = subsets[network[1]]
        decisions = deciding.decisions(network, classes, subset, of(network, held_out), question)
        tasks.append((of_network, labels[subset.tested], classes, subset, decisions, question))
    evaluated = dict(zip(logits, run(evaluate_network, tasks), strict=True))
    measured = {network: tables for network, (tables, _) in evaluated.items()}
    contributed = {network: parts for network, (_, parts) in evaluated.items()}
    names = next(iter(measured.values())).keys()
    tables = {name: stack({network: found[name] for network, found in measured.items()}) for name in names}
    for name in {"confusion", "roc", "curves"} & tables.keys():
        tables[name] = mean_of_replicates(tables[name])
    if "reliability" in tables:
        tables["reliability"] = two_classes.mean_reliability(tables["reliability"])
    tables["roc"] = tables["roc"].dropna()
    overlap = overlap_of(subsets)  # with it, the intervals cover the error of the test images
    reduced = {
        "summary": summarize(tables["replicates"], overlap),
        "comparisons": compare(tables["replicates"], overlap=overlap),
    }
    for name, table in reduced.items():
        tables[name] = table.assign(
            test_error=np.nan if overlap else errors_of_the_test_set(table, contributed, labels),
            interval=coverage(subsets),
            leads=table["measure"].isin(testset.leading(np.bincount(labels))),
        )
    curves = predictions.convergence().merge(
        recalls_of_roles(predictions.learning(), subsets), on=["method", "replicate", "iteration"], how="left"
    )
    return tables | {"convergence": without(curves, stuck), "trials": trials}


def headline(method: str, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Return the metrics of a method that `dvc metrics` shows: means over the replicates of a few measures.

    They are {measure: mean}, or {rule: {measure: mean}} for measures that depend on the rule. If any network
    is stuck, `stuck` is the number of those left out; after a search, `search.optimism` is its mean optimism.
    All other measures, and the intervals, are in the table `summary`.
    """
    summary = tables["summary"].query("method == @method")
    tree: dict[str, Any] = {}
    for row in summary[summary["leads"] | summary["measure"].isin(ALSO_SHOWN)].itertuples():
        branch = tree if row.rule == "any" else tree.setdefault(row.rule, {})
        branch[row.measure] = round(row.mean, DIGITS)
    trials = tables["trials"].query("method == @method")
    if stuck := int((trials["kept"] & (trials["state"] == "stuck")).sum()):
        tree["stuck"] = stuck
    if len(chosen := selections(trials)):
        tree["search"] = {"optimism": round(float(chosen["optimism"].mean()), DIGITS)}
    return tree


def evaluate_network(
    logits: NDArray[np.floating],
    labels: NDArray[np.integer],
    classes: tuple[str, ...],
    subset: Subset,
    decisions: Mapping[Rule, Decision] | None = None,
    question: Question | None = None,
) -> Evaluated:
    """Return the tables of one network by its test `logits` (N, C), `labels` (N,), and its training subset.

    Beside them are the test images' contributions to its measures, by (rule, measure), where known.

    The `decisions` are those of every rule; by default, of "argmax" and "prior". A `question` is asked of two
    classes, and adds measures and tables (diagnosis.py). Columns:

    replicates: rule, measure, value; rule "any" marks measures that do not depend on the rule.
    recall: rule, class, images (in training), test_images, minority, recall, test_error (95 % half-width);
    and auc and average_precision, which do not depend on the rule.
    confusion: rule, actual, predicted, share (of the images of the actual class).
    roc: classes (minority or majority), fpr, tpr (one-vs-rest, mean of those classes). For two classes, the
    majority's curve is left out, as it is the minority's with its axes exchanged.
    """
    minority, test_images = minority_classes(subset.sizes), np.bincount(labels, minlength=len(classes))
    ranking = log_odds(logits)
    ranked = metrics.class_rankings(ranking, labels)
    measured = [("any", name, value) for name, value in metrics.ranking_measures(ranked, minority).items()]
    parts = {"any": testset.aucs(ranking, labels, minority)}
    recalls, confusions = [], []
    rules: tuple[Rule, ...] = ("argmax", "prior")
    decisions = decisions or {rule: decision(rule, subset.sizes) for rule in rules}
    scores_of = {rule: each.scores(logits) for rule, each in decisions.items()}
    for rule, scored in scores_of.items():
        values = metrics.decision_measures(scored, labels, minority)
        if rule in WITHOUT_PROBABILITIES:
            values = {name: value for name, value in values.items() if name not in metrics.OF_PROBABILITIES}
        measured += [(rule, name, value) for name, value in values.items()]
        parts[rule] = testset.recalls(scored.argmax(axis=1), labels, minority)
        shares = metrics.confusion(scored.argmax(axis=1), labels, len(classes))
        recall = np.diag(shares)
        by_class = {"images": subset.sizes, "test_images": test_images, "minority": minority}
        measured_by_class = {"recall": recall, "test_error": testset.of_recalls(recall, test_images)} | ranked
        recalls.append(pd.DataFrame({"rule": rule, "class": classes} | by_class | measured_by_class))
        pairs = {"actual": np.repeat(classes, len(classes)), "predicted": np.tile(classes, len(classes))}
        confusions.append(pd.DataFrame({"rule": rule} | pairs | {"share": shares.ravel()}))
    groups = {"minority": minority, "majority": ~minority}
    if len(classes) == 2 and minority.any():
        del groups["majority"]
    curves = [
        pd.DataFrame(
            {"classes": group, "fpr": metrics.ROC_GRID, "tpr": metrics.mean_roc(ranking, labels, members)}
        )
        for group, members in groups.items()
        if members.any()
    ]
    tables: dict[str, pd.DataFrame] = {}
    if question:
        more, of_rules, tables = diagnosis.of_network(question, ranking, labels, decisions, scores_of)
        measured += more
        parts = {rule: parts[rule] | of_rules[rule] for rule in parts}
    tables |= {
        "replicates": pd.DataFrame(measured, columns=["rule", "measure", "value"]),
        "recall": pd.concat(recalls),
        "confusion": pd.concat(confusions),
        "roc": pd.concat(curves),
    }
    return tables, {(rule, measure): each for rule, part in parts.items() for measure, each in part.items()}


def recalls_of_roles(learning: pd.DataFrame, subsets: Sequence[Subset]) -> pd.DataFrame:
    """Return the mean recalls of the minority and of the majority classes while the networks are trained.

    `learning` has a row for every point of a curve and class. The result has one for every point, with the
    columns <role>_train_recall and <role>_test_recall; without a minority, they are NaN.
    """
    of_classes = pd.DataFrame(
        [
            (replicate, label, "minority" if is_minority else "majority")
            for replicate, roles in enumerate(minority_classes(subset.sizes) for subset in subsets)
            for label, is_minority in enumerate(roles)
            if roles.any()
        ],
        columns=["replicate", "label", "role"],
    )
    means = learning.merge(of_classes.astype({"replicate": int, "label": int})).pivot_table(
        index=["method", "replicate", "iteration"], columns="role", values=["train_recall", "test_recall"]
    )
    means.columns = [f"{role}_{recall}" for recall, role in means.columns]
    return means.reindex(columns=list(schemas.OF_ROLES)).reset_index()


def of(network: Network, table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a network of a table with columns method and replicate."""
    method, replicate = network
    return table[(table["method"] == method) & (table["replicate"] == replicate)]


def stack(parts: Mapping[Network, pd.DataFrame]) -> pd.DataFrame:
    """Concatenate the tables of all networks, with method and replicate as the first columns."""
    return pd.concat(parts, names=["method", "replicate"]).reset_index(["method", "replicate"])


def mean_of_replicates(table: pd.DataFrame) -> pd.DataFrame:
    """Average the last column over the replicates, grouped by the others; NaN if a replicate has no value."""
    *keys, value = table.columns.drop("replicate")
    groups = table.groupby(keys, sort=False)[value]
    return groups.mean().where(groups.count() == groups.size()).reset_index()


def without(table: pd.DataFrame, networks: Collection[Network]) -> pd.DataFrame:
    """Return a table with columns method and replicate without the rows of some networks."""
    left_out = [row in networks for row in zip(table["method"], table["replicate"], strict=True)]
    return table[~np.array(left_out, dtype=bool)]


def errors_of_the_test_set(
    table: pd.DataFrame, contributed: Mapping[Network, Contributions], labels: NDArray[np.integer]
) -> list[float]:
    """Return the half-width of each row's 95 % interval from the test images alone, or NaN if not known.

    The table is a summary, or one of paired comparisons, which has the column `difference`. It is not known
    where a network has no value, such as a positive predictive value without any image that is called
    positive.
    """
    errors = []
    for method, rule, measure in table[["method", "rule", "measure"]].itertuples(index=False):
        own = {number: found for (key, number), found in contributed.items() if key == method}
        others = {number: found for (key, number), found in contributed.items() if key == "baseline"}
        numbers = own.keys() & others.keys() if "difference" in table else own.keys()
        key, reference = (rule, measure), ("any" if rule == "any" else "argmax", measure)
        plus = [own[number][key] for number in numbers if key in own[number]]
        minus = [others[number][reference] for number in numbers if reference in others.get(number, {})]
        known = len(plus) == len(numbers) and ("difference" not in table or len(minus) == len(numbers))
        errors.append(
            testset.half_width(plus, labels, minus if "difference" in table else []) if known else np.nan
        )
    return errors
