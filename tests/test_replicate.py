"""One replicate from disk to disk, in several processes as in a run."""

from pathlib import Path

import numpy as np
import pytest
import torch
from joblib import Parallel, delayed

from imbalance import arrays, networks, weights
from imbalance.errors import InputError
from imbalance.methods import parse
from imbalance.replicate import Plan, train_replicate
from imbalance.subsets import Subset, draw
from tests.test_recipes import recipe


def subset(data: Path) -> Subset:
    labels = arrays.load(data / "raw").train_labels
    return draw(labels, np.array([100] * 5 + [10] * 5), np.random.default_rng(0))


def plan(data: Path, method: str, **recipe_changes: object) -> Plan:
    return Plan(
        method=parse({"method": method, "start": "initial"}),
        network="lenet5",
        recipe=recipe(**recipe_changes),
        budget=1,
        protocol="clean",
        validation=0.1,
        seed=0,
        reproducible=True,
        device="cpu",
        data=data / "raw",
        start=data / "initial",
    )


def train(data: Path, out: Path, replicates: list[int], jobs: int) -> dict[int, bytes]:
    """The bytes of the weights after 20 iterations, by replicate."""
    same = plan(data, "oversampling", iterations=20)
    made = same.provenances([subset(data)] * 3)
    Parallel(n_jobs=jobs)(
        delayed(train_replicate)(same, replicate, subset(data), made[replicate], out, out / f"{replicate}")
        for replicate in replicates
    )
    return {replicate: weights.path(out, replicate).read_bytes() for replicate in replicates}


def test_weights_do_not_depend_on_the_number_of_processes_nor_on_the_order(
    data: Path, tmp_path: Path
) -> None:
    one = train(data, tmp_path / "one", [0, 1, 2], jobs=1)
    two = train(data, tmp_path / "two", [2, 0, 1], jobs=2)
    assert one == two
    assert len(set(one.values())) == 3, "replicates are different networks"


def test_logits_are_those_of_the_written_weights(data: Path, tmp_path: Path) -> None:
    same = plan(data, "baseline", iterations=20)
    (made,) = same.provenances([subset(data)])
    logits, curve, trials = train_replicate(same, 0, subset(data), made, tmp_path, tmp_path / "checkpoints")
    network = networks.build("lenet5", (1, 28, 28), 10)
    weights.load(network, tmp_path, 0)
    images = torch.from_numpy(np.array(arrays.load(data / "raw").test_images))
    torch.testing.assert_close(torch.from_numpy(logits), network(images), rtol=1e-4, atol=1e-4)
    assert curve["iteration"].iloc[-1] == 20
    (trial,) = trials.itertuples()
    assert (trial.base_lr, trial.draw, trial.kept) == (0.01, 0, True)


def test_a_worker_with_other_code_is_refused(data: Path, tmp_path: Path) -> None:
    same = plan(data, "baseline", iterations=20)
    (made,) = same.provenances([subset(data)])
    made["source"]["imbalance/solver.py"] = "0" * 40
    with pytest.raises(InputError, match="other code"):
        train_replicate(same, 0, subset(data), made, tmp_path, tmp_path)


def test_a_process_without_the_pinned_arithmetic_is_refused(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = plan(data, "baseline", iterations=20)
    (made,) = same.provenances([subset(data)])
    monkeypatch.setenv("MKL_CBWR", "AVX2")
    with pytest.raises(InputError, match="arithmetic is not pinned"):
        train_replicate(same, 0, subset(data), made, tmp_path, tmp_path)
