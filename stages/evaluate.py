"""Stage `evaluate`: measure every method under every decision rule, and compare it with the baseline.

In a study, it evaluates one condition: `python -m stages.evaluate rho=100,mu=0.5`.
"""

import json
import sys

import numpy as np

from imbalance.config import load_study
from imbalance.data import arrays
from imbalance.data.tables import write
from imbalance.disk import replacing
from imbalance.evaluation.predictions import Predictions, stuck_networks
from imbalance.evaluation.schemas import STACKED
from imbalance.evaluation.tables import headline, of_run
from imbalance.running.parallel import run_all
from imbalance.subsets import subset as subsets
from stages import paths, run, study_paths


def main() -> None:
    """data/predictions -> plots/tables/<name>.csv, metrics/<method>.json; in a study no metrics."""
    condition = sys.argv[1] if len(sys.argv) > 1 else ""
    params = load_study().at(condition)
    dataset = arrays.load(paths.RAW / params.dataset)
    drawn = subsets.load(paths.SUBSET / condition, dataset.train_labels)
    shape = (len(drawn), len(dataset.test_labels), len(dataset.classes))
    own = [subset.test for subset in drawn if subset.test is not None]
    tests = np.stack(own) if own else None
    predictions = Predictions(paths.PREDICTIONS / condition, tuple(params.methods), shape, tests)
    tables = of_run(
        predictions, dataset.test_labels, dataset.classes, drawn, params.rules, params.tau, run_all
    )
    for method, replicate in sorted(stuck_networks(tables["trials"])):
        print(
            f"{method}, replicate {replicate}: stuck, as good as a guess; not in the averages.",
            file=sys.stderr,
        )
    for name, table in tables.items():
        in_git = not condition or name in STACKED
        write(table, (paths.TABLES if in_git else study_paths.TABLES) / condition / f"{name}.csv")
    for method in params.methods if not condition else ():
        with replacing(paths.METRICS / f"{method}.json") as part:
            part.write_text(f"{json.dumps(headline(method, tables), indent=2, sort_keys=True)}\n")


if __name__ == "__main__":
    run(main)
