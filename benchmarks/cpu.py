"""Benchmark of the training on this CPU, and of a run's time by stage; `make bench` prints it in Markdown.

The usual loop, ours, and a matrix product on one core for comparison are timed in fresh processes
(benchmarks/cpu_loop.py), since kernels are chosen when libraries are loaded. They alternate over several
rounds, so that other load on the machine affects all of them. With --pipeline, the commit's pipeline is run,
too, or one condition of a study (benchmarks/pipeline.py).
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import NamedTuple

from joblib import cpu_count
from tqdm import tqdm

from benchmarks.pipeline import Stage, cells_of, reproduce, stages
from imbalance.errors import InputError
from imbalance.reproducibility import arithmetic

CORES = cpu_count()
ROUNDS, WARM_UP, ITERATIONS, PRODUCTS = 5, 20, 200, 10
NETWORK = 10_000  # iterations of a network's training
UNPINNED = arithmetic.REPEATABLE
PINNED = UNPINNED if arithmetic.unsupported() else arithmetic.KERNELS | arithmetic.REPEATABLE
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in PINNED}


class Variant(NamedTuple):
    """A task of benchmarks/cpu_loop.py, run in `processes` processes at once, which together use `cores`."""

    label: str
    task: str
    environment: dict[str, str]
    processes: int
    cores: int


class Timing(NamedTuple):
    """The throughput of a variant's processes in one round; `mib` is the peak memory of the largest."""

    iterations: float  # per second
    gflop: float  # per second and core
    busy: float  # cores, on average
    mib: float


VARIANTS = {
    "a": Variant("usual loop, all threads", "usual", {}, 1, CORES),
    "b": Variant("ours, `reproducible: true`", "ours", PINNED, CORES, CORES),
    "c": Variant("ours, `reproducible: false`", "ours", UNPINNED, CORES, CORES),
    "d": Variant("ours, `reproducible: true`, one process alone", "ours", PINNED, 1, 1),
    "e": Variant("c, `precision: bfloat16`", "ours_in_bfloat16", UNPINNED, CORES, CORES),
    "m": Variant("matrix product", "matrix_product", UNPINNED, 1, 1),
}
RATIOS = {
    ("b", "a"): ("1.7", "2.5"),
    ("c", "a"): ("2.5", "4"),
    ("e", "a"): ("2.5", "4"),
    ("b", "d"): (f"{0.9 * CORES:.2g}", str(CORES)),
}


def measure(variant: Variant, warm_up: int, iterations: int) -> Timing:
    """Run a variant's processes, which start timing together; the slowest determines the throughput."""
    command = [sys.executable, "-m", "benchmarks.cpu_loop", variant.task, str(warm_up), str(iterations)]
    waiting, start = os.pipe()
    processes = [
        subprocess.Popen(
            command, env=ENVIRONMENT | variant.environment, stdin=waiting, stdout=subprocess.PIPE, text=True
        )
        for _ in range(variant.processes)
    ]
    os.close(waiting)
    for process in processes:
        process.stdout.readline()  # type: ignore[union-attr]
    os.close(start)  # all processes wait for the end of their input
    answers = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        raise InputError(f"the process of '{variant.label}' failed; what it printed is above.")
    timed = [json.loads(answer) for answer in answers]
    seconds = max(each["seconds"] for each in timed)
    return Timing(
        iterations=iterations * variant.processes / seconds,
        gflop=sum(each["flop"] for each in timed) / seconds / variant.cores / 1e9,
        busy=sum(each["busy"] for each in timed) / seconds,
        mib=max(each["mib"] for each in timed),
    )


