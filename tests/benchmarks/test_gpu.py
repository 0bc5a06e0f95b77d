"""`make bench-gpu` on a processor: every way to train K networks gives the same ones; the report, by hand."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from benchmarks import gpu, gpu_candidates
from benchmarks.cpu_loop import training_flop
from benchmarks.gpu import Results, report, slug, times, verdict
from benchmarks.gpu_candidates import (
    ALWAYS,
    COPIED,
    FLEETS,
    Found,
    Group,
    Profile,
    VmapFleet,
    apart,
    build,
    grouped,
    is_product,
    jobs_of,
    labels,
    measure,
    network_of,
    parts,
    random_images,
    reason,
    recipe_of,
    weights_of,
)
from imbalance.training.fleet import loop
from imbalance.training.fleet.loop import BLOCK
from imbalance.training.fleet.stacking import Fleet
from imbalance.training.jobs import Job

PAGE = Path("benchmarks/README.md")
OTHERS = [label for label in FLEETS if label != "fleet"]
TINY = "--device cpu --networks lenet5 --members 2 --precisions float32 --rounds 1 --iterations 1 --batch 4"


@pytest.fixture(autouse=True)
def _arithmetic_as_before() -> Iterator[None]:
    """What is timed chooses its arithmetic for the whole process."""
    deterministic = torch.are_deterministic_algorithms_enabled()
    flags = [(module, module.allow_tf32) for module in (torch.backends.cudnn, torch.backends.cuda.matmul)]
    yield
    torch.use_deterministic_algorithms(deterministic)
    for module, allowed in flags:
        module.allow_tf32 = allowed


def group(**changes: Any) -> Group:
    tiny = dict(
        network="lenet5", precision="float32", members=3, others=True, batch=4, device="cpu", rounds=1
    )
    return Group.model_validate(tiny | {"iterations": 1} | changes)


def jobs(**changes: Any) -> list[Job]:
    """Jobs whose networks do not draw which of their values are dropped."""
    made = jobs_of(group(**changes))
    for layer in (layer for job in made for layer in job.network.modules()):
        if isinstance(layer, nn.Dropout):
            layer.p = 0
    return made


@pytest.mark.parametrize("network", ["lenet5", "all_cnn"])
@pytest.mark.parametrize("stack", [grouped, VmapFleet])
@pytest.mark.parametrize("members", [1, 3])
def test_the_outputs_of_a_candidate_are_those_of_the_librarys_fleet(
    network: str, stack: Any, members: int
) -> None:
    models = [job.network for job in jobs(network=network, members=members)]
    images = random_images(network).tensor[: 2 * members]
    inputs = images.reshape(members, 2, *images.shape[1:])
    with torch.no_grad():
        torch.testing.assert_close(stack(models)(inputs), Fleet(models)(inputs), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("network", ["lenet5", "all_cnn"])
def test_all_candidates_train_the_networks_that_the_librarys_fleet_trains(network: str) -> None:
    tiny = dict(network=network, members=2, batch=2)
    start = weights_of([Fleet([job.network for job in jobs(**tiny)])])
    trained = {}
    for label, candidate in FLEETS.items():
        work = candidate(jobs(**tiny))
        work.settle()
        work.run(2)
        trained[label] = weights_of(work.fleets)
    for label in OTHERS:
        assert trained[label].shape == start.shape
        assert apart(trained[label], trained["fleet"], start) < 1e-4, label


class Groups(TorchDispatchMode):
    """Remembers in how many groups maps are convolved, forwards and backwards."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[tuple[str, int]] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if "convolution" in func.__name__:
            names = [argument.name for argument in func._schema.arguments]
            self.seen.add((func.overloadpacket.__name__, args[names.index("groups")]))
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize(("stack", "groups"), [(Fleet, None), (grouped, 3), (VmapFleet, 3)])
def test_vmap_is_grouped_convolutions_and_unfolding_is_none(stack: Any, groups: int | None) -> None:
    fleet = stack([job.network for job in jobs()])
    with Groups() as convolved:
        fleet(random_images("lenet5").tensor[:6].reshape(3, 2, 1, 28, 28)).sum().backward()
    assert convolved.seen == (
        {("convolution", groups), ("convolution_backward", groups)} if groups else set()
    )


