"""What the studies of all methods found of each: its place, its difference from the baseline, its cost."""

from imbalance import catalogue, methods
from imbalance.config import Params, load_study
from imbalance.config.starts import chain
from imbalance.studies.contrasts import effect
from imbalance.studies.ranking import RANKED
from imbalance.studies.words import named, points
from stages import paths
from stages.measures import load
from tools.findings.catalogue import ARGMAX, significant, tables
from tools.studies import STUDIES

CATALOGUES = ("fashion_catalogue", "mnist_catalogue")
PAGE = "../../studies/{}/README.md"  # as seen from imbalance/methods


def lines(studies: tuple[str, ...] = CATALOGUES) -> dict[str, str]:
    """Return a line on each method of the catalogue, by its name; a study that has not been run is left out.

    A method may have several settings in a study, under names of their own, or none, which the line says.
    """
    run = [study for study in studies if (STUDIES / study / paths.STUDY / "ranking.csv").is_file()]
    of_studies = {study: _of_study(study) for study in run}
    found = {}
    for name in catalogue.names(methods) if run else ():
        texts = [texts[name] for texts in of_studies.values() if name in texts]
        lacking = " or ".join(_link(study) for study, texts in of_studies.items() if name not in texts)
        texts += [f"it is not in {lacking}"] * bool(lacking)
        found[name] = f"**Found** {'' if len(texts) > 1 or not lacking else 'nothing: '}{'; '.join(texts)}."
    return found


def _link(study: str) -> str:
    return f"[{study}]({PAGE.format(study)})"


def _of_study(study: str) -> dict[str, str]:
    """Return what a study found of each method that it has."""
    params, (source, _) = load_study(STUDIES / study / "params.yaml").common, load(STUDIES / study)
    ranks, pairs = tables(study)
    settings: dict[str, list[str]] = {}
    places = {key: place for place, key in enumerate(ranks["method"], start=1)}
    for key in sorted(places, key=lambda key: (key not in catalogue.names(methods), places[key])):
        gain = effect(source.of(key, *ARGMAX) - source.of("baseline", *ARGMAX))
        sure = "significant" if significant(pairs, "baseline", key) else "not significant"
        over = f", {points(gain)} over the baseline, {sure}, at {cost(params, key)}"
        over = over if key != "baseline" else " by itself"
        method, start = type(params.methods[key]).__module__.rpartition(".")[2], params.methods[key].start
        alias = "" if key == method else f" as {named(key)}"
        alias += "" if start in ("initial", "baseline") else f", from {named(start)}"
        settings.setdefault(method, []).append(f"{places[key]} of {len(ranks)}{alias}{over}")
    where = f"at ρ = {params.rho:g}, μ = {params.mu:g}"
    measure = RANKED.replace("_", " ")
    return {
        method: f"in {_link(study)}, {where}, by {measure}: {'; '.join(texts)}"
        for method, texts in settings.items()
    }


def cost(params: Params, key: str) -> str:
    """Return the iterations of a method and of all that it starts from, as a multiple of the baseline's.

    All networks of a run are trained for as many iterations; those of a classifier alone are named apart, as
    they are on features that are computed once.
    """
    trained = [params.methods[each] for each in chain(key, params.methods)]
    whole = sum(len(each.members()) for each in trained if each.trains == "network")
    return f"{whole} × its cost{' and a classifier' * any(each.trains == 'classifier' for each in trained)}"
