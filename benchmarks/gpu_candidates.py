"""The groups that benchmarks/gpu.py times, each a network, a precision and a K, in a process of its own.

`python -m benchmarks.gpu_candidates <group>` times the usual loop, a compiled loop, the library's fleet of K
networks, other ways to train K networks together, and the device's peak rates. The group and the answer are
JSON.
"""

import gc
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from functools import cache
from itertools import chain, islice, repeat
from math import ceil
from pathlib import Path
from statistics import median
from typing import Literal, NamedTuple, TypeVar, cast
from unittest.mock import patch

import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from PIL import Image
from pydantic import BaseModel
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import conv2d, cross_entropy
from torch.utils.data import DataLoader, Dataset

from benchmarks.cpu_loop import CLASSES, IMAGES, training_flop
from imbalance import networks
from imbalance.data.examples import Examples
from imbalance.methods.baseline import Baseline
from imbalance.networks.parts.layers import Linear
from imbalance.networks.parts.network import Network
from imbalance.networks.parts.stacking import STACKED, StackedConv2d, by_member
from imbalance.reproducibility import arithmetic
from imbalance.training import devices
from imbalance.training.devices import Precision
from imbalance.training.fleet import loop
from imbalance.training.fleet.capturing import Repeated, compiled
from imbalance.training.fleet.chunks import is_out_of_memory
from imbalance.training.fleet.loop import BLOCK, Run
from imbalance.training.fleet.stacking import Fleet
from imbalance.training.jobs import Job, prepare
from imbalance.training.recipes import Recipe

PARAMS = Path(__file__).parents[1] / "params.yaml"
DATA = {"lenet5": ("mnist", (1, 28, 28)), "all_cnn": ("cifar10", (3, 32, 32))}  # and the shape of an image
LENGTH = 1_000_000  # iterations of a job, more than are ever timed
WARM_UP = 10  # iterations, of which the fourth is captured
TIMING = 0.5  # seconds, about
FEWEST, MOST = 5, 10_000  # iterations of a timing
PARTS = 4  # of a timing: while a GPU computes one, the CPU draws the batches of the next
WORKERS = 4  # of the usual loop's DataLoader
LOOPED = 16  # fleets of one, at most: with more, the time per network is the same
MATRIX = {"cuda": 8192, "cpu": 512}  # rows, and columns
COPIED = {"cuda": 1 << 30, "cpu": 1 << 24}  # bytes
PROFILED, LONGEST = 10, 12  # iterations, and how many of their kernels are named
PRODUCT = re.compile(
    r"(?!triton_(?!tem))"  # what torch.compile writes itself is named after all that it replaces
    r".*(triton_tem|gemm|gemv|nvjet|cutlass|xmma|splitk|fprop|dgrad|wgrad|convol|aten::(b?addb?|b)?mm$)",
    re.IGNORECASE,
)

AnyModule = TypeVar("AnyModule", bound=nn.Module)
Stack = Callable[[Sequence[nn.Module]], Fleet]


class Group(BaseModel, frozen=True):
    """The settings of a group: ways to train `members` networks; with `others`, not the library's alone.

    Without `iterations`, a timing takes about half a second.
    """

    network: Literal["lenet5", "all_cnn"]
    precision: Precision
    members: int
    others: bool
    batch: int
    device: Literal["cuda", "cpu"]
    rounds: int
    iterations: int | None


class Profile(BaseModel, frozen=True):
    """The profile of `label`: microseconds per iteration of all kernels, of products, and of the longest."""

    label: str
    total: float
    products: float
    longest: list[tuple[str, float]]