@pytest.mark.slow
def test_each_is_compiled_as_a_whole_and_fleets_of_one_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def whole(function: Any, device: torch.device) -> Any:
        return torch.compile(function, fullgraph=True, dynamic=False, backend="eager")

    graphs = torch._dynamo.utils.counters["stats"]
    torch._dynamo.reset()
    for module in (loop, gpu_candidates):
        monkeypatch.setattr(module, "compiled", whole)
    compiled = {}
    for label in ("compiled", *FLEETS):
        before = graphs["unique_graphs"]
        work = build(label, group())
        work.settle()
        work.run(1)
        compiled[label] = graphs["unique_graphs"] - before
    assert compiled["turns"] == 2, "the loss and the update, once for all of them"
    assert compiled["streams"] == 0, "they are those of the fleets of one before"


@pytest.mark.parametrize(("iterations", "expected"), [(1, [1]), (10, [3, 3, 3, 1]), (1000, [BLOCK] * 5)])
def test_the_parts_of_a_timing(iterations: int, expected: list[int]) -> None:
    assert list(parts(iterations)) == expected


def test_what_is_timed_in_a_group() -> None:
    assert labels(group(members=16)) == [*ALWAYS, *FLEETS]
    assert labels(group(members=64)) == [*ALWAYS, "fleet", "grouped", "vmap"]
    assert labels(group(members=1)) == labels(group(others=False)) == [*ALWAYS, "fleet"]


def test_the_operations_of_the_all_cnn_by_hand() -> None:
    first = 32**2 * 96 * (9 * 3)
    products = (
        first
        + (32**2 + 16**2) * 96 * (9 * 96)
        + 16**2 * 192 * (9 * 96)
        + (16**2 + 8**2 + 6**2) * 192 * (9 * 192)
        + 6**2 * (192 + 10) * 192
    )
    network = network_of(group(network="all_cnn"), 0)
    counted = training_flop(network, random_images("all_cnn").tensor[:2])
    assert counted == 2 * 2 * (3 * products - first)
    assert 256 * counted / 2 == pytest.approx(414.6e9, rel=1e-4)


def test_the_paper_s_schedules() -> None:
    assert [recipe_of(name).iterations for name in ("lenet5", "all_cnn")] == [10_000, 70_000]
    assert [recipe_of(name).batch for name in ("lenet5", "all_cnn")] == [64, 256]


def found(network: str = "lenet5", members: int = 4, slow: float = 1, **changes: Any) -> Found:
    """Two rounds, the second of which took twice as long; a network of a fleet, 16 ms for 1000 iterations."""
    fast = {"usual": 2e-3, "compiled": 2e-4, "product": 1e-2, "copy": 1e-3, "fleet": members * slow * 16e-6}
    others = {"grouped": fast["fleet"] / 2} if members > 1 else {}
    rounds = [{label: slower * own for label, own in (fast | others).items()} for slower in (1, 2)]
    settings: dict[str, Any] = dict(
        group=group(network=network, members=members, batch=64, rounds=2),
        device="Some GPU",
        flop=10**9,
        product_flop=10**12,
        copied=2 * 10**9,
        rounds=rounds,
        iterations=dict.fromkeys(rounds[0], 10),
        gib={"fleet": 1.5},
        distances={"grouped": 1.234e-6} if others else {},
        failed={"vmap": "Unsupported: a | b"},
        profile=Profile(
            label="grouped" if others else "fleet", total=40, products=10, longest=[("gemm", 10), ("pool", 4)]
        ),
    )
    return Found(**settings | changes)


def lines(*groups: Found) -> list[str]:
    return report(Results(environment={"device": "Some GPU"}, groups=list(groups))).splitlines()


def test_ratios_count_networks_and_are_taken_within_a_round() -> None:
    assert times(found(), "fleet", "usual") == pytest.approx([125, 125])
    assert times(found(), "grouped", "fleet") == pytest.approx([2, 2])
    assert times(found(), "fleet", "streams") == []


def test_the_line_of_a_fleet() -> None:
    # 16 us a network and iteration, 10^9 operations in them: 62.5 TFLOP/s of 100
    assert (
        "| c. the library's fleet | float32 | 4 | 0.24 (0.16 to 0.32) | 15,000 | 2,666,667 "
        "| 62.50 (62.50 to 62.50) | 125.00 (125.00 to 125.00) | 12.50 (12.50 to 12.50) | 1.50 |  |"
    ) in lines(found())


def test_the_lines_of_the_loops_and_of_what_failed() -> None:
    page = lines(found(), found(members=1))
    usual = "| a. usual loop | torch's | 1 | 30 (20 to 40) | 120 | 21,333 |  |  |  |  |  |"
    compiled = "| b. compiled loop | float32 | 1 | 3 (2 to 4) | 1,200 | 213,333 | 5.00 (5.00 to 5.00) | 10.00 (10.00 to 10.00) |  |  |  |"
    assert [line for line in page if line.startswith(("| a.", "| b."))] == [usual, compiled]
    assert "| e. `torch.vmap` | float32 | 4 | Unsupported: a / b |  |  |  |  |  |  |  |" in page
    assert any(line.endswith("| 1.2e-06 |") and "d. grouped" in line for line in page)


