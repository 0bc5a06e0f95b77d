"""Stage `train`: train the networks of all replicates by a method: `python -m stages.train <method>`.

In a study, a condition follows, such as rho=100,mu=0.5. In a single run under DVC, the method is taken from
the name of the stage, `train@<method>`, so that no name from params.yaml is in a command that DVC gives to a
shell.
"""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from imbalance.config import Study, load_study
from imbalance.config.rules import check_classes
from imbalance.data import arrays
from imbalance.errors import InputError
from imbalance.reproducibility import arithmetic
from imbalance.running import progress
from imbalance.running.parallel import run_all, run_team
from imbalance.running.remarks import remarks
from imbalance.subsets import subset as subsets
from imbalance.training import checkpoints, devices, outputs
from imbalance.training.devices import Execution
from imbalance.training.plan import Plan, sharing
from imbalance.training.replicate import obstacle_to_fleets, train_replicate, train_together
from stages import paths, run


def main() -> None:
    """data, models/<start> -> models/<key>, data/predictions/<key>, in a study in the condition's folder."""
    key, condition = to_train(sys.argv[1:], os.environ.get("DVC_STAGE", ""))
    study = load_study()
    params = study.at(condition)
    if key not in params.methods:
        raise InputError(f"params.yaml has no method '{key}'.")
    if params.processes > 1 and not devices.is_team():
        run_team(params.processes, "stages.train", *filter(None, (key, condition)))
        return
    with devices.team(params.device):
        train(key, condition, study)


def to_train(arguments: Sequence[str], stage: str) -> tuple[str, str]:
    """Return the method and the condition to train, "" for a single run.

    They are in the command line, or the method is in the DVC stage's name, `<file>:train@<method>`.
    """
    match arguments:
        case [key]:
            return key, ""
        case [key, condition]:
            return key, condition
    _, at, key = stage.rpartition("@")
    if arguments or not at:
        raise InputError("name the method to train: `python -m stages.train <method>`.")
    return key, ""


def train(key: str, condition: str, study: Study) -> None:
    """Train a method's networks: each alone, in fleets, or each by several processes; rank 0 writes."""
    params = study.at(condition)
    if not params.reproducible:
        arithmetic.unpin()
    elif reason := arithmetic.unsupported():
        tell(f"warning: results will differ in their last digits: {reason}.")
    plan = plan_of(study, key, condition)
    # For DVC's experiments in temporary copies, also in the main checkout, so that they can resume.
    root = Path(os.environ.get("DVC_ROOT", "."), ".checkpoints").absolute()
    checkpoints.remove_stale(root)
    dataset = arrays.load(plan.data)
    check_classes(params, dataset.classes)
    drawn = subsets.load(paths.SUBSET / condition, dataset.train_labels)
    for remark in remarks(key, plan.method, dataset.classes, drawn):
        tell(remark)
    replicates = plan.replicates(drawn, root)
    together = plan.execution.in_fleets
    if together and (reason := obstacle_to_fleets(plan, replicates[0])):
        tell(f"note: {key}: each of its networks is trained by itself: {reason}.")
        together = False
    if together:
        replicates = sharing(replicates, plan.execution.fleet)
    with progress.of_training(key, plan, replicates):
        if together:
            trained = train_together(plan, replicates)
        else:
            one_by_one = devices.is_team() or plan.execution.device.type == "cuda"
            tasks = [(plan, replicate) for replicate in replicates]
            trained = run_all(train_replicate, tasks, jobs=1 if one_by_one else -1)
    if devices.rank() == 0:
        outputs.write(trained, key, paths.PREDICTIONS / condition / key)
        for replicate in replicates:
            shutil.rmtree(replicate.checkpoints, ignore_errors=True)


def plan_of(study: Study, key: str, condition: str = "") -> Plan:
    """Return the plan of the method `key`, with absolute paths, for workers with another working folder.

    Raises `InputError` if the requested device is missing.
    """
    params = study.at(condition)
    method, device = params.methods[key], devices.choose(params.device)
    initial = Path("initial", study.network_in(condition))
    start = initial if method.start == "initial" else Path(condition, method.start)
    return Plan(
        method=method,
        network=params.architecture,
        recipe=params.recipe,
        budget=params.budget,
        protocol=params.protocol,
        validation=params.validation,
        seed=params.seed,
        execution=Execution(device, params.precision, params.fleet, params.reproducible),
        data=(paths.RAW / params.dataset).absolute(),
        start=(paths.MODELS / start).absolute(),
        out=(paths.MODELS / condition / key).absolute(),
    )


def tell(line: str) -> None:
    """Print a line on stderr, in rank 0 only."""
    if devices.rank() == 0:
        print(line, file=sys.stderr)


if __name__ == "__main__":
    run(main)
