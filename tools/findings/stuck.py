"""The finding of how many networks of a study are stuck."""

import pandas as pd

from imbalance.data.tables import read
from imbalance.evaluation.schemas import TABLES as SCHEMAS
from imbalance.studies.words import RHO, named
from stages import paths
from tools.studies import STUDIES


def of_stuck(study: str) -> str:
    """Return how many networks put all images into one class, and are no better than a guess."""
    states = pd.concat(
        read(folder / "trials.csv", SCHEMAS["trials"]).assign(condition=folder.name)
        for folder in sorted((STUDIES / study / paths.TABLES).iterdir())
    )
    stuck = states[states["kept"]].assign(stuck=lambda kept: kept["state"] == "stuck")
    where = "; ".join(
        f"{own.sum()} of {len(own)} of {named(method)} at "
        f"{condition.removeprefix('imbalance=').replace('rho=', f'{RHO} = ')}"
        for (condition, method), own in stuck.groupby(["condition", "method"])["stuck"]
        if own.any()
    )
    found = f": {where}. They are left out of the averages" if where else ""
    return f"{stuck['stuck'].sum()} of {len(stuck)} networks are stuck, no better than a guess{found}."