def test_the_rates_of_the_device() -> None:
    page = lines(found())
    assert "| matrix product, float32, TFLOP/s | 75 (50 to 100) |" in page
    assert "| copy, read and written, TB/s | 1.5 (1 to 2) |" in page


def test_the_fastest_way() -> None:
    page = lines(found(), found(members=1))
    rows = [line for line in page if line.startswith("| LeNet-5 | float32 |")]
    assert rows == [
        "| LeNet-5 | float32 | 4 | d. grouped convolutions | 0.12 (0.08 to 0.16) | 2.00 (2.00 to 2.00) |"
    ]


def test_bars_that_are_met_and_not_met_by_the_best_of_the_librarys_fleets() -> None:
    page = lines(
        found(members=4, slow=3), found(members=16, slow=1 / 3), found("all_cnn", members=1, slow=200)
    )
    start = page.index("| network | best fleet | bar | measured | met? |")
    assert page[start + 2 : start + 6] == [
        "| LeNet-5 | K = 16, float32 | 0.16 seconds a network, or less | 0.08 (0.05333 to 0.1067) "
        "| met, 2 times as good |",
        "| LeNet-5 | K = 16, float32 | 20 times the usual loop, or more | 375 (375 to 375) "
        "| met, 18.8 times as good |",
        "| All-CNN | K = 1, float32 | 180 seconds a network, or less | 336 (224 to 448) "
        "| not met, 1.87 times off |",
        "| All-CNN | K = 1, float32 | 4 times the usual loop, or more | 0.625 (0.625 to 0.625) "
        "| not met, 6.4 times off |",
    ]
    assert verdict(1) == "met, 1 times as good"


def test_where_the_time_goes() -> None:
    page = lines(found())
    assert (
        "d. grouped convolutions, K = 4, float32. An iteration takes 48 µs, its kernels 40 µs, of which matrix "
        "products and convolutions are 25 %."
    ) in page
    assert "| `gemm` | 10.0 | 25.0 |" in page


def test_a_page_of_nothing() -> None:
    page = lines(Found(group=group(), failed={"process": "ended with status -9"}))
    assert "| process | float32 | 3 | ended with status -9 |  |  |  |  |  |  |  |" in page
    assert sum("| not measured |" in line for line in page) == 4 + 2  # bars, and loops
    assert "Not measured." in page


@pytest.mark.parametrize(
    ("kernel", "expected"),
    [
        ("nvjet_tst_128x64_64x6_2x1_v_bz_TNN", True),
        ("void cutlass::Kernel2<cutlass_80_tensorop_bf16_s16816gemm_bf16_64x64>", True),
        ("sm90_xmma_fprop_implicit_gemm_bf16bf16_bf16f32", True),
        ("void gemv2T_kernel_val<int, int, float>", True),
        ("void cublasLt::splitKreduce_kernel<32, 16>", True),
        ("triton_tem_fused_bmm_0", True),
        ("aten::bmm", True),
        ("aten::baddbmm", True),
        ("aten::mm", True),
        ("aten::convolution_backward", True),
        ("triton_poi_fused_convolution_relu_3", False),
        ("triton_red_fused_bmm_sum_1", False),
        ("aten::add", False),
        ("Memcpy DtoD (Device -> Device)", False),
    ],
)
def test_which_kernels_multiply_matrices(kernel: str, expected: bool) -> None:
    assert is_product(kernel) is expected


def test_why_something_has_no_timing() -> None:
    assert reason(torch.OutOfMemoryError("CUDA out of memory. Tried to ...")) == "out of memory"
    assert reason(RuntimeError("Compilation failed:\nCUDA out of memory")) == "out of memory"
    assert reason(ValueError("no\nmore")) == "ValueError: no"


@pytest.mark.slow
def test_a_fleet_that_is_too_large_is_a_row_and_the_others_are_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_large(jobs: object) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setitem(FLEETS, "fleet", too_large)
    monkeypatch.setattr(gpu_candidates, "LOOPED", 1)
    seen = measure(group(members=2))
    assert seen.failed == {"fleet": "out of memory"}
    assert seen.rounds[0].keys() == {*ALWAYS, "grouped", "vmap"}
    assert seen.copied == 2 * COPIED["cpu"]
    assert seen.profile is not None
    assert seen.profile.label in ("grouped", "vmap")
    assert 0 < seen.profile.products < seen.profile.total


