"""Stage `evaluate`: measure every method under every decision rule, and compare it with the baseline.

In a study, it evaluates one condition: `python -m stages.evaluate rho=100,mu=0.5`.
"""

import json
import sys

import numpy as np

from imbalance.config import load_study
from imbalance.config.rules import check_classes
from imbalance.data import arrays
from imbalance.data.tables import write
from imbalance.disk import replacing
from imbalance.evaluation.deciding import Deciding
from imbalance.evaluation.predictions import Predictions, stuck_networks
from imbalance.evaluation.schemas import STACKED, TWO_CLASSES
from imbalance.evaluation.tables import headline, of_run
from imbalance.running.parallel import run_all
from imbalance.subsets import subset as subsets
from stages import paths, run, study_paths


def main() -> None:
    """data/predictions -> plots/tables/<name>.csv, metrics/<method>.json; in a study no metrics.

    Of two classes, data/two_classes/<name>.csv, too; of more, the folder stays empty.
    """
    condition = sys.argv[1] if len(sys.argv) > 1 else ""
    params = load_study().at(condition)
    dataset = arrays.load(paths.RAW / params.dataset)
    check_classes(params, dataset.classes)
    drawn = subsets.load(paths.SUBSET / condition, dataset.train_labels)
    shape = (len(drawn), len(dataset.test_labels), len(dataset.classes))
    own = [subset.test for subset in drawn if subset.test is not None]
    tests = np.stack(own) if own else None
    predictions = Predictions(paths.PREDICTIONS / condition, tuple(params.methods), shape, tests)
    deciding = Deciding(params.rules, params.tau, params.deployment, params.two_classes)
    tables = of_run(predictions, dataset.test_labels, dataset.classes, drawn, deciding, run_all)
    if question := deciding.question(dataset.classes, drawn):
        print(f"The positive class is {dataset.classes[question.positive]}.")
    for method, replicate in sorted(stuck_networks(tables["trials"])):
        print(
            f"{method}, replicate {replicate}: stuck, as good as a guess; not in the averages.",
            file=sys.stderr,
        )
    if not condition:
        paths.TWO_CLASSES.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        if condition:
            folder = (paths.TABLES if name in STACKED else study_paths.TABLES) / condition
        else:
            folder = paths.TWO_CLASSES if name in TWO_CLASSES else paths.TABLES
        write(table, folder / f"{name}.csv")
    for method in params.methods if not condition else ():
        with replacing(paths.METRICS / f"{method}.json") as part:
            part.write_text(f"{json.dumps(headline(method, tables), indent=2, sort_keys=True)}\n")


if __name__ == "__main__":
    run(main)
