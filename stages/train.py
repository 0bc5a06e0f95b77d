"""Train the networks of all replicates by one method: `python -m stages.train <method>`.

Under DVC the name of the stage, `train@<method>`, says which method, so that no name from params.yaml is in a
command that DVC gives to a shell.
"""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pandas as pd

from imbalance.config import Params, load_params
from imbalance.data import arrays
from imbalance.disk import replacing
from imbalance.errors import InputError
from imbalance.methods.baseline import Baseline
from imbalance.reproducibility import arithmetic
from imbalance.reproducibility.provenance import digest, identity
from imbalance.running.parallel import run_all, run_team
from imbalance.running.progress import Progress
from imbalance.subsets import subset as subsets
from imbalance.subsets.subset import Subset
from imbalance.training import checkpoints, devices
from imbalance.training.replicate import Plan, obstacle_to_fleets, train_replicate, train_together
from imbalance.training.search import candidates
from stages import run

NAMED = 5  # classes in a message


def main() -> None:
    """data, models/<start> -> models/<key>, data/predictions/<key>."""
    params = load_params()
    key = method_to_train(sys.argv[1:], os.environ.get("DVC_STAGE", ""))
    if key not in params.methods:
        raise InputError(f"params.yaml has no method '{key}'.")
    if params.processes > 1 and not devices.is_team():
        run_team(params.processes, "stages.train", key)
        return
    with devices.team(params.device):
        train(key, params)


def method_to_train(arguments: Sequence[str], stage: str) -> str:
    """The method that the command line names, or else the name of the DVC stage, `<file>:train@<method>`."""
    if arguments:
        return arguments[0]
    _, at, key = stage.partition("@")
    if not at:
        raise InputError("name the method to train: `python -m stages.train <method>`.")
    return key


def train(key: str, params: Params) -> None:
    """Train a method's networks; of processes that do so together, the first writes the results."""
    method = params.methods[key]
    first = devices.rank() == 0
    if not params.reproducible:
        arithmetic.unpin()
    elif first and (reason := arithmetic.unsupported()):
        print(f"warning: results will differ in their last digits: {reason}.", file=sys.stderr)

    # absolute paths, for workers elsewhere on a cluster
    plan = Plan(
        method=method,
        network=params.architecture,
        recipe=params.recipe,
        budget=params.budget,
        protocol=params.protocol,
        validation=params.validation,
        seed=params.seed,
        reproducible=params.reproducible,
        device="cuda" if devices.choose(params.device).type == "cuda" else "cpu",
        precision=params.precision,
        fleet=params.fleet,
        data=Path("data/raw", params.dataset).absolute(),
        start=Path("models", method.start).absolute(),
    )
    # In the main checkout also for DVC's experiments in temporary copies, so that these resume too.
    root = Path(os.environ.get("DVC_ROOT", "."), ".checkpoints").absolute()
    checkpoints.remove_stale(root)
    dataset = arrays.load(plan.data)
    drawn = subsets.load(Path("data/subset"), dataset.train_labels)
    if first:
        for remark in remarks(key, method, dataset.classes, drawn):
            print(remark, file=sys.stderr)
    made = plan.provenances(drawn)
    out = Path("models", key).absolute()
    together = plan.device == "cuda" or plan.fleet > 1
    if together and (reason := obstacle_to_fleets(plan, drawn[0])):
        if first:
            print(f"note: {key}: each of its networks is trained by itself: {reason}.", file=sys.stderr)
        together = False
    folders = [root / identity(each) for each in made]
    if together:
        members = " ".join(folder.name for folder in folders)
        folders = [root / digest(f"{plan.fleet} {members}".encode())]

    def done() -> int:
        return sum(map(checkpoints.iterations_done, folders))

    progress = Progress(key, _iterations(plan, drawn), plan.recipe.batch * plan.recipe.iter_size, done)
    with progress if first else nullcontext():
        if together:
            outputs = train_together(plan, drawn, made, out, folders[0])
        else:
            tasks = [
                (plan, replicate, subset, each, out, folder)
                for replicate, (subset, each, folder) in enumerate(zip(drawn, made, folders, strict=True))
            ]
            one_by_one = devices.is_team() or plan.device == "cuda"
            outputs = run_all(train_replicate, tasks, 1 if one_by_one else -1)
    if not first:
        return

    logits, curves, trials = zip(*outputs, strict=True)
    predictions = Path("data/predictions", key)
    arrays.write(np.stack(logits), predictions / "logits.npy")
    for name, tables in {"convergence": curves, "trials": trials}.items():
        table = pd.concat(tables, keys=range(len(drawn)), names=["replicate"]).reset_index("replicate")
        table.insert(0, "method", key)
        with replacing(predictions / f"{name}.csv") as part:
            table.round(6).to_csv(part, index=False)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def remarks(key: str, method: Baseline, classes: tuple[str, ...], drawn: Sequence[Subset]) -> Iterator[str]:
    """What the user should know of a method on these subsets before it is trained."""
    if method.corrects_twice:
        yield (
            f"warning: {key}: it already makes up for the class priors, and so does its sampler "
            f"'{method.sampler.name}'; together they overshoot towards the minority."
        )
    alone = np.any([subset.sizes == 1 for subset in drawn], axis=0)
    if method.tunes and alone.any():
        names = ", ".join(classes[label] for label in np.flatnonzero(alone)[:NAMED])
        more = f" and {alone.sum() - NAMED} more" if alone.sum() > NAMED else ""
        yield (
            f"note: {key}: a class with a single training image has none held out, so nothing is tuned for "
            f"it: {names}{more} (in at least one replicate)."
        )


def _iterations(plan: Plan, drawn: Sequence[Subset]) -> int:
    """How many iterations the stage trains, for the progress; a search may try some networks again."""
    tried = len(candidates(plan.recipe.base_lr, plan.recipe.repeats)) * len(plan.method.members())
    return sum(plan.iterations(subset) for subset in drawn) * (
        tried if plan.method.trains != "nothing" else 0
    )


if __name__ == "__main__":
    run(main)
