"""The ledger: every claim with its verdict or the reason for having none, and all of its cases."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from imbalance.evaluation.statistics import holm
from imbalance.studies.claims import parts, words
from imbalance.studies.claims.cells import FULL, Study
from imbalance.studies.claims.columns import CASES, LEDGER
from imbalance.studies.claims.evidence import (
    CONTRADICTED,
    HELD,
    NOT_HELD,
    UNDECIDED,
    Evidence,
    at_least,
)
from imbalance.studies.claims.margins import AllMargins
from imbalance.studies.claims.parts import PRINTED, Judged
from imbalance.studies.claims.reading import hash_of
from imbalance.studies.claims.samples import exact_p, spread
from imbalance.studies.claims.schema import Claim, Source

NO_TRANSFER = "does not transfer"
DECIDED = (HELD, CONTRADICTED, NO_TRANSFER, NOT_HELD)
VERDICTS = (*DECIDED, UNDECIDED, "no study", "no method", "no measure")
AT_FULL = "@full"  # marks the conditions of a study at the full schedule, where a claim is about them only
SIGNIFICANT = 0.05  # Holm-corrected
World = Mapping[str, Study]


@dataclass(frozen=True)
class Ruling:
    """What one look at the data says of a claim: its parts, their evidence together, and the verdict."""

    parts: tuple[Judged, ...]
    evidence: Evidence
    verdict: str

    @property
    def studies(self) -> list[Study]:
        """The studies that were used, each once."""
        return list({study.name: study for part in self.parts for study in part.studies}.values())


def rule(claim: Claim, world: World, margins: AllMargins) -> Ruling:
    """Judge a claim by the studies in `world`.

    A part without a study is left to the day when there is one. Without a method or a measure, a claim that
    needs all parts is not decided, unless another part contradicts it.
    """
    judged = tuple(parts.judge(part, world, margins) for part in claim.parts)
    found = [part.evidence for part in judged if part.cases]
    without = [part for part in judged if not part.cases]
    if not found:
        return Ruling(judged, Evidence(), without[0].missing[0].verdict)
    lacking = [part for part in without if part.missing[0].verdict != "no study"]
    every = found + [Evidence()] * len(lacking)
    evidence = at_least(len(every) if claim.combine == "all" else 1, every)
    verdict = evidence.verdict
    if verdict == UNDECIDED and lacking:
        verdict = lacking[0].missing[0].verdict
    return Ruling(judged, evidence, verdict)


def scope_of(ruling: Ruling, setting: Mapping[str, str]) -> str:
    """Return how near the data are to the source's own: the farthest of the studies that were used."""
    tags = []
    for study in ruling.studies:
        own = setting.get(study.same("dataset"))
        if study.name == PRINTED:
            tags.append("published")
        elif own is None:
            tags.append("analogue")
        else:
            same = own == study.same("networks") and study.same("budget") == FULL
            tags.append("exact" if same else "scaled")
    return next((tag for tag in ("analogue", "scaled", "exact", "published") if tag in tags), "")


@dataclass(frozen=True)
class Worlds:
    """The studies at their usual schedule, at the full one, and with stuck networks scored as chance."""

    usual: World
    full: World
    completed: World

    @classmethod
    def of(cls, studies: World) -> "Worlds":
        """Return the three from gathered studies; at the full schedule, "x" is "x@full" in `usual`."""
        usual, full = (
            {name: rows for name, study in studies.items() if (rows := study.at(anchor))}
            for anchor in (False, True)
        )
        usual |= {f"{name}{AT_FULL}": study for name, study in full.items()}
        return cls(usual, full, {name: study.completed() for name, study in usual.items()})


