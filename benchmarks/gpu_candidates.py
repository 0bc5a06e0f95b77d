"""What benchmarks/gpu.py times, in a process of its own: a group, which is a network, a precision and a K.

`python -m benchmarks.gpu_candidates <group>` times the usual loop, a compiled loop, the library's fleet of K
networks, other ways to train K networks together, and what the device can do at most. The group and the
answer are JSON.
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
LENGTH = 1_000_000  # iterations of a job: more than are ever timed
WARM_UP = 10  # iterations, of which the fourth is captured
TIMING = 0.5  # seconds, about
FEWEST, MOST = 5, 10_000  # iterations of a timing
PARTS = 4  # of a timing: while a GPU computes one, the CPU draws the batches of the next
WORKERS = 4  # of the usual loop's DataLoader
LOOPED = 16  # fleets of one, at most: with more, each takes as long
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
    """What is timed in turns: ways to train `members` networks. `others`: other ways than the library's, too.

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
    """Where the time of `label` goes: microseconds an iteration of all kernels, products, and the longest."""

    label: str
    total: float
    products: float
    longest: list[tuple[str, float]]


class Found(BaseModel, frozen=True, ser_json_inf_nan="constants"):
    """What the process of a group answers. Dictionaries have the labels of what was timed.

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
    """Something to time: `settle()`, then `run(iterations)`. `fleets` have the networks that it trains."""

    run: Callable[[int], None]
    settle: Callable[[], None]
    fleets: Sequence[Fleet] = ()


class Ready(NamedTuple):
    """Some work that is warmed up, the `weights` (K, P) that it had then, and its iterations a timing."""

    work: Work
    weights: Tensor
    iterations: int
    gib: float


@cache
def recipe_of(network: str, batch: int | None = None) -> Recipe:
    """A network's recipe in params.yaml, at the lowest of its rates, so that none diverges."""
    data, _ = DATA[network]
    recipe = Recipe.model_validate(yaml.safe_load(PARAMS.read_text())["recipes"][data][network])
    return recipe.model_copy(update={"base_lr": (min(recipe.base_lr),), "batch": batch or recipe.batch})


def network_of(group: Group, member: int) -> Network:
    """A network of the group with weights of its own, on the device."""
    torch.manual_seed(member)
    _, shape = DATA[group.network]
    inputs = recipe_of(group.network).inputs
    return networks.build(group.network, shape, CLASSES, inputs).to(devices.choose(group.device))


@cache
def random_images(network: str) -> Examples:
    """Bytes in the shape of a training subset of the network's data."""
    rng = np.random.default_rng(0)
    _, shape = DATA[network]
    images = rng.integers(256, size=(IMAGES, *shape), dtype=np.uint8)
    return Examples.from_arrays(images, rng.integers(CLASSES, size=IMAGES))


def jobs_of(group: Group) -> list[Job]:
    """What a stage would train: networks with weights and batches of their own, here of the same images."""
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
    """The network, with torch's own linear layers in place of ours."""
    for layer in network.modules():
        if type(layer) is Linear:
            layer.__class__ = nn.Linear  # type: ignore[assignment]
    return network


class PilImages(Dataset[tuple[Tensor, int]]):
    """What torchvision's MNIST and CIFAR-10 do: a PIL image of every item, which is then transformed."""

    def __init__(self, examples: Examples, transform: Callable[[Image.Image], Tensor]) -> None:
        self.images: NDArray[np.uint8] = examples.tensor.permute(0, 2, 3, 1).squeeze(-1).numpy()
        self.labels: list[int] = examples.labels.tolist()
        self.transform = transform

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.transform(Image.fromarray(self.images[index])), self.labels[index]


def usual(group: Group) -> Work:
    """What a tutorial does: PIL images, torchvision's transforms, DataLoader, torch's SGD and arithmetic."""
    from torchvision import transforms  # where it is not installed, all else is timed

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
    """One network: images in the memory of the device, a compiled loss, torch's fused SGD."""
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
    """torch's, with the rate, momentum and weight decay of a recipe."""
    settings = recipe.solver.model_dump(include={"momentum", "weight_decay"})
    return torch.optim.SGD(network.parameters(), recipe.base_lr[0], fused=fused, **settings)


