"""Findings on whether deeper networks learn imbalanced data faster, to the same end (Ding et al. 2017)."""

from collections.abc import Iterator

import pandas as pd

from imbalance.config import PARAMS, load_study
from imbalance.data.tables import read
from imbalance.evaluation.schemas import TABLES as SCHEMAS
from imbalance.studies.claims.curves import of_curves
from imbalance.studies.contrasts import Effect, by_replicate, effect
from imbalance.studies.words import RHO, decided, points
from stages import paths
from stages.measures import load
from tools.studies import STUDIES

F1, AUC = ("macro_f1", "argmax"), ("auc", "any")


def sentences(study: str) -> Iterator[str]:
    """Yield the findings: each deeper network against the first one, which is the shallowest."""
    values = by_network(study)
    first, *deeper = values["network"].unique()
    for network in deeper:
        for rho in sorted(values["rho"].unique()):
            speed = between(values, "learning", rho, network, first)
            words = decided(
                speed, "learns faster", "learns more slowly", "is not shown to learn faster or more slowly"
            )
            end = between(values, "macro_f1", rho, network, first)
            level = decided(end, "higher", "lower", "not shown to differ")
            yield (
                f"At {RHO} = {rho:g}, {network} {words} than {first}: its recall in training, as a mean over "
                f"the schedule, differs by {points(speed)} points. Its macro F1 at the end is {level}: by "
                f"{points(end)} points."
            )
        costs = [cost(values, name) for name in (network, first)]
        more = effect(costs[0] - costs[1])
        words = decided(more, "more", "less", "not shown to be more or less")
        yield (
            f"What imbalance costs {network} in macro F1, {points(effect(costs[0]))} points, is {words} than "
            f"what it costs {first}: by {points(more)} points."
        )


def table(study: str) -> str:
    """Return a Markdown table of the speed and of the end of each network, as means of the replicates."""
    rows = [
        f"| {RHO} | network | macro F1, % | ROC AUC, % | recall in training, mean over the schedule, % |",
        "|---|---|---|---|---|",
    ]
    for (rho, network), of_network in by_network(study).groupby(["rho", "network"], sort=False):
        own = of_network.groupby("measure")["value"].mean()
        shown = [f"{100 * own[measure]:.1f}" for measure in ("macro_f1", "auc", "learning")]
        rows.append(f"| {rho:g} | {network} | {' | '.join(shown)} |")
    return "\n".join(rows)


def by_network(study: str) -> pd.DataFrame:
    """Return columns network, rho, measure, replicate, value, of the baseline, in the study's order."""
    source, _ = load(STUDIES / study)
    parts = []
    for condition, given in load_study(STUDIES / study / PARAMS).given.items():
        file = STUDIES / study / paths.TABLES / condition / "convergence.csv"
        ends = source.where(**given)
        found = {name: ends.of("baseline", name, rule) for name, rule in (F1, AUC)}
        curves = of_curves(read(file, SCHEMAS["convergence"])).set_index(["measure", "replicate"])["value"]
        found["learning"] = curves["learning"]
        for measure, each in found.items():
            parts.append(by_replicate(each).rename("value").reset_index().assign(measure=measure, **given))
    return pd.concat(parts, ignore_index=True)


def between(values: pd.DataFrame, measure: str, rho: float, network: str, other: str) -> Effect:
    """Return the difference of two networks in a measure at a ratio, paired by replicate."""
    at = values[(values["measure"] == measure) & (values["rho"] == rho)]
    by = at.set_index(["network", "replicate"])["value"]
    return effect(by[network] - by[other])


def cost(values: pd.DataFrame, network: str) -> pd.Series:
    """Return the macro F1 of a network at the smallest ratio less that at the largest, by replicate."""
    own = values[(values["measure"] == F1[0]) & (values["network"] == network)]
    by = own.set_index(["rho", "replicate"])["value"]
    return by[own["rho"].min()] - by[own["rho"].max()]
