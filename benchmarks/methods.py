"""Benchmark of the methods: processor seconds of each, as a ratio to the baseline's.

`python -m benchmarks.methods [name ...]` trains all methods, or those that are named, with all members, by
LeNet-5's recipe on scikit-learn's digits, ρ = 10, and prints Markdown. Every round has the baseline first and
then each method once, so that other load affects all. The training of a method's start is not counted.
"""

import argparse
import time
from collections.abc import Sequence
from statistics import median

import numpy as np

from benchmarks.cpu import machine, markdown
from imbalance import catalogue, methods, networks
from imbalance.config import load_params
from imbalance.data.examples import Examples, split
from imbalance.datasets.known import digits
from imbalance.methods import parse
from imbalance.methods.baseline import Baseline
from imbalance.networks.parts.network import Network
from imbalance.reproducibility import arithmetic
from imbalance.subsets.subset import draw
from imbalance.training.jobs import Job
from imbalance.training.loop import train

SIZES = np.array([100] * 5 + [10] * 5)
BASE_LR = (1e-4,)  # at which no method diverges


def seconds(method: Baseline, examples: Examples, iterations: int) -> float:
    """Return the processor seconds of training the members of a method, one after the other."""
    recipe = load_params().recipes["digits"]["lenet5"].model_copy(update={"base_lr": BASE_LR})
    rng = np.random.default_rng(0)
    training, validation = map(examples.at, split(examples.labels.numpy(), method.validation, rng))
    trained: list[Network] = []
    begun = time.process_time()
    for member in method.members():
        network = networks.build("lenet5", (1, 28, 28), len(SIZES))
        networks.initialize("lenet5", network, rng)
        left = method.remaining(training, trained)
        # with one test image, as the curve has ten points for any number of iterations
        train(Job(network, member, recipe, iterations, left, validation, examples.at(slice(1)), rng))
        trained.append(network)
    return time.process_time() - begun


def ratios(names: Sequence[str], iterations: int, rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each method divided by those of the baseline in the same round, of all rounds."""
    dataset = digits()
    drawn = draw(dataset.train_labels, SIZES, np.random.default_rng(0)).indices
    examples = Examples.from_arrays(dataset.train_images[drawn], dataset.train_labels[drawn])
    chosen = {name: parse({"method": name, "start": "baseline"}) for name in names}
    found: dict[str, list[float]] = {name: [] for name in names}
    seconds(Baseline(start="initial"), examples, 5)  # warms up
    for _ in range(rounds):
        bar = seconds(Baseline(start="initial"), examples, iterations)
        for name, method in chosen.items():
            found[name].append(seconds(method, examples, iterations) / bar)
    return found


def main() -> None:
    """Print the table, the cheapest method first."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.methods")
    parser.add_argument("names", nargs="*", choices=[[], *catalogue.names(methods)], metavar="name")
    parser.add_argument("--iterations", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    arithmetic.settle_torch()
    found = ratios(asked.names or catalogue.names(methods), asked.iterations, asked.rounds)
    order = sorted(found.items(), key=lambda item: median(item[1]))
    rows = [[name, f"{median(own):.2f}", f"{min(own):.2f} to {max(own):.2f}"] for name, own in order]
    print(f"{asked.rounds} round{'s' * (asked.rounds > 1)} of {asked.iterations} iterations, {machine()}.\n")
    print(markdown("method, seconds of the baseline's (median), range", rows), end="")


if __name__ == "__main__":
    main()