def row(
    claim: Claim, source: Source, worlds: Worlds, margins: AllMargins, file_hash: str
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a claim's row of the ledger, without Holm's correction, and the rows of its cases."""
    out: dict[str, Any] = dict.fromkeys(LEDGER, "") | {
        name: math.nan for name, kind in LEDGER.items() if kind == "float64"
    }
    out |= {"starred": False, "cases": 0, "holding": 0, "contradicting": 0, "stuck": 0}
    out |= {"id": claim.id, "source": source.source, "place": claim.place, "statement": claim.statement}
    out |= {"published": claim.published or "", "cautions": "; ".join(claim.cautions)}
    out |= {"hash": hash_of(claim, margins), "file_hash": file_hash}
    if claim.untested:
        return out | {"verdict": claim.untested.verdict, "reason": words.closed(claim.untested.reason)}, []
    ruling = rule(claim, worlds.usual, margins)
    setting = source.setting if claim.setting is None else claim.setting
    out["scope"] = scope_of(ruling, setting)
    out |= words.of_claim(claim)
    out["missing"] = "; ".join(dict.fromkeys(each.what for part in ruling.parts for each in part.missing))
    verdict, note = ruling.verdict, ""
    at_full = rule(claim, worlds.full, margins)
    if out["scope"] in ("scaled", "analogue") and at_full.studies:
        out["anchor"] = at_full.verdict
    else:
        at_full = Ruling((), Evidence(), "")
    if verdict == CONTRADICTED and out["scope"] == "analogue":
        verdict = NO_TRANSFER
    elif verdict == CONTRADICTED and out["scope"] == "scaled" and at_full.verdict != CONTRADICTED:
        verdict, note = NOT_HELD, words.UNCONFIRMED
    out |= {"verdict": verdict, "studies": ", ".join(study.name for study in ruling.studies)}
    if ruling.studies:
        out |= _numbers(ruling)
        out["stuck"] = sum(part.stuck for part in ruling.parts)
    if out["stuck"]:
        out["with_stuck"] = rule(claim, worlds.completed, margins).verdict
    out["size"] = _size(ruling, verdict, margins)
    cases = [*_cases(claim.id, ruling, False), *_cases(claim.id, at_full, True)]
    differing = sum(
        (case["p"] <= SIGNIFICANT) != (case["p_exact"] <= SIGNIFICANT)
        for case in cases
        if not case["anchor"] and not math.isnan(case["p_exact"])
    )
    out["reason"] = words.reason(claim, ruling.parts, note, str(out["anchor"]), differing)
    return out, cases


def ledger(
    sources: Mapping[str, Source], hashes: Mapping[str, str], world: World, margins: AllMargins
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the ledger of all sources, and the table of all cases (imbalance/studies/claims/columns.py)."""
    rows, cases, worlds = [], [], Worlds.of(world)
    for name, source in sources.items():
        for claim in source.claims:
            own, of_claim = row(claim, source, worlds, margins, hashes[name])
            rows.append(own)
            cases += of_claim
    table = pd.DataFrame(rows, columns=list(LEDGER)).astype(LEDGER)
    for _, own in table.groupby("source"):
        table.loc[own.index, "p_holm"] = holm(own["p"].to_numpy())
    table["starred"] = table["verdict"].isin(DECIDED) & (table["p_holm"] <= SIGNIFICANT)
    return table, pd.DataFrame(cases, columns=list(CASES)).astype(CASES)


def counts(table: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Return how many claims of each source, and of all, have each verdict, and how many are starred."""
    found = {}
    for name, own in [("all", table), *table.groupby("source")]:
        numbers = own["verdict"].value_counts()
        found[str(name)] = {verdict: int(numbers[verdict]) for verdict in VERDICTS if verdict in numbers}
        found[str(name)] |= {"claims": len(own), "starred": int(own["starred"].sum())}
    return found


def _numbers(ruling: Ruling) -> dict[str, Any]:
    """Return the numbers of a claim's row: those of all parts, and the first part's effect and spread."""
    first = next(part for part in ruling.parts if part.cases)
    effect, unit = first.effect
    low, high = effect.interval
    verdicts = [case.evidence.verdict for part in ruling.parts for case in part.cases]
    alike = [case.estimate for case in first.cases if case.sample.measure == first.cases[0].sample.measure]
    tau, expected_low, expected_high = spread(alike)
    powers = [part.power for part in ruling.parts if part.cases]
    is_tested = ruling.verdict in (*DECIDED, UNDECIDED)
    return {
        "effect": effect.mean, "low": low, "high": high, "unit": unit, "n": effect.n,
        "p": ruling.evidence.p if is_tested else math.nan, "power": float(np.min(powers)),
        "cases": len(verdicts), "holding": verdicts.count(HELD),
        "contradicting": verdicts.count(CONTRADICTED), "tau": tau,
        "prediction_low": expected_low, "prediction_high": expected_high,
    }  # fmt: skip


def _size(ruling: Ruling, verdict: str, margins: AllMargins) -> str:
    """Return whether a superiority that holds is trivial or notable over all cases."""
    first = ruling.parts[0] if ruling.parts else None
    if verdict != HELD or first is None or not first.cases or first.cases[0].kind != "sup":
        return ""
    case, (effect, _) = first.cases[0], first.effect
    sizes = margins.of(case.sample.measure, case.study.same("dataset"))
    low, high = effect.interval
    return (
        ""
        if sizes is None
        else "trivial"
        if high < sizes.counts
        else "notable"
        if low > sizes.notable
        else ""
    )


def _cases(name: str, ruling: Ruling, anchor: bool) -> Iterator[dict[str, Any]]:
    """Yield the rows of the cases of a claim."""
    for place, part in enumerate(ruling.parts, start=1):
        for case in part.cases:
            low, high = case.estimate.interval
            values = case.sample.by_replicate if case.sample.other is None else pd.Series(dtype=float)
            yield {
                "id": name, "part": place, "study": case.study.name, "condition": case.sample.condition,
                "contrast": case.sample.contrast, "measure": case.sample.measure, "kind": case.kind,
                "margin": case.margin, "n": case.estimate.n, "effect": case.estimate.mean, "low": low,
                "high": high, "unit": case.sample.unit, "p": case.estimate.p, "p_exact": exact_p(values),
                "power": case.power, "verdict": case.evidence.verdict, "anchor": anchor,
            }  # fmt: skip
