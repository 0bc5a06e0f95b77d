"""One replicate from disk to disk, in several processes as in a run."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from joblib import Parallel, delayed
from safetensors.torch import load_file

from imbalance import networks, weights
from imbalance.data import arrays
from imbalance.data.arrays import Arrays
from imbalance.data.examples import Examples
from imbalance.errors import InputError
from imbalance.methods import parse
from imbalance.networks.parts.network import Network
from imbalance.subsets.subset import draw
from imbalance.training import loop, replicate
from imbalance.training.jobs import Job
from imbalance.training.plan import Attempt, Plan
from imbalance.training.replicate import Search, obstacle_to_fleets, train_replicate
from imbalance.training.search import Candidate
from tests.builders.training import only_replicate, plan, subset, train_fleets, train_once


def train(data: Path, out: Path, replicates: list[int], jobs: int) -> dict[int, bytes]:
    """The bytes of the weights after 8 iterations, by replicate."""
    same = dataclasses.replace(plan(data, "oversampling", iterations=8), out=out)
    all_three = same.replicates([subset(data)] * 3, out / "checkpoints")
    Parallel(n_jobs=jobs)(delayed(train_replicate)(same, all_three[number]) for number in replicates)
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
    outputs = train_once(same, subset(data), tmp_path)
    network = weights.read(weights.path(tmp_path, 0))
    images = torch.from_numpy(np.array(arrays.load(data / "raw").test_images))
    torch.testing.assert_close(torch.from_numpy(outputs.logits), network(images), rtol=1e-4, atol=1e-4)
    assert outputs.convergence["iteration"].iloc[-1] == outputs.learning["iteration"].iloc[-1] == 20
    assert outputs.digest == weights.digest(network), "of the tensors that were written"
    (trial,) = outputs.trials.itertuples()
    assert (trial.base_lr, trial.draw, trial.kept) == (0.01, 0, True)


def test_weights_by_names_of_classes_are_those_of_the_labels(data: Path, tmp_path: Path) -> None:
    """Given in any order, and refused before the training if a class is none of the data set's."""
    digests = []
    for given in ({"9": 3, "0": 0.5}, {"0": 0.5, "9": 3, "4": 1}, {"0": 3, "9": 0.5}):
        method = parse(
            {"method": "baseline", "start": "initial", "weights": {"name": "given", "values": given}}
        )
        same = dataclasses.replace(plan(data, "baseline", iterations=3), method=method)
        digests.append(train_once(same, subset(data), tmp_path).digest)
    assert digests[0] == digests[1] != digests[2]
    wrong = parse(
        {"method": "baseline", "start": "initial", "weights": {"name": "given", "values": {"ten": 3}}}
    )
    with pytest.raises(InputError, match="`weights`: no class 'ten'"):
        train_once(dataclasses.replace(same, method=wrong), subset(data), tmp_path)


@pytest.mark.parametrize("shape", [(1, 28, 28), (1, 32, 32)])
def test_a_start_of_another_kind_is_refused(shape: tuple[int, int, int], data: Path, tmp_path: Path) -> None:
    same = dataclasses.replace(plan(data, "baseline"), network="small_cnn", start=tmp_path)
    other = "small_cnn" if shape == (1, 32, 32) else "lenet5"
    weights.save(networks.build(other, shape, 10), tmp_path, 0, {})
    with pytest.raises(InputError, match="holds another network than a small_cnn for these images; delete"):
        train_once(same, subset(data), tmp_path)


def test_a_worker_with_other_code_is_refused(data: Path, tmp_path: Path) -> None:
    same = plan(data, "baseline", iterations=20)
    same, only = only_replicate(same, subset(data), tmp_path)
    only.provenance["source"]["imbalance/training/solvers.py"] = "0" * 40
    with pytest.raises(InputError, match="other code"):
        train_replicate(same, only)