class Found(BaseModel, frozen=True, ser_json_inf_nan="constants"):
    """The answer of a group's process. The keys of dictionaries are the labels of what was timed.

    `rounds` are seconds an iteration, `gib` the peak of the memory that each took of the device, `distances`
    those of `apart`, `failed` why something has no timing. `flop` are those of an iteration of one network,
    `product_flop` and `copied` (bytes read and written) those of `product` and `copy`.
    """

    group: Group
    device: str = ""
    flop: int = 0
    product_flop: int = 0
    copied: int = 0
    rounds: list[dict[str, float]] = []
    iterations: dict[str, int] = {}
    gib: dict[str, float] = {}
    distances: dict[str, float] = {}
    failed: dict[str, str] = {}
    profile: Profile | None = None


class Work(NamedTuple):
    """Work to time: `settle()`, then `run(iterations)`. `fleets` contain the networks that it trains."""

    run: Callable[[int], None]
    settle: Callable[[], None]
    fleets: Sequence[Fleet] = ()


class Ready(NamedTuple):
    """Work that is warmed up, with its `weights` (K, P) at that time, and its iterations per timing."""

    work: Work
    weights: Tensor
    iterations: int
    gib: float


@cache
def recipe_of(network: str, batch: int | None = None) -> Recipe:
    """Return a network's recipe in params.yaml at its lowest learning rate, so that no network diverges."""
    data, _ = DATA[network]
    recipe = Recipe.model_validate(yaml.safe_load(PARAMS.read_text())["recipes"][data][network])
    return recipe.model_copy(update={"base_lr": (min(recipe.base_lr),), "batch": batch or recipe.batch})


def network_of(group: Group, member: int) -> Network:
    """Make a network of the group with its own weights, on the device."""
    torch.manual_seed(member)
    _, shape = DATA[group.network]
    inputs = recipe_of(group.network).inputs
    return networks.build(group.network, shape, CLASSES, inputs).to(devices.choose(group.device))


@cache
def random_images(network: str) -> Examples:
    """Return random bytes in the shape of a training subset of the network's data."""
    rng = np.random.default_rng(0)
    _, shape = DATA[network]
    images = rng.integers(256, size=(IMAGES, *shape), dtype=np.uint8)
    return Examples.from_arrays(images, rng.integers(CLASSES, size=IMAGES))


def jobs_of(group: Group) -> list[Job]:
    """Make the jobs of a stage: networks with their own weights and batches, here of the same images."""
    images, recipe = random_images(group.network), recipe_of(group.network, group.batch)
    nothing, one = images.at(slice(0)), images.at(slice(1))
    method = Baseline(start="initial")
    return [
        Job(
            network=network_of(group, member),
            method=method,
            recipe=recipe,
            iterations=LENGTH,
            training=images,
            validation=nothing,
            test=one,
            rng=np.random.default_rng(member),
            precision=group.precision,
        )
        for member in range(group.members)
    ]


def without_onednn(network: AnyModule) -> AnyModule:
    """Return the network with torch's linear layers in place of ours."""
    for layer in network.modules():
        if type(layer) is Linear:
            layer.__class__ = nn.Linear  # type: ignore[assignment]
    return network


class PilImages(Dataset[tuple[Tensor, int]]):
    """A data set like torchvision's MNIST and CIFAR-10: each item is made a PIL image, and transformed."""

    def __init__(self, examples: Examples, transform: Callable[[Image.Image], Tensor]) -> None:
        self.images: NDArray[np.uint8] = examples.tensor.permute(0, 2, 3, 1).squeeze(-1).numpy()
        self.labels: list[int] = examples.labels.tolist()
        self.transform = transform

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.transform(Image.fromarray(self.images[index])), self.labels[index]


