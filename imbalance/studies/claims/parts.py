"""A part of a claim judged at each of its cases, in every study that has what it needs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import pandas as pd

from imbalance.errors import InputError
from imbalance.studies.claims.cells import BASELINE, Study
from imbalance.studies.claims.conditions import Missing
from imbalance.studies.claims.contrasted import Sample, columns_of, of_test, pooled
from imbalance.studies.claims.evidence import (
    Estimate,
    Evidence,
    at_least,
    best,
    equal,
    needed,
    not_inferior,
    superior,
)
from imbalance.studies.claims.margins import AllMargins
from imbalance.studies.claims.samples import combined, power_of_equality, power_to_find
from imbalance.studies.claims.schema import BALANCED, Part, Test

DEFAULTS = {"ni": "notable", "eq": "counts", "best": "counts", "num": "notable"}
PRINTED = "published table"


@dataclass(frozen=True)
class Case:
    """A test at a case: the sample that it was made on, what it says, its margin, and the power that it had.

    Of several rivals, the sample is that of the nearest one.
    """

    study: Study
    kind: str
    sample: Sample
    estimate: Estimate
    evidence: Evidence
    margin: float
    power: float


@dataclass(frozen=True)
class Judged:
    """A part with all of its cases: what they say together, where, and what the other studies lack."""

    cases: tuple[Case, ...]
    evidence: Evidence
    studies: tuple[Study, ...]
    missing: tuple[Missing, ...]
    power: float
    stuck: int

    @property
    def effect(self) -> tuple[Estimate, str]:
        """The first contrast's effect over all cases, and its unit; NaN without cases."""
        if not self.cases:
            return Estimate(math.nan, 0, 1, 0), ""
        first = self.cases[0].sample
        alike = [
            case
            for case in self.cases
            if case.sample.measure == first.measure and case.sample.unit == first.unit
        ]
        return combined([sample.estimate() for sample in _pooled_by_pairing(alike)]), first.unit


def judge(part: Part, world: Mapping[str, Study], margins: AllMargins) -> Judged:
    """Judge a part in all studies that it names and `world` has; raises `InputError` without margins."""
    cases: list[Case] = []
    studies, missing = [], []
    studies_of = [world.get(name) for name in part.studies] if part.studies else [printed(part)]
    for name, study in zip(part.studies or (PRINTED,), studies_of, strict=True):
        if study is None:
            missing.append(Missing("no study", name))
            continue
        try:
            cases += _cases(part, study, world, margins)
            studies.append(study)
        except Missing as error:
            missing.append(error)
    if not cases:
        return Judged((), Evidence(), (), tuple(missing), math.nan, 0)
    k = needed(part.quantifier, len(cases))
    powers = sorted((0.0 if math.isnan(case.power) else case.power for case in cases), reverse=True)
    return Judged(
        cases=tuple(cases),
        evidence=at_least(k, [case.evidence for case in cases]),
        studies=tuple(studies),
        missing=tuple(missing),
        power=powers[k - 1],
        stuck=sum(study.stuck(_methods(part)) for study in studies),
    )


def printed(part: Part) -> Study:
    """Return the values that a source has printed as a study, in which a column's values are paired."""
    rows = [
        (method, replicate, "any", part.measure[0], value / 100)
        for method, values in part.printed.items()
        for replicate, value in enumerate(values)
    ]
    table = pd.DataFrame(rows, columns=["method", "replicate", "rule", "measure", "value"])
    about = {"dataset": PRINTED, "networks": "", "pairing": PRINTED, "budget": 1.0, "classes": 0}
    return Study(PRINTED, table.assign(anchor=False, **about))


def _cases(part: Part, study: Study, world: Mapping[str, Study], margins: AllMargins) -> list[Case]:
    """Return the cases of a part in one study; raises `Missing` if it lacks something."""
    found = of_test(part, part, study, world)
    if part.kind == "best":
        cases = _of_best(part, found, study, margins)
    else:
        if part.quantifier == "pool":
            found = [[pooled(samples)] for samples in found]
        cases = [_case(part, sample, study, margins, part.runs) for samples in found for sample in samples]
    for test in part.also:
        cases = _joined(cases, [_judged(test, part, samples, study, margins) for samples in
                                of_test(test, part, study, world)])  # fmt: skip
    return cases


def _judged(
    test: Test, part: Part, samples: list[Sample], study: Study, margins: AllMargins
) -> dict[tuple[object, ...], Case]:
    """Return the case of a test at each condition."""
    return {sample.key: _case(test, sample, study, margins, part.runs) for sample in samples}


def _joined(cases: list[Case], others: list[dict[tuple[object, ...], Case]]) -> list[Case]:
    """Return the cases at which there are all the others, with the evidence that all hold."""
    joined = []
    for case in cases:
        beside = [other[case.sample.key] for other in others if case.sample.key in other]
        if len(beside) == len(others):
            every = [case.evidence, *(other.evidence for other in beside)]
            power = min(case.power, *(other.power for other in beside))
            joined.append(replace(case, evidence=at_least(len(every), every), power=power))
    return joined


def _case(test: Test, sample: Sample, study: Study, margins: AllMargins, runs: int) -> Case:
    """Return a test of one difference (or slope) at one case."""
    of_measure = margins.of(sample.measure, study.same("dataset"))
    if of_measure is None:
        raise InputError(f"margins.yaml has none for {sample.measure} on {study.same('dataset')}; add them.")
    margin = test.margin if test.margin is not None else DEFAULTS.get(test.kind, 0.0)
    if isinstance(margin, str):
        margin = of_measure.notable if margin == "notable" else of_measure.counts
    counts = of_measure.counts
    found = sample.estimate(runs if test.kind == "num" else math.inf)
    match test.kind:
        case "ni" | "best":
            evidence, power = not_inferior(found, margin), power_to_find(margin, found)
        case "eq" | "num":
            evidence, power = equal(found, margin), power_of_equality(margin, found)
        case _:
            evidence, power = superior(found, margin, counts), power_to_find(counts, found)
    return Case(study, test.kind, sample, found, evidence, margin, power)


def _of_best(part: Part, found: list[list[Sample]], study: Study, margins: AllMargins) -> list[Case]:
    """Return a case for each condition and measure, with all rivals that there are."""
    cases = []
    count = len(part.b)
    for start in range(0, len(found), count):
        of_rivals = [{sample.key: sample for sample in samples} for samples in found[start : start + count]]
        for key in of_rivals[0]:
            rivals = [_case(part, of[key], study, margins, part.runs) for of in of_rivals if key in of]
            nearest = min(rivals, key=lambda case: case.estimate.mean)
            evidence = best([case.estimate for case in rivals], nearest.margin)
            cases.append(replace(nearest, evidence=evidence, power=min(case.power for case in rivals)))
    return cases


def _pooled_by_pairing(cases: Sequence[Case]) -> list[Sample]:
    """Return the mean within each replicate over all cases whose replicates are paired."""

    def pairing(case: Case) -> str:
        return str(case.study.same("pairing"))

    return [
        pooled([case.sample for case in own]) for _, own in groupby(sorted(cases, key=pairing), key=pairing)
    ]


def _methods(part: Part) -> set[str]:
    """Return the methods that a part speaks of."""
    columns = [column for test in (part, *part.also) for column in columns_of(test, part)]
    return {BASELINE if column.method == BALANCED else column.method for column in columns}