def test_a_process_without_the_pinned_arithmetic_is_refused(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = plan(data, "baseline", iterations=20)
    monkeypatch.setenv("MKL_CBWR", "AVX2")
    with pytest.raises(InputError, match="arithmetic is not pinned"):
        train_once(same, subset(data), tmp_path)


def together(
    data: Path, out: Path, method: str, replicates: int, fleet: int, **changes: object
) -> pd.DataFrame:
    """The trials of replicates trained in fleets; their weights in `out`."""
    outputs = train_fleets(plan(data, method, **changes), [subset(data)] * replicates, fleet, out)
    assert all(len(each.logits) == len(arrays.load(data / "raw").test_labels) for each in outputs)
    return pd.concat([each.trials for each in outputs], keys=range(replicates))


def assert_nearly_equal(one: Path, other: Path, number: int) -> None:
    """The weights of a replicate in two folders are the same but for rounding."""
    stored = [load_file(weights.path(folder, number)) for folder in (one, other)]
    ours, theirs = (torch.cat([tensors[key].flatten() for key in sorted(tensors)]) for tensors in stored)
    assert (ours - theirs).norm() < 1e-3 * ours.norm()


def test_replicates_trained_together_are_those_trained_alone(data: Path, tmp_path: Path) -> None:
    train(data, tmp_path / "alone", [0, 1, 2], jobs=1)
    together(data, tmp_path / "together", "oversampling", 3, fleet=2, iterations=8)
    for each in range(3):
        assert_nearly_equal(tmp_path / "alone", tmp_path / "together", each)


def test_an_ensemble_is_trained_together_too(data: Path, tmp_path: Path) -> None:
    train_once(plan(data, "easy_ensemble", iterations=5), subset(data), tmp_path / "alone")
    together(data, tmp_path / "together", "easy_ensemble", 1, fleet=3, iterations=5)
    assert len(load_file(weights.path(tmp_path / "together", 0))) == 4 * 8
    assert_nearly_equal(tmp_path / "alone", tmp_path / "together", 0)


def test_a_search_in_fleets_tries_what_a_search_alone_does(data: Path, tmp_path: Path) -> None:
    rates = dict(base_lr=[1e-9, 1e9, 0.01], iterations=10)
    alone, _ = searched(data, tmp_path / "alone", "clean", **rates)
    fleets = together(data, tmp_path / "together", "baseline", 1, fleet=2, **rates)
    keys = ["base_lr", "draw"]
    pd.testing.assert_frame_equal(
        alone.sort_values(keys, ignore_index=True),
        fleets.sort_values(keys, ignore_index=True),
        rtol=1e-3,
    )


def test_a_replicate_that_diverges_is_an_error_without_a_search(data: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"diverged .* lower base_lr"):
        together(data, tmp_path, "baseline", 2, fleet=2, base_lr=1e9, iterations=5)


def test_what_cannot_be_trained_together_is_known_before(data: Path, tmp_path: Path) -> None:
    assert obstacle_to_fleets(*only_replicate(plan(data, "baseline"), subset(data), tmp_path)) is None
    asking = only_replicate(plan(data, "dynamic_sampling"), subset(data), tmp_path)
    reason = obstacle_to_fleets(*asking)
    assert reason == "the method asks the network during the training"
    own_images = dataclasses.replace(
        subset(data), test=np.arange(len(arrays.load(data / "raw").test_labels)) > 9
    )
    of_repeated_splits = only_replicate(plan(data, "baseline"), own_images, tmp_path)
    assert obstacle_to_fleets(*of_repeated_splits) is None


def searched(data: Path, tmp_path: Path, protocol: str, **changes: object) -> tuple[pd.DataFrame, Path]:
    """The trials of a search, and the folder with the weights that were kept."""
    several = dataclasses.replace(plan(data, "baseline", **changes), protocol=protocol)
    return train_once(several, subset(data), tmp_path).trials, tmp_path


def test_a_search_keeps_the_best_by_its_protocol(data: Path, tmp_path: Path) -> None:
    rates = dict(base_lr=[0.03, 1e-7, 0.01], iterations=30)
    by_validation, clean = searched(data, tmp_path / "clean", "clean", **rates)
    by_test, paper = searched(data, tmp_path / "paper", "paper", **rates)
    columns = ["base_lr", "draw", "state", "validation_auc", "test_auc"]
    pd.testing.assert_frame_equal(by_validation[columns], by_test[columns])  # the same networks
    for trials, score in ((by_validation, "validation_auc"), (by_test, "test_auc")):
        assert trials["kept"].sum() == 1
        trained = trials[trials["state"] == "trained"]
        assert trials.loc[trials["kept"], score].item() == trained[score].max()
    # the kept network is the one that is written
    chosen = by_validation.index[by_validation["kept"]] == by_test.index[by_test["kept"]]
    same = weights.path(clean, 0).read_bytes()[-1000:] == weights.path(paper, 0).read_bytes()[-1000:]
    assert chosen.all() == same


def test_what_is_stuck_is_drawn_again_and_what_diverges_is_left(data: Path, tmp_path: Path) -> None:
    trials, _ = searched(data, tmp_path, "clean", base_lr=[1e-9, 1e9, 0.03], iterations=30)
    table = trials.set_index(["base_lr", "draw"])
    assert table.loc[(0.03, 0), "state"] == "trained"
    assert table.loc[(0.03, 0), "kept"]
    assert (table.loc[1e9, "state"] == "diverged").all()
    assert table.loc[1e9, "test_auc"].isna().all()
    assert len(table.loc[1e9]) == 2
    assert len(trials) >= 4


def test_draws_differ_and_a_search_that_was_stopped_goes_on_to_the_same_bytes(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    twice = dict(base_lr=[0.03, 0.01], repeats=2, iterations=20)
    expected, whole = searched(data, tmp_path / "whole", "clean", **twice)
    assert expected["test_auc"].nunique() == 4
    calls = 0

    def stopping(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return loop.train(*arguments)

    monkeypatch.setattr(replicate, "train", stopping)
    with pytest.raises(KeyboardInterrupt):
        searched(data, tmp_path / "broken", "clean", **twice)
    monkeypatch.undo()
    trials, broken = searched(data, tmp_path / "broken", "clean", **twice)
    pd.testing.assert_frame_equal(trials, expected)
    assert weights.path(broken, 0).read_bytes() == weights.path(whole, 0).read_bytes()


@pytest.mark.parametrize(
    "method",
    [
        {"method": "dynamic_sampling"},
        {"method": "differential_evolution"},
        {"method": "tau_normalisation", "tau": None, "validation": 0.1},
    ],
    ids=lambda block: block["method"],
)
def test_a_method_that_tunes_needs_held_out_images(
    data: Path, tmp_path: Path, method: dict[str, object]
) -> None:
    tuned = dataclasses.replace(
        plan(data, "baseline", iterations=2), method=parse(method | {"start": "initial"})
    )
    labels = arrays.load(data / "raw").train_labels
    lonely = draw(labels, np.ones(10, np.int64), np.random.default_rng(0))
    with pytest.raises(InputError, match="tunes on held-out images, which needs two classes with two images"):
        train_once(tuned, lonely, tmp_path)


def test_a_search_needs_something_to_choose_by(data: Path, tmp_path: Path) -> None:
    several = plan(data, "baseline", base_lr=[0.03, 0.01], iterations=2)
    labels = arrays.load(data / "raw").train_labels
    lonely = draw(labels, np.ones(10, np.int64), np.random.default_rng(0))
    with pytest.raises(InputError, match="needs two classes with two images each"):
        train_once(several, lonely, tmp_path)


def test_candidates_are_taken_once(data: Path, tmp_path: Path) -> None:
    several = plan(data, "baseline", base_lr=[0.03, 0.01])
    search = Search(*only_replicate(several, subset(data), tmp_path))
    assert search.take() == [Candidate(0.03, 0), Candidate(0.01, 0)]
    assert search.take() == []


def test_nothing_is_evaluated_of_a_candidate_that_diverged(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its logits on the test images tell nothing, and there may be many."""
    evaluated = []
    monkeypatch.setattr(replicate, "in_batches", lambda *given: evaluated.append(given))
    with pytest.raises(InputError, match="diverged"):
        train_once(plan(data, "baseline", base_lr=1e9, iterations=5), subset(data), tmp_path)
    assert not evaluated


@pytest.mark.parametrize("fleet", [1, 2])
def test_each_member_of_a_cascade_is_trained_on_what_the_ones_before_leave(
    fleet: int, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two replicates of classes of 100 and 10 images, three members: 100 -> 32 -> 10."""
    cascade = plan(data, "balance_cascade", iterations=5)
    cascade = dataclasses.replace(cascade, method=cascade.method.model_copy(update={"subsets": 3}))
    sizes: dict[int, list[list[int]]] = {0: [], 1: []}
    job_of = Plan.job

    def noted(self: Plan, dataset: Arrays, test: Examples, attempt: Attempt, previous: list[Network]) -> Job:
        job = job_of(self, dataset, test, attempt, previous)
        sizes[attempt.replicate.number].append(job.training.labels.bincount().tolist())
        return job

    monkeypatch.setattr(Plan, "job", noted)
    if fleet > 1:
        train_fleets(cascade, [subset(data)] * 2, fleet, tmp_path)
    else:
        cascade = dataclasses.replace(cascade, out=tmp_path)
        for each in cascade.replicates([subset(data)] * 2, tmp_path / "checkpoints"):
            train_replicate(cascade, each)
    expected = [[size] * 5 + [10] * 5 for size in (100, 32, 10)]
    assert sizes == {0: expected, 1: expected}
    assert len(load_file(weights.path(tmp_path, 1))) == 3 * 8


def test_a_cascade_in_fleets_is_the_cascade_alone(data: Path, tmp_path: Path) -> None:
    cascade = plan(data, "balance_cascade", iterations=5)
    cascade = dataclasses.replace(cascade, method=cascade.method.model_copy(update={"subsets": 2}))
    train_once(cascade, subset(data), tmp_path / "alone")
    train_fleets(cascade, [subset(data)], 2, tmp_path / "together")
    assert_nearly_equal(tmp_path / "alone", tmp_path / "together", 0)


@pytest.mark.parametrize("fleet", [1, 2])
def test_a_cascade_that_was_stopped_goes_on_to_the_same_bytes(
    fleet: int, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped before its third member, whose images depend on the two that only checkpoints have."""

    def cascade(folder: Path) -> bytes:
        several = plan(data, "balance_cascade", iterations=5)
        several = dataclasses.replace(several, method=several.method.model_copy(update={"subsets": 3}))
        if fleet > 1:
            train_fleets(several, [subset(data)], fleet, folder)
        else:
            train_once(several, subset(data), folder)
        return weights.path(folder, 0).read_bytes()

    whole = cascade(tmp_path / "whole")
    job_of = Plan.job

    def stopping(
        self: Plan, dataset: Arrays, test: Examples, attempt: Attempt, previous: list[Network]
    ) -> Job:
        if attempt.member == 2:
            raise KeyboardInterrupt
        return job_of(self, dataset, test, attempt, previous)

    monkeypatch.setattr(Plan, "job", stopping)
    with pytest.raises(KeyboardInterrupt):
        cascade(tmp_path / "broken")
    monkeypatch.undo()
    assert list((tmp_path / "broken").rglob("*.safetensors"))
    assert cascade(tmp_path / "broken") == whole
