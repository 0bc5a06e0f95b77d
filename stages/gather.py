"""Stage `gather` of the claims: the committed tables of a study as one, with what claims need besides.

python -m stages.gather <study>
"""

import sys

from imbalance.config.loader import load
from imbalance.data.tables import write
from imbalance.errors import InputError
from imbalance.studies.claims.cells import gathered
from stages import run
from stages.claim_paths import STUDIES, TABLES


def main(study: str) -> None:
    """studies/<study>/plots, its params.yaml -> data/studies/<study>.csv."""
    folder = STUDIES / study
    params = load(folder / "params.yaml")
    if params.get("shared") == "subset":
        raise InputError(
            f"{folder}: its replicates share the training images (shared: subset), and verdicts need "
            "independent ones; take it out of studies in studies/claims/dvc.yaml"
        )
    write(gathered(folder / "plots", params), TABLES / f"{study}.csv")


if __name__ == "__main__":
    run(lambda: main(sys.argv[1]))
