import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from imbalance.data.examples import Examples, in_batches, split


@given(st.lists(st.integers(1, 40), min_size=2, max_size=6), st.floats(0.01, 0.99), st.integers(0, 99))
def test_split_is_stratified_and_complete(sizes: list[int], fraction: float, seed: int) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    training, validation = split(labels, fraction, np.random.default_rng(seed))
    assert sorted([*training, *validation]) == list(range(len(labels)))
    held_out = np.bincount(labels[validation], minlength=len(sizes))
    for size, count in zip(sizes, held_out, strict=True):
        assert count == (0 if size == 1 else min(max(1, round(fraction * size)), size - 1))


def test_fraction_zero_holds_out_nothing() -> None:
    training, validation = split(np.zeros(5, int), 0, np.random.default_rng(0))
    assert training.tolist() == [0, 1, 2, 3, 4]
    assert validation.tolist() == []


def test_in_batches_gives_every_output_without_gradients_and_keeps_the_mode() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.9))
    inputs = torch.randn(1203, 3)
    outputs = in_batches(model, inputs)
    assert outputs.shape == (1203, 2)
    assert not outputs.requires_grad
    assert model.training
    torch.testing.assert_close(outputs, model[0](inputs))
    assert in_batches(model, inputs[:0]).shape == (0, 2)


def test_and_also_appends() -> None:
    one = Examples(torch.zeros(2, 3), torch.tensor([0, 1]))
    both = one.and_also(Examples(torch.ones(1, 3), torch.tensor([2])))
    assert both.labels.tolist() == [0, 1, 2]
    assert both.inputs[2].tolist() == [1, 1, 1]