def training_report(rounds: Sequence[Mapping[str, Timing]]) -> str:
    """Return the tables of the variants and of their ratios.

    Ratios are of two timings of the same round. "Of the best" is the ratio of the best timings of all rounds,
    which other load on the machine has slowed least.
    """
    rows = []
    for key, variant in VARIANTS.items():
        timings, is_training = [each[key] for each in rounds], variant.task != "matrix_product"
        networks = [3600 / NETWORK * timing.iterations for timing in timings if is_training]
        fractions = [100 * each[key].gflop / each["m"].gflop for each in rounds]
        rows.append(
            [
                f"{key}. {variant.label}",
                str(variant.processes),
                spread(networks, ".1f"),
                spread([timing.gflop for timing in timings], ".0f"),
                spread(fractions, ".0f"),
                spread([timing.mib for timing in timings], ".0f"),
                spread([timing.busy for timing in timings], ".2f"),
            ]
        )
    header = "variant, processes, networks an hour, GFLOP/s a core, % of m, MiB a process, cores busy"
    ratios = []
    for (over, under), bars in RATIOS.items():
        values = [each[over].iterations / each[under].iterations for each in rounds]
        best = [max(each[key].iterations for each in rounds) for key in (over, under)]
        ratios.append([f"{over} / {under}", spread(values, ".2f"), f"{best[0] / best[1]:.2f}", *bars])
    return f"{markdown(header, rows)}\n{markdown('networks an hour, ratio, of the best, bar, aim', ratios)}"


def pipeline_report(found: Sequence[Stage], bar: int) -> str:
    """Return the table of the stages, and the overhead: the share of the time without training, in %."""
    total = Stage("all", sum(stage.seconds for stage in found), sum(stage.training for stage in found))
    rows = [[name, f"{seconds:.1f}", f"{training:.0f}"] for name, seconds, training in [*found, total]]
    overhead = 100 * (1 - total.training / total.seconds)
    return (
        f"{markdown('stage, seconds, of which training', rows)}\n"
        f"Overhead, 1 - training / all: {overhead:.0f} % (bar: under {bar} %).\n"
    )


def spread(values: Sequence[float], form: str) -> str:
    """Return the median and range of values as text, or "" if there are none."""
    if not values:
        return ""
    return f"{median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def markdown(header: str, rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; the cells of its header are separated by commas."""
    cells = [header.split(", "), *rows]
    lines = [f"| {' | '.join(row)} |" for row in cells]
    return "\n".join([lines[0], "|---" * len(cells[0]) + "|", *lines[1:]]) + "\n"


def machine() -> str:
    """Return the name of the processor, and the number of cores."""
    cpuinfo = Path("/proc/cpuinfo")
    names = re.findall(r"^model name\s*: (.+)$", cpuinfo.read_text(), re.M) if cpuinfo.is_file() else []
    return f"{names[0] if names else platform.machine()}, {CORES} cores"


def main() -> None:
    """Time the variants in turns, and the pipeline if requested; print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cpu")
    parser.add_argument(
        "--pipeline",
        nargs="?",
        const="",
        metavar="STUDY",
        help="run the commit's pipeline, too (minutes), or one condition of a study",
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of the timings; more where it is noisy")
    arguments = parser.parse_args()
    rounds = [
        {
            key: measure(variant, *((1, PRODUCTS) if key == "m" else (WARM_UP, ITERATIONS)))
            for key, variant in VARIANTS.items()
        }
        for _ in tqdm(range(max(1, arguments.rounds)), unit="round", leave=False)
    ]
    print(
        f"{machine()}; torch {metadata.version('torch')}. LeNet-5, batch 64, random images in MNIST's shape; "
        f"a network is {NETWORK:,} iterations. Medians (ranges) of {len(rounds)} rounds of {ITERATIONS} "
        "iterations. The usual loop: Dataset of PIL images, ToTensor, Normalize, DataLoader (num_workers=0), "
        "torch's SGD. Where fewer cores are busy than ours has processes, others used the machine.\n"
    )
    print(training_report(rounds))
    if arguments.pipeline == "":
        print(pipeline_report(stages(*reproduce()), bar=35))
    elif arguments.pipeline:
        found = stages(*reproduce(*cells_of(arguments.pipeline)))
        # What runs once for all conditions of a study would weigh too much beside a single one.
        print(pipeline_report([stage for stage in found if "@" in stage.name], bar=15))


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