def test_a_process_that_dies_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "ENVIRONMENT", {"PYTHONHOME": "/nowhere"})
    assert gpu.measure(group()).failed == {"process": "ended with status 1"}


def test_a_process_that_hangs_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "PATIENCE", 0.1)
    assert gpu.measure(group()).failed == {"process": "stopped after 0.1 seconds"}


def bench(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, where there is neither DVC nor a GPU."""
    (folder / "dvc.py").write_text("raise ImportError('dvc is not needed')")
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.gpu", *arguments],
        env=os.environ | {"PYTHONPATH": str(folder), "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.long
def test_the_whole_of_it_on_a_processor(tmp_path: Path) -> None:
    done = bench(tmp_path, *TINY.split(), "--out", str(tmp_path / "small"))
    assert done.returncode == 0, done.stderr
    results = Results.model_validate_json((tmp_path / "small.json").read_text())
    assert done.stdout == (tmp_path / "small.md").read_text() + "\n" == report(results) + "\n"
    (seen,) = results.groups
    assert not seen.failed
    assert list(seen.rounds[0]) == [*ALWAYS, *FLEETS]
    assert set(seen.distances) == set(OTHERS)
    assert max(seen.distances.values()) < 1e-4
    assert results.environment["torch"].startswith("2.")


def test_without_a_gpu_it_ends_with_a_sentence(tmp_path: Path) -> None:
    done = bench(tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "error: torch finds no GPU here; `--device cpu` tries the code without one, slowly.\n"
    )


def test_the_page_counts_the_bytes_of_lenet5() -> None:
    page, batch, parameters = PAGE.read_text(), 64, 431_080
    second = 2 * batch * 64 * 500 * 5
    first = 2 * batch * 576 * 25 * 3
    maps = 2 * batch * (576 * 20 * 5 + 144 * 20 * 4 + 64 * 50 * 6 + 16 * 50 * 5 + 500 * 8)
    indices, images = batch * 2 * (144 * 20 + 16 * 50), batch * 784
    weights = parameters * (4 + 2 + 2 + 2 + 2 + 2 + 4)  # rounded, read twice; gradients, rounded back
    solver = parameters * 4 * 5
    total = 0.0
    for name, count in (
        ("columns of the second convolution, 64 x 64 x 500", second),
        ("columns of the first, 64 x 576 x 25", first),
        ("maps, pooled maps and hidden units", maps + indices + images),
        ("weights and gradients, float32 and bfloat16", weights),
        ("solver", solver),
    ):
        assert f"| {name} | {count / 1e6:.1f} |" in page
        total += count
    assert f"| **all** | **{total / 1e6:.0f}** | **{total / 2.9e6:.0f} µs" in page
    assert f"would leave {(total - first - second) / 1e6:.0f} MB" in page
    assert "843 648 000" in page  # see test_bench.py


def test_the_page_counts_the_bytes_of_the_all_cnn() -> None:
    page, sides = PAGE.read_text(), (32, 32, 16, 16, 16, 8, 6, 6, 6)
    channels = (3, 96, 96, 96, 192, 192, 192, 192, 192, 10)
    kernels = (9,) * 7 + (1, 1)
    maps = 2 * 256 * sum(side**2 * count for side, count in zip(sides, channels[1:], strict=True))
    first, *columns = (
        2 * 256 * side**2 * size * count
        for side, size, count in zip(sides, kernels, channels[:-1], strict=True)
    )
    moved = [12 * maps, 3 * first + 5 * sum(columns)]
    assert f"| maps | {moved[0] / 1e9:.1f} | {maps / 1e9:.2f} GB of them" in page
    assert f"| columns | {moved[1] / 1e9:.1f} | {(first + sum(columns)) / 1e9:.1f} GB of them" in page
    for count in (moved[0], sum(moved)):
        rounded = f"{count / 2.9e9:.2g} ms, or {70 * count / 2.9e9:.0f} s"
        assert f"**{count / 1e9:.1f}** | **{rounded}" in page


def test_the_page_has_the_bars() -> None:
    page = PAGE.read_text()
    for network, (seconds, over_usual) in gpu.BARS.items():
        name = gpu.NETWORKS[network]
        assert f"| {name} | {seconds:g} seconds a network" in page
        assert f"| {name} | {over_usual:g} times the usual loop, or more |" in page


def test_the_names_of_the_files() -> None:
    assert slug("NVIDIA H100 80GB HBM3") == "nvidia-h100-80gb-hbm3"