def product(group: Group) -> Work:
    """A large matrix product of random numbers, in the precision of the group."""
    dtype, side = torch.bfloat16 if group.precision == "bfloat16" else torch.float32, MATRIX[group.device]
    left, right = torch.randn(2, side, side, device=group.device, dtype=dtype)
    out = torch.empty_like(left)

    def run(iterations: int) -> None:
        for _ in range(iterations):
            torch.mm(left, right, out=out)

    return Work(run, lambda: devices.settle(group.precision))


def copy(group: Group) -> Work:
    """A large copy from the memory of the device to itself."""
    source = torch.randint(256, (COPIED[group.device],), dtype=torch.uint8, device=group.device)
    target = torch.empty_like(source)

    def run(iterations: int) -> None:
        for _ in range(iterations):
            target.copy_(source)

    return Work(run, settle_as_torch)


class GroupedConv2d(StackedConv2d):
    """One convolution with a group a member: maps (N, K C, H, W), for the first of them (K N, C, H, W)."""

    def forward(self, maps: Tensor) -> Tensor:
        members, _, channels = self.weight.shape[:3]
        if maps.shape[1] == channels:
            maps = by_member(maps, members).transpose(0, 1).flatten(1, 2)
        bias = None if self.bias is None else self.bias.flatten()
        return conv2d(maps, self.weight.flatten(0, 1), bias, self.stride, self.padding, groups=members)


class GroupedFlatten(nn.Module):
    """Maps (N, K C, H, W), as grouped convolutions leave them, to features (K N, C H W)."""

    def __init__(self, layers: Sequence[nn.Flatten]) -> None:
        super().__init__()
        self.members = len(layers)

    def forward(self, maps: Tensor) -> Tensor:
        members = maps.reshape(len(maps), self.members, -1)
        return members.transpose(0, 1).flatten(0, 1)


def grouped(models: Sequence[nn.Module]) -> Fleet:
    """A fleet whose maps lie beside each other, as channels, from the first convolution to the last."""
    with patch.dict(STACKED, {nn.Conv2d: GroupedConv2d, nn.Flatten: GroupedFlatten}):
        return Fleet(models)


class VmapFleet(Fleet):
    """A fleet by `torch.vmap` of one network over the stacked parameters, but for the layer of its inputs.

    (vmap does not know whether the whitened images are in channels-last layout.)
    """

    def __init__(self, models: Sequence[nn.Module]) -> None:
        super().__init__(models)
        network = without_onednn(deepcopy(cast(Network, models[0])))
        network.features[0] = nn.Identity()
        self._network = (network.to("meta"),)  # in a tuple it is no submodule

    def forward(self, inputs: Tensor) -> Tensor:
        def member(state: dict[str, Tensor], images: Tensor) -> Tensor:
            return functional_call(self._network[0], state, (images,))

        stacked = cast(Network, self.model)
        images = by_member(stacked.inputs(inputs.flatten(0, 1)), self.size)
        tensors = chain(stacked.named_parameters(), stacked.named_buffers())
        state = {name: tensor for name, tensor in tensors if not name.startswith("features.0.")}
        return torch.vmap(member, randomness="different")(state, images)


def run_of(jobs: Sequence[Job], stack: Stack) -> tuple[Run, Fleet]:
    """The networks of jobs as a fleet in training."""
    courses = [course for job in jobs if (course := prepare(job))]
    fleet = stack([course.model for course in courses])
    return Run(courses, fleet, None), fleet


def as_one(stack: Stack) -> Callable[[Sequence[Job]], Work]:
    """One fleet, stacked in some way."""

    def build(jobs: Sequence[Job]) -> Work:
        fleet_run, fleet = run_of(jobs, stack)

        def run(iterations: int) -> None:
            for part in parts(iterations):
                fleet_run.advance(fleet_run.iteration + part)

        return Work(run, lambda: settle_as_stages(jobs[0].precision), [fleet])

    return build


def in_turns(jobs: Sequence[Job]) -> Work:
    """Fleets of one: some iterations of the first, as many of the next, and so on."""
    runs, fleets = zip(*(run_of([job], Fleet) for job in jobs), strict=True)

    def run(iterations: int) -> None:
        for part in parts(iterations):
            for each in runs:
                each.advance(each.iteration + part)

    return Work(run, lambda: settle_as_stages(jobs[0].precision), fleets)


