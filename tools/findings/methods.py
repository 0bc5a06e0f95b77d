"""What the studies of all methods found of each method: its place, and its difference from the baseline."""

from imbalance.config import load_study
from imbalance.studies.contrasts import effect
from imbalance.studies.ranking import RANKED
from imbalance.studies.words import named, points
from stages import paths
from stages.measures import load
from tools.findings.catalogue import ARGMAX, tables
from tools.studies import STUDIES

CATALOGUES = ("fashion_catalogue", "mnist_catalogue")
PAGE = "../../studies/{}/README.md"  # as seen from imbalance/methods


def lines(studies: tuple[str, ...] = CATALOGUES) -> dict[str, str]:
    """Return a line on each method, by its name; a study that has not been run is left out.

    A method may have several settings in a study, under names of their own.
    """
    found: dict[str, list[str]] = {}
    for study in studies:
        if (STUDIES / study / paths.STUDY / "ranking.csv").is_file():
            for name, text in _of_study(study).items():
                found.setdefault(name, []).append(text)
    return {name: f"**Found** {'; '.join(texts)}." for name, texts in found.items()}


def _of_study(study: str) -> dict[str, str]:
    """Return what a study found of each method that it has."""
    params, (source, _) = load_study(STUDIES / study / "params.yaml").common, load(STUDIES / study)
    ranks, _ = tables(study)
    settings: dict[str, list[str]] = {}
    for place, key in enumerate(ranks["method"], start=1):
        gain = effect(source.of(key, *ARGMAX) - source.of("baseline", *ARGMAX))
        over = "" if key == "baseline" else f", {points(gain)} over the baseline"
        method, start = type(params.methods[key]).__module__.rpartition(".")[2], params.methods[key].start
        alias = "" if key == method else f" as {named(key)}"
        alias += "" if start in ("initial", "baseline") else f", from {named(start)}"
        settings.setdefault(method, []).append(f"{place} of {len(ranks)}{alias}{over}")
    where = f"at ρ = {params.rho:g}, μ = {params.mu:g}"
    measure = RANKED.replace("_", " ")
    return {
        method: f"in [{study}]({PAGE.format(study)}), {where}, by {measure}: {'; '.join(texts)}"
        for method, texts in settings.items()
    }