def usual(group: Group) -> Work:
    """Set up a tutorial's loop: PIL images, torchvision's transforms, DataLoader, SGD, torch's arithmetic."""
    from torchvision import transforms  # imported here: if it is missing, everything else is still timed

    device, recipe = devices.choose(group.device), recipe_of(group.network)
    examples = random_images(group.network)
    on_gpu, channels = device.type == "cuda", examples.tensor.shape[1]
    scale = transforms.Normalize((0.5,) * channels, (0.25,) * channels)
    loader = DataLoader(
        PilImages(examples, transforms.Compose([transforms.ToTensor(), scale])),
        group.batch,
        shuffle=True,
        num_workers=WORKERS if on_gpu else 0,
        pin_memory=on_gpu,
        persistent_workers=on_gpu,
    )
    batches = chain.from_iterable(repeat(loader))
    layers = without_onednn(network_of(group, 0))
    network = nn.Sequential(*layers.features[1:], layers.classifier).to(memory_format=torch.contiguous_format)
    solver = sgd(network, recipe)

    def run(iterations: int) -> None:
        for images, labels in islice(batches, iterations):
            solver.zero_grad()
            logits = network(images.to(device, non_blocking=True))
            cross_entropy(logits, labels.to(device, non_blocking=True)).backward()  # type: ignore[no-untyped-call]
            solver.step()

    return Work(run, settle_as_torch)


