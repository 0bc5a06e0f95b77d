"""The part of a study's README that its tables decide."""

from collections.abc import Callable, Iterator
from textwrap import fill

from stages import paths
from tools.findings import (
    catalogue,
    cifar10,
    depth,
    difficulty,
    hensman_masko,
    imagenet,
    keel,
    konno,
    linear,
    long_tail,
    ratio,
    schedule,
    step,
    variance,
)
from tools.studies import STUDIES

FINDINGS: dict[str, Callable[[str], Iterator[str]]] = {
    "mnist_step": step.sentences,
    "mnist_linear": linear.sentences,
    "mnist_ratio": ratio.sentences,
    "fashion_step": difficulty.sentences,
    "cifar10_step": cifar10.sentences,
    "cifar10_linear": linear.sentences,
    "konno": konno.sentences,
    "konno_fashion": konno.sentences,
    "hensman_masko": hensman_masko.sentences,
    "long_tail": long_tail.sentences,
    "imagenet": imagenet.sentences,
    "fashion_catalogue": catalogue.sentences,
    "mnist_catalogue": catalogue.sentences,
    "keel": keel.sentences,
    "variance": variance.sentences,
    "depth": depth.sentences,
}
TABLES: dict[str, Callable[[str], str]] = {
    "mnist_step": schedule.table,
    "cifar10_step": cifar10.table,
    "konno": konno.table,
    "konno_fashion": konno.table,
    "hensman_masko": hensman_masko.table,
    "long_tail": long_tail.table,
    "imagenet": imagenet.table,
    "fashion_catalogue": catalogue.table,
    "mnist_catalogue": catalogue.table,
    "keel": keel.table,
    "depth": depth.table,
}
HEAD = (
    "Differences are in % points, with the 95 % interval over the replicates, paired by replicate, without "
    "correction for their number. The words follow from the intervals."
)
HEADS = {"variance": variance.HEAD}
PRINTED = ("imagenet",)  # whose findings are of published numbers
NOTHING = "Nothing has been trained yet.\n"


def page(study: str) -> str:
    """Return the findings of a study in Markdown, or that it has not been run."""
    if study not in PRINTED and not (STUDIES / study / paths.STUDY).is_dir():
        return NOTHING
    bullets = (
        fill(sentence, 110, initial_indent="- ", subsequent_indent="  ")
        for sentence in FINDINGS[study](study)
    )
    below = ["", TABLES[study](study)] if study in TABLES else []
    return "\n".join([fill(HEADS.get(study, HEAD), 110), "", *bullets, *below]) + "\n"
