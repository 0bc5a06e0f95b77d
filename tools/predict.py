"""Classify new images by a method's networks: `python -m tools.predict models/<method> FOLDER -o new.csv`.

The table has a line for each image file below FOLDER: its path, the decision, `disagreement` (the fraction of
the networks that decide otherwise by themselves), and the probability of each class, p_<class> (the mean over
the networks). Nothing is written if a file is not like the training images.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from imbalance import prediction, weights
from imbalance.catalogue import suggestion
from imbalance.data import tables
from imbalance.datasets import new_images
from imbalance.datasets.folders import some
from imbalance.errors import InputError
from imbalance.evaluation import schemas
from imbalance.prediction import RULES, Predictions, Rule
from stages import paths, run


def main(arguments: Sequence[str]) -> None:
    """Read the networks and the images, and write the table."""
    given = _parser().parse_args(arguments)
    rule = _rule(given.rule, given.prior)
    priors = dict(map(_share, given.prior))
    if len(priors) < len(given.prior):
        raise InputError("--prior: a class is named twice; give one share for each.")
    committee = prediction.read(given.models)
    if files := stuck(given.models):
        _tell(
            f"warning: {some(files)}: stuck, as good as a guess; the tables of the run leave such networks "
            "out. Predict by a copy of the folder without them."
        )
    deployment = prediction.shares(priors, committee.classes) if rule == "deployment" else None
    if committee.evened and (rule == "prior" or (rule == "deployment" and committee.known)):
        _tell(_remark(committee.evened, rule))
    images = new_images.find(given.folder, _tell)
    found = prediction.predict(
        committee, given.folder, images, rule, deployment, bits=given.bits, to_grey=given.grey
    )
    tables.write(table(found, committee.classes), given.output)
    counts = np.bincount(found.decided, minlength=len(committee.classes))
    decided = ", ".join(
        f"{count} {name}" for count, name in zip(counts, committee.classes, strict=True) if count
    )
    print(
        f"{given.output}: {len(images)} images by {len(committee.networks)} networks of {given.models}, rule "
        f"{rule}: {decided}; the networks disagree on {np.count_nonzero(found.disagreement)}"
    )


def stuck(models: Path) -> list[str]:
    """Return the names of the files with stuck networks, as far as the outputs of the run are still there.

    They are in data/predictions/<method>/trials.csv, if the networks are in models/<method>.
    """
    folder = models.resolve()
    for parent in folder.parents:
        file = parent.parent / paths.PREDICTIONS / folder.relative_to(parent) / "trials.csv"
        if parent.name == paths.MODELS.name and file.is_file():
            trials = tables.read(file, schemas.TRIALS)
            found = trials.loc[trials["kept"] & (trials["state"] == "stuck"), "replicate"]
            return [weights.path(models, replicate).name for replicate in found]
    return []


def table(found: Predictions, classes: Sequence[str]) -> pd.DataFrame:
    """Return the table of the predictions, a row for each image."""
    names = [
        path.as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        for path in found.paths
    ]
    columns = {
        "path": names,
        "decision": [classes[label] for label in found.decided],
        "disagreement": found.disagreement,
    }
    of_classes = {f"p_{name}": found.probabilities[:, label] for label, name in enumerate(classes)}
    return pd.DataFrame(columns | of_classes)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.predict", description="Classify new images.")
    parser.add_argument(
        "models", type=Path, help="the folder of a method's networks, such as models/baseline"
    )
    parser.add_argument("folder", type=Path, help="the folder of the images, with all folders in it")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the table to write, a CSV file")
    parser.add_argument("--rule", help=f"the decision rule: {', '.join(RULES)} (default: argmax)")
    parser.add_argument(
        "--prior",
        nargs="+",
        default=[],
        metavar="NAME=SHARE",
        help="how frequent each class is where the networks are used (rule deployment)",
    )
    parser.add_argument("--bits", type=int, choices=range(8, 17), help="bits of grey values in 16-bit files")
    parser.add_argument("--grey", action="store_true", help="make coloured images grey, as the training did")
    return parser


def _rule(name: str | None, priors: Sequence[str]) -> Rule:
    """Return the rule of this name, or the one that goes with the given priors if there is no name."""
    rule = name or ("deployment" if priors else "argmax")
    if rule not in RULES:
        raise InputError(f"--rule: no rule '{rule}'; {suggestion(rule, RULES)}")
    if (rule == "deployment") != bool(priors):
        raise InputError("--prior NAME=SHARE ..., for each class, goes with --rule deployment; give both.")
    return next(each for each in RULES if each == rule)


def _share(text: str) -> tuple[str, float]:
    """Return name and share of a class, given as NAME=SHARE."""
    name, _, share = text.rpartition("=")
    try:
        return name, float(share)
    except ValueError as error:
        raise InputError(f"--prior: '{text}' is no NAME=SHARE, such as cat=0.1.") from error


def _remark(evened: str, rule: Rule) -> str:
    """Return what to know of a rule's probabilities, where `evened` made up for the class sizes."""
    made_up = f"{evened} made up for the class sizes in the training"
    if rule == "prior":
        return f"warning: {made_up}; the rule prior does it again."
    return f"note: {made_up}, so the classes are taken as equally frequent there."


def _tell(line: object) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