def on_streams(jobs: Sequence[Job]) -> Work:
    """Fleets of one, whose iterations are branches of one CUDA graph."""
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
                each.advance(each.iteration + part)  # the batches alone
            for _ in range(part):
                together()

    return Work(run, lambda: settle_as_stages(jobs[0].precision), fleets)


def side_by_side(steps: Sequence[Callable[[], None]], streams: Sequence[torch.cuda.Stream]) -> None:
    """Do each step on a stream of its own, and let the current stream wait for all; without any, in turns."""
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
    """So many iterations, in parts for which a block has room."""
    part = min(BLOCK, ceil(iterations / PARTS))
    for start in range(0, iterations, part):
        yield min(part, iterations - start)


def settle_as_torch() -> None:
    """Arithmetic as torch has it: on a GPU, TF32 in convolutions."""
    torch.use_deterministic_algorithms(False)
    torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32 = True, False


def settle_as_stages(precision: Precision) -> None:
    """The arithmetic of the stages: repeatable, and as precise as asked for."""
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
    """What is timed in a group. Of one network, all fleets are a plain convolution and the same graph."""
    several = ["grouped", "vmap"] if group.others and group.members > 1 else []
    looped = ["turns", "streams"] if several and group.members <= LOOPED else []
    return [*ALWAYS, "fleet", *several, *looped]


def build(label: str, group: Group) -> Work:
    """What has a label, about to start."""
    return ALWAYS[label](group) if label in ALWAYS else FLEETS[label](jobs_of(group))


def ready(label: str, group: Group) -> Ready:
    """What has a label, compiled, captured and warmed up."""
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
    """The bytes that are in use on a GPU, once what is not is given back; the peak is counted from here."""
    gc.collect()
    if device.type == "cpu":
        return 0
    torch.cuda.init()  # type: ignore[no-untyped-call]
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats(device)
    return torch.cuda.memory_reserved(device)


def enough(work: Work, device: torch.device) -> int:
    """How many iterations take as long as a timing should."""
    return min(MOST, max(FEWEST, round(TIMING / seconds(work, FEWEST, device))))


def seconds(work: Work, iterations: int, device: torch.device) -> float:
    """Of an iteration, on average over so many; a tenth as many come before."""
    work.settle()
    work.run(ceil(iterations / 10))
    begun = now(device)
    work.run(iterations)
    return (now(device) - begun) / iterations


def now(device: torch.device) -> float:
    """The clock, in seconds, as soon as the device has done all that it was asked for."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()


def weights_of(fleets: Sequence[Fleet]) -> Tensor:
    """All parameters (K, P) of the networks of fleets."""
    rows = [torch.cat([each.detach().flatten(1) for each in fleet.parameters()], dim=1) for fleet in fleets]
    return torch.cat(rows).cpu() if rows else torch.empty(0)


def apart(weights: Tensor, others: Tensor, start: Tensor) -> float:
    """How far weights are from others, relative to how far those have come from the start."""
    return float((weights - others).norm() / (others - start).norm())


def distances(group: Group, weights: dict[str, Tensor]) -> dict[str, float]:
    """How far each candidate's networks are from those of the library's fleet, after the same iterations.

    Without dropout, of which they draw different numbers, they should differ by rounding alone.
    """
    has_dropout = any(isinstance(layer, nn.Dropout) for layer in network_of(group, 0).modules())
    if has_dropout or len(weights) < 2 or "fleet" not in weights:
        return {}
    start = weights_of([Fleet([job.network for job in jobs_of(group)])])
    return {label: apart(own, weights["fleet"], start) for label, own in weights.items() if label != "fleet"}


def profile(label: str, group: Group) -> Profile:
    """Where the time of an iteration goes. The same kernels as timed, but not as a graph."""
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
    """Whether a kernel multiplies matrices, or convolves, by its name."""
    return PRODUCT.match(kernel) is not None


def reason(error: Exception) -> str:
    """Why something could not be timed, in a line."""
    if is_out_of_memory(error):
        return "out of memory"
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"


def measure(group: Group) -> Found:
    """Set up all that is timed in a group, time it in turns, and look into the fastest fleet.

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
    """Measure a group; the answer is the last line."""
    print(measure(Group.model_validate_json(sys.argv[1])).model_dump_json())


if __name__ == "__main__":
    main()
