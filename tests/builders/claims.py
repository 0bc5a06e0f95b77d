"""Studies with effects that are known, and claims on them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from imbalance.studies.claims.cells import Study
from imbalance.studies.claims.ledger import Worlds, row
from imbalance.studies.claims.margins import AllMargins, Margins
from imbalance.studies.claims.schema import Claim, Source

NOISE = np.array([-1.0, -0.5, 0.5, 0.0, 0.0, -0.5, 0.5, 1.0]) / 1e5  # mean 0, odd and even alike
MARGINS = AllMargins(
    margins=(Margins(measures=("auc", "accuracy", "minority_recall"), counts=0.1, notable=0.5),)
)
SETTING = {"mnist": "lenet5"}


def study(
    means: Mapping[tuple[str, float, float], float],
    anchors: Mapping[tuple[str, float, float], float] | None = None,
    name: str = "mnist_step",
    dataset: str = "mnist",
    noise: float = 1,
) -> Study:
    """A study with the mean AUC of each method at each ρ and μ, and those at the full schedule."""
    rows = [
        {
            "rho": rho, "mu": mu, "method": method, "replicate": replicate, "rule": "any", "measure": "auc",
            "value": mean + noise * own * (1 + place), "anchor": anchor,
        }
        for anchor, of in ((False, means), (True, anchors or {}))
        for place, ((method, rho, mu), mean) in enumerate(of.items())
        for replicate, own in enumerate(NOISE)
    ]  # fmt: skip
    about = {
        "dataset": dataset,
        "networks": "lenet5",
        "pairing": f"{dataset} 0",
        "budget": 0.1,
        "classes": 10,
    }
    return Study(name, pd.DataFrame(rows).assign(**about))


def ruled(test: dict[str, object], *studies: Study) -> dict[str, object]:
    """The row of the ledger of a claim of one part."""
    own = {"studies": [each.name for each in studies], "measure": "auc"} | test
    return row_of({"parts": [own]}, *studies)


def row_of(claim: dict[str, object], *studies: Study) -> dict[str, object]:
    """The row of the ledger of a claim."""
    whole = Claim.model_validate({"id": "C1", "place": "§1", "statement": "It is so."} | claim)
    source = Source(source="paper", citation="Somebody (2018)", setting=SETTING, claims=(whole,))
    found, _ = row(whole, source, Worlds.of({each.name: each for each in studies}), MARGINS, "")
    return found
