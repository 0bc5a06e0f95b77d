import numpy as np
import pandas as pd
import pytest

from imbalance.evaluation.selections import selections
from imbalance.training.search import Trial
from tests.builders.training import TRIALS


def test_optimism_is_what_the_test_set_adds_to_its_own_choice() -> None:
    table = pd.DataFrame(TRIALS).assign(method="baseline", replicate=3, kept=False)
    single = pd.DataFrame(TRIALS[:1]).assign(method="other", replicate=0, kept=True)
    (row,) = selections(pd.concat([table, single])).itertuples(index=False)
    assert tuple(row) == ("baseline", 3, 0.85, 0.95, pytest.approx(0.1))


def test_optimism_is_never_negative() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        tried = [Trial(0.1, n, "trained", *rng.uniform(0.5, 1, 2)) for n in range(rng.integers(2, 9))]
        (row,) = selections(pd.DataFrame(tried).assign(method="m", replicate=0)).itertuples(index=False)
        assert row.optimism >= 0