def compiled_loop(group: Group) -> Work:
    """Set up the loop of one network, with images on the device, a compiled loss, and torch's fused SGD."""
    device, recipe = devices.choose(group.device), recipe_of(group.network)
    examples, network = random_images(group.network).to(device), without_onednn(network_of(group, 0))
    solver = sgd(network, recipe, fused=True)

    def lose(images: Tensor, labels: Tensor) -> Tensor:
        with devices.autocast(device, group.precision):
            logits = network(images).float()
        return cross_entropy(logits, labels)

    loss = compiled(lose, device)

    def batches() -> Iterator[Tensor]:
        while True:
            shuffled = torch.randperm(IMAGES, device=device)
            yield from shuffled[: IMAGES // group.batch * group.batch].split(group.batch)  # type: ignore[no-untyped-call]

    drawn = batches()

    def run(iterations: int) -> None:
        for positions in islice(drawn, iterations):
            solver.zero_grad()
            loss(examples.tensor[positions], examples.labels[positions]).backward()  # type: ignore[no-untyped-call]
            solver.step()

    def settle() -> None:
        settle_as_torch()
        devices.settle(group.precision)

    return Work(run, settle)


def sgd(network: nn.Module, recipe: Recipe, fused: bool | None = None) -> torch.optim.SGD:
    """Return torch's SGD with the learning rate, momentum and weight decay of a recipe."""
    settings = recipe.solver.model_dump(include={"momentum", "weight_decay"})
    return torch.optim.SGD(network.parameters(), recipe.base_lr[0], fused=fused, **settings)


def product(group: Group) -> Work:
    """Set up a large matrix product of random numbers, in the precision of the group."""
    dtype, side = torch.bfloat16 if group.precision == "bfloat16" else torch.float32, MATRIX[group.device]
    left, right = torch.randn(2, side, side, device=group.device, dtype=dtype)
    out = torch.empty_like(left)

    def run(iterations: int) -> None:
        for _ in range(iterations):
            torch.mm(left, right, out=out)

    return Work(run, lambda: devices.settle(group.precision))


def copy(group: Group) -> Work:
    """Set up a large copy within the device's memory."""
    source = torch.randint(256, (COPIED[group.device],), dtype=torch.uint8, device=group.device)
    target = torch.empty_like(source)

    def run(iterations: int) -> None:
        for _ in range(iterations):
            target.copy_(source)

    return Work(run, settle_as_torch)


class GroupedConv2d(StackedConv2d):
    """A convolution with one group per member, of maps (N, K C, H, W); the first takes (K N, C, H, W)."""

    def forward(self, maps: Tensor) -> Tensor:
        members, _, channels = self.weight.shape[:3]
        if maps.shape[1] == channels:
            maps = by_member(maps, members).transpose(0, 1).flatten(1, 2)
        bias = None if self.bias is None else self.bias.flatten()
        return conv2d(maps, self.weight.flatten(0, 1), bias, self.stride, self.padding, groups=members)


class GroupedFlatten(nn.Module):
    """A layer from the maps (N, K C, H, W) of grouped convolutions to features (K N, C H W)."""

    def __init__(self, layers: Sequence[nn.Flatten]) -> None:
        super().__init__()
        self.members = len(layers)

    def forward(self, maps: Tensor) -> Tensor:
        members = maps.reshape(len(maps), self.members, -1)
        return members.transpose(0, 1).flatten(0, 1)


def grouped(models: Sequence[nn.Module]) -> Fleet:
    """A fleet in which the maps of all members are channels of one tensor, from first to last convolution."""
    with patch.dict(STACKED, {nn.Conv2d: GroupedConv2d, nn.Flatten: GroupedFlatten}):
        return Fleet(models)


class VmapFleet(Fleet):
    """A fleet by `torch.vmap` of one network over the stacked parameters, without the input layer.

    (vmap does not know whether the whitened images are in channels-last layout.)
    """

    def __init__(self, models: Sequence[nn.Module]) -> None:
        super().__init__(models)
        network = without_onednn(deepcopy(cast(Network, models[0])))
        network.features[0] = nn.Identity()
        self._network = (network.to("meta"),)  # in a tuple, so that it is not registered as a submodule

    def forward(self, inputs: Tensor) -> Tensor:
        def member(state: dict[str, Tensor], images: Tensor) -> Tensor:
            return functional_call(self._network[0], state, (images,))

        stacked = cast(Network, self.model)
        images = by_member(stacked.inputs(inputs.flatten(0, 1)), self.size)
        tensors = chain(stacked.named_parameters(), stacked.named_buffers())
        state = {name: tensor for name, tensor in tensors if not name.startswith("features.0.")}
        return torch.vmap(member, randomness="different")(state, images)


def run_of(jobs: Sequence[Job], stack: Stack) -> tuple[Run, Fleet]:
    """Make a fleet in training of the networks of jobs."""
    courses = [course for job in jobs if (course := prepare(job))]
    fleet = stack([course.model for course in courses])
    return Run(courses, fleet, None), fleet


def as_one(stack: Stack) -> Callable[[Sequence[Job]], Work]:
    """Set up one fleet, stacked in the given way."""

    def build(jobs: Sequence[Job]) -> Work:
        fleet_run, fleet = run_of(jobs, stack)

        def run(iterations: int) -> None:
            for part in parts(iterations):
                fleet_run.advance(fleet_run.iteration + part)

        return Work(run, lambda: settle_as_stages(jobs[0].precision), [fleet])

    return build


def in_turns(jobs: Sequence[Job]) -> Work:
    """Set up fleets of one, which take turns of some iterations each."""
    runs, fleets = zip(*(run_of([job], Fleet) for job in jobs), strict=True)

    def run(iterations: int) -> None:
        for part in parts(iterations):
            for each in runs:
                each.advance(each.iteration + part)

    return Work(run, lambda: settle_as_stages(jobs[0].precision), fleets)


def on_streams(jobs: Sequence[Job]) -> Work:
    """Set up fleets of one, whose iterations are branches of one CUDA graph."""
    steps: list[Callable[[], None]] = []

    def leave(step: Callable[[], None], device: torch.device) -> Callable[[], None]:
        steps.append(step)
        return lambda: None

    with patch.object(loop, "Repeated", leave):
        runs, fleets = zip(*(run_of([job], Fleet) for job in jobs), strict=True)
    device = next(fleets[0].parameters()).device
    streams = [torch.cuda.Stream(device) for _ in steps if device.type == "cuda"]  # type: ignore[no-untyped-call]
    together = Repeated(lambda: side_by_side(steps, streams), device)

    def run(iterations: int) -> None:
        for part in parts(iterations):
            for each in runs:
                each.advance(each.iteration + part)  # draws the batches only
            for _ in range(part):
                together()

    return Work(run, lambda: settle_as_stages(jobs[0].precision), fleets)


def side_by_side(steps: Sequence[Callable[[], None]], streams: Sequence[torch.cuda.Stream]) -> None:
    """Run each step on its own stream, and make the current stream wait for all; without any, in turns."""
    if not streams:
        for step in steps:
            step()
        return
    current = torch.cuda.current_stream()
    for step, stream in zip(steps, streams, strict=True):
        stream.wait_stream(current)
        with torch.cuda.stream(stream):
            step()
    for stream in streams:
        current.wait_stream(stream)


def parts(iterations: int) -> Iterator[int]:
    """Split a number of iterations into parts that fit in a block."""
    part = min(BLOCK, ceil(iterations / PARTS))
    for start in range(0, iterations, part):
        yield min(part, iterations - start)


def settle_as_torch() -> None:
    """Set torch's default arithmetic, which on a GPU has TF32 in convolutions."""
    torch.use_deterministic_algorithms(False)
    torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32 = True, False


def settle_as_stages(precision: Precision) -> None:
    """Set the arithmetic of the stages: deterministic, and in the requested precision."""
    arithmetic.settle_torch()
    devices.settle(precision)


ALWAYS: dict[str, Callable[[Group], Work]] = {
    "usual": usual,  # the first, so that its workers are forked from a small process
    "compiled": compiled_loop,
    "product": product,
    "copy": copy,
}
FLEETS: dict[str, Callable[[Sequence[Job]], Work]] = {
    "fleet": as_one(Fleet),
    "grouped": as_one(grouped),
    "vmap": as_one(VmapFleet),
    "turns": in_turns,
    "streams": on_streams,
}


def labels(group: Group) -> list[str]:
    """Return the labels that a group times; for one network, all ways to stack are the same computation."""
    several = ["grouped", "vmap"] if group.others and group.members > 1 else []
    looped = ["turns", "streams"] if several and group.members <= LOOPED else []
    return [*ALWAYS, "fleet", *several, *looped]


def build(label: str, group: Group) -> Work:
    """Set up the work with a label."""
    return ALWAYS[label](group) if label in ALWAYS else FLEETS[label](jobs_of(group))


def ready(label: str, group: Group) -> Ready:
    """Compile, capture and warm up the work with a label."""
    device = devices.choose(group.device)
    held = reserved(device)
    work = build(label, group)
    work.settle()
    work.run(WARM_UP)
    weights = weights_of(work.fleets)
    iterations = group.iterations or enough(work, device)
    peak = torch.cuda.max_memory_reserved(device) if device.type == "cuda" else held
    return Ready(work, weights, iterations, (peak - held) / 2**30)


def reserved(device: torch.device) -> int:
    """Free unused memory of a GPU, reset its peak, and return the bytes in use."""
    gc.collect()
    if device.type == "cpu":
        return 0
    torch.cuda.init()  # type: ignore[no-untyped-call]
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats(device)
    return torch.cuda.memory_reserved(device)


def enough(work: Work, device: torch.device) -> int:
    """Return the number of iterations that take as long as a timing should."""
    return min(MOST, max(FEWEST, round(TIMING / seconds(work, FEWEST, device))))


def seconds(work: Work, iterations: int, device: torch.device) -> float:
    """Return the mean seconds of an iteration over `iterations`, after a warm-up of a tenth as many."""
    work.settle()
    work.run(ceil(iterations / 10))
    begun = now(device)
    work.run(iterations)
    return (now(device) - begun) / iterations


def now(device: torch.device) -> float:
    """Return the clock in seconds, after synchronisation with the device."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()


def weights_of(fleets: Sequence[Fleet]) -> Tensor:
    """Return all parameters (K, P) of the networks in fleets."""
    rows = [torch.cat([each.detach().flatten(1) for each in fleet.parameters()], dim=1) for fleet in fleets]
    return torch.cat(rows).cpu() if rows else torch.empty(0)


def apart(weights: Tensor, others: Tensor, start: Tensor) -> float:
    """Return the distance of weights from others, relative to the distance of those from the start."""
    return float((weights - others).norm() / (others - start).norm())


def distances(group: Group, weights: dict[str, Tensor]) -> dict[str, float]:
    """Return the distance of each candidate's networks from the library's fleet, after the same iterations.

    Without dropout, of which they draw different numbers, they should differ by rounding alone.
    """
    has_dropout = any(isinstance(layer, nn.Dropout) for layer in network_of(group, 0).modules())
    if has_dropout or len(weights) < 2 or "fleet" not in weights:
        return {}
    start = weights_of([Fleet([job.network for job in jobs_of(group)])])
    return {label: apart(own, weights["fleet"], start) for label, own in weights.items() if label != "fleet"}


def profile(label: str, group: Group) -> Profile:
    """Profile the kernels of an iteration: the same as timed, but launched outside of a graph."""
    device = devices.choose(group.device)
    on_gpu, activities = device.type == "cuda", torch.profiler.ProfilerActivity
    with patch.object(loop, "Repeated", lambda step, device: step):
        work = build(label, group)
    work.settle()
    work.run(WARM_UP)
    now(device)
    with torch.profiler.profile(activities=[activities.CUDA if on_gpu else activities.CPU]) as profiler:
        work.run(PROFILED)
        now(device)
    kernels = [
        (event.key, (event.self_device_time_total if on_gpu else event.self_cpu_time_total) / PROFILED)
        for event in profiler.key_averages()
        if (event.device_type.name == "CUDA") == on_gpu and not event.is_user_annotation
    ]
    kernels.sort(key=lambda kernel: -kernel[1])
    return Profile(
        label=label,
        total=sum(own for _, own in kernels),
        products=sum(own for name, own in kernels if is_product(name)),
        longest=kernels[:LONGEST],
    )


def is_product(kernel: str) -> bool:
    """Return whether a kernel is a matrix product or a convolution, by its name."""
    return PRODUCT.match(kernel) is not None


def reason(error: Exception) -> str:
    """Return the reason why something could not be timed, in one line."""
    if is_out_of_memory(error):
        return "out of memory"
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"


def measure(group: Group) -> Found:
    """Set up all work of a group, time it in turns, and profile the fastest fleet.

    Whatever fails, for want of memory or because a version of torch cannot do it, is left out, and said.
    """
    torch.set_num_threads(1)
    device = devices.choose(group.device)
    warm: dict[str, Ready] = {}
    failed: dict[str, str] = {}
    for label in labels(group):
        try:
            warm[label] = ready(label, group)
        except Exception as error:
            failed[label] = reason(error)
    rounds = [
        {label: seconds(each.work, each.iterations, device) for label, each in warm.items()}
        for _ in range(group.rounds)
    ]
    iterations = {label: each.iterations for label, each in warm.items()}
    gib = {label: each.gib for label, each in warm.items() if device.type == "cuda"}
    weights = {label: each.weights for label, each in warm.items() if label in FLEETS}
    warm.clear()  # a profile needs memory, too
    reserved(device)
    profiled = None
    if weights:
        fastest = min(weights, key=lambda label: median(each[label] for each in rounds))
        try:
            profiled = profile(fastest, group)
        except Exception as error:
            failed["profile"] = reason(error)
    images = random_images(group.network).tensor[: group.batch].to(device)
    return Found(
        group=group,
        device=devices.name(device),
        flop=training_flop(network_of(group, 0), images),
        product_flop=2 * MATRIX[group.device] ** 3,
        copied=2 * COPIED[group.device],
        rounds=rounds,
        iterations=iterations,
        gib=gib,
        distances=distances(group, weights),
        failed=failed,
        profile=profiled,
    )


def main() -> None:
    """Measure a group, and print the answer as the last line."""
    print(measure(Group.model_validate_json(sys.argv[1])).model_dump_json())


if __name__ == "__main__":
    main()
