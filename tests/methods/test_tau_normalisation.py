import numpy as np
import pytest
import torch

from imbalance.data.examples import Examples
from imbalance.methods.parts.classifiers import linear
from imbalance.methods.tau_normalisation import TauNormalisation, normalised
from tests.methods.contract import Promise

PROMISES = [
    Promise(dict(start="baseline"), None),
    Promise(dict(start="initial", tau=None, validation=0.1), (54, 27, 9)),
]

WEIGHT = torch.tensor([[3.0, 4], [0, 1]])


def test_rows_are_divided_by_their_norms() -> None:
    torch.testing.assert_close(normalised(WEIGHT, 1), torch.tensor([[0.6, 0.8], [0, 1]]))
    assert torch.equal(normalised(WEIGHT, 0), WEIGHT)


def test_a_row_of_zeros_stays() -> None:
    weight = torch.tensor([[3.0, 4], [0, 0]])
    torch.testing.assert_close(normalised(weight, 1), torch.tensor([[0.6, 0.8], [0, 0]]))


def finish(method: TauNormalisation, validation: Examples) -> torch.nn.Linear:
    finished = method.finish(linear(WEIGHT, torch.ones(2)), validation, validation, np.random.default_rng(0))
    assert isinstance(finished, torch.nn.Linear)
    return finished


def test_the_bias_is_dropped() -> None:
    nobody = Examples(torch.zeros(0, 2), torch.zeros(0, dtype=torch.int64))
    finished = finish(TauNormalisation(start="baseline", tau=1), nobody)
    torch.testing.assert_close(finished.weight, torch.tensor([[0.6, 0.8], [0, 1]]))
    assert not finished.bias.any()


def test_tuning_takes_the_best_tau_on_the_validation_data() -> None:
    # (0, 1) is of class 1, but 4 > 1: only for tau above 0.87 do the short weights win
    validation = Examples(torch.tensor([[0.0, 1], [1, 0]]), torch.tensor([1, 0]))
    finished = finish(TauNormalisation(start="initial", tau=None, validation=0.1), validation)
    assert finished(validation.inputs).argmax(dim=1).tolist() == [1, 0]
    assert finished.weight.norm(dim=1)[0].item() == pytest.approx(5**0.1, rel=1e-5), "tau = 0.9"


def test_tuning_needs_held_out_data() -> None:
    with pytest.raises(ValueError, match="tunes on held-out data"):
        TauNormalisation(start="initial", tau=None)
