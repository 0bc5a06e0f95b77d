"""The tasks that benchmarks/cpu.py times, each in a process of its own.

`python -m benchmarks.cpu_loop <task> <warm-up> <iterations>` warms up, prints "ready", waits for the end of
its input, and prints the cost of the iterations as JSON. Its environment chooses the kernels and threads.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import chain, islice, repeat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader

from imbalance import networks
from imbalance.data.examples import Examples
from imbalance.methods.baseline import Baseline
from imbalance.reproducibility import arithmetic
from imbalance.training.checkpoints import Checkpoint
from imbalance.training.devices import Precision
from imbalance.training.jobs import Job
from imbalance.training.loop import train
from imbalance.training.recipes import CaffeMomentum, Inv, Recipe

SHAPE, CLASSES, IMAGES = (1, 28, 28), 10, 15_300
SOLVER = CaffeMomentum(name="caffe_sgd", momentum=0.9, weight_decay=0.0005, bias_lr=2)
RECIPE = Recipe(
    inputs=networks.DEFAULT_INPUTS,
    batch=64,
    iterations=10_000,
    base_lr=(0.01,),
    policy=Inv(name="inv", gamma=0.0001, power=0.75),
    solver=SOLVER,
)
MATRIX = 2048


class Work(NamedTuple):
    """Work to time: `run(iterations)`, with `flop` floating-point operations per iteration."""

    run: Callable[[int], None]
    flop: int


def ours(precision: Precision = "float32") -> Work:
    """Set up the loop of a training stage, as in imbalance/training/replicate.py."""
    arithmetic.settle_torch()
    network = networks.build("lenet5", SHAPE, CLASSES)
    training = random_images()
    # Without validation and with one test image, as the curve has ten points for any number of iterations.
    nothing, test = training.at(slice(0)), training.at(slice(1))

    def run(iterations: int) -> None:
        with TemporaryDirectory() as folder:
            train(
                Job(
                    network,
                    Baseline(start="initial"),
                    RECIPE,
                    iterations,
                    training,
                    nothing,
                    test,
                    np.random.default_rng(0),
                    precision,
                ),
                Checkpoint(Path(folder, "0.safetensors")),
            )

    return Work(run, training_flop(network, training.tensor[: RECIPE.batch]))


def usual() -> Work:
    """Set up a tutorial's loop: Dataset of PIL images, torchvision's transforms, DataLoader, torch's SGD."""
    # Imported here, so that our loop runs without torchvision and its memory.
    from torchvision import datasets, transforms

    class InMemory(datasets.MNIST):  # type: ignore[misc]
        """torchvision's MNIST without its files; it makes a PIL image of each item."""

        def __init__(self, images: Tensor, labels: Tensor, transform: Callable[..., Tensor]) -> None:
            self.data, self.targets = images, labels
            self.transform, self.target_transform = transform, None

    network = nn.Sequential(
        nn.Conv2d(1, 20, kernel_size=5),
        nn.MaxPool2d(2),
        nn.Conv2d(20, 50, kernel_size=5),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(800, 500),
        nn.ReLU(),
        nn.Linear(500, CLASSES),
    )
    examples = random_images()
    scale = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
    data = InMemory(examples.tensor.squeeze(1), examples.labels, scale)
    loader: DataLoader[tuple[Tensor, Tensor]] = DataLoader(
        data, batch_size=RECIPE.batch, shuffle=True, num_workers=0
    )
    batches = chain.from_iterable(repeat(loader))
    solver = torch.optim.SGD(
        network.parameters(), RECIPE.base_lr[0], momentum=SOLVER.momentum, weight_decay=SOLVER.weight_decay
    )

    def run(iterations: int) -> None:
        for images, targets in islice(batches, iterations):
            solver.zero_grad()
            functional.cross_entropy(network(images), targets).backward()  # type: ignore[no-untyped-call]
            solver.step()

    return Work(run, training_flop(network, torch.zeros(RECIPE.batch, *SHAPE)))


def matrix_product() -> Work:
    """Set up a large product of float32 matrices, which nearly reaches the peak of a core."""
    torch.set_num_threads(1)
    left, right = torch.rand(2, MATRIX, MATRIX)
    product = torch.empty(MATRIX, MATRIX)

    def run(iterations: int) -> None:
        for _ in range(iterations):
            torch.mm(left, right, out=product)

    return Work(run, 2 * MATRIX**3)


def random_images() -> Examples:
    """Return random bytes in the shape of a training subset of MNIST."""
    rng = np.random.default_rng(0)
    images = rng.integers(256, size=(IMAGES, *SHAPE), dtype=np.uint8)
    return Examples.from_arrays(images, rng.integers(CLASSES, size=IMAGES))


def training_flop(network: nn.Module, images: Tensor) -> int:
    """Return the operations of an iteration: two per multiply-add of convolutions and linear layers.

    The backward pass has twice as many as the forward pass, for weights and inputs; the first layer's inputs,
    the images, need no gradient.
    """
    products: list[int] = []

    def count(layer: nn.Module, inputs: tuple[Tensor, ...], outputs: Tensor) -> None:
        products.append(outputs.numel() * layer.get_parameter("weight")[0].numel())

    layers = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    hooks = [layer.register_forward_hook(count) for layer in layers]
    with torch.no_grad():
        network(images)
    for hook in hooks:
        hook.remove()
    return 2 * (3 * sum(products) - products[0])


TASKS: dict[str, Callable[[], Work]] = {
    "ours": ours,
    "ours_in_bfloat16": partial(ours, "bfloat16"),
    "usual": usual,
    "matrix_product": matrix_product,
}


def main() -> None:
    """Print wall-clock seconds, processor seconds, FLOP, and the peak memory in MiB."""
    task, warm_up, iterations = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    work = TASKS[task]()
    work.run(warm_up)
    print("ready", flush=True)
    sys.stdin.read()
    clock, processor = time.perf_counter(), time.process_time()
    work.run(iterations)
    timed = {
        "seconds": time.perf_counter() - clock,
        "busy": time.process_time() - processor,
        "flop": work.flop * iterations,
        "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        / (2**20 if sys.platform == "darwin" else 2**10),
    }
    print(json.dumps(timed))


if __name__ == "__main__":
    main()
