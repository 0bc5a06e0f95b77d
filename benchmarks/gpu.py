"""Benchmark of the training on a GPU: its speed, and the fastest way to train K networks together.

`make bench-gpu` prints it in Markdown, and writes it to benchmarks/. Each network, precision and K is a group
(benchmarks/gpu_candidates.py), measured in a process of its own, in which loops and fleets alternate over
several rounds, so that other load affects all of them. `--device cpu` tries the benchmark without a GPU.
"""

import argparse
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from itertools import chain, product
from pathlib import Path
from statistics import median
from typing import NamedTuple, get_args

import torch
from pydantic import BaseModel
from tqdm import tqdm

from benchmarks.cpu import ENVIRONMENT, markdown, spread
from benchmarks.gpu_candidates import FLEETS, Found, Group, recipe_of
from imbalance.disk import replacing
from imbalance.errors import InputError
from imbalance.reproducibility import arithmetic
from imbalance.training.devices import Precision

FOLDER = Path("benchmarks")
NETWORKS = {"lenet5": "LeNet-5", "all_cnn": "All-CNN"}
MEMBERS = {"lenet5": [1, 4, 16, 64, 256], "all_cnn": [1, 4, 16]}
PRECISIONS: list[Precision] = ["bfloat16", "tf32", "float32"]
ROUNDS = 5
PATIENCE = 900  # seconds for a group
LABELS = {
    "usual": "a. usual loop",
    "compiled": "b. compiled loop",
    "fleet": "c. the library's fleet",
    "grouped": "d. grouped convolutions",
    "vmap": "e. `torch.vmap`",
    "turns": "f. fleets of one, in turns",
    "streams": "g. fleets of one, on streams",
    "product": "matrix product",
    "copy": "copy",
    "profile": "profile",
    "process": "process",
}
NOT_MEASURED = "not measured"


class Bar(NamedTuple):
    """The bar for the best of the library's fleets: seconds at most, ratio to the usual loop at least."""

    seconds: float
    over_usual: float


BARS = {"lenet5": Bar(0.16, 20), "all_cnn": Bar(180, 4)}


class Results(BaseModel, frozen=True):
    """All results of the groups, and the environment in which they were measured."""

    environment: dict[str, str]
    groups: list[Found]


def groups(arguments: argparse.Namespace) -> list[Group]:
    """Return the groups to measure; other ways than the library's are timed in the first precision only."""
    return [
        Group(
            network=network,
            precision=precision,
            members=members,
            others=precision == arguments.precisions[0],
            batch=arguments.batch or recipe_of(network).batch,
            device=arguments.device,
            rounds=arguments.rounds,
            iterations=arguments.iterations,
        )
        for network in arguments.networks
        for precision, members in product(arguments.precisions, arguments.members or MEMBERS[network])
    ]


def measure(group: Group) -> Found:
    """Run the process of a group, and return its results, or how it failed."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.gpu_candidates", group.model_dump_json()],
            env=ENVIRONMENT | arithmetic.REPEATABLE,
            stdout=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        return Found(group=group, failed={"process": f"ended with status {error.returncode}"})
    except subprocess.TimeoutExpired:
        return Found(group=group, failed={"process": f"stopped after {PATIENCE} seconds"})
    return Found.model_validate_json(done.stdout.splitlines()[-1])


def networks_at_once(found: Found, label: str) -> int:
    """Return the number of networks that a loop or fleet trains at once."""
    return found.group.members if label in FLEETS else 1


def seconds_a_network(found: Found, label: str) -> list[float]:
    """Return the seconds per network by round: the time of the recipe's iterations over the networks."""
    share = (recipe_of(found.group.network).iterations or 0) / networks_at_once(found, label)
    return [share * each[label] for each in found.rounds if label in each]


def times(found: Found, label: str, other: str) -> list[float]:
    """Return by round how many networks `label` trains in the time in which `other` trains one."""
    mine, others = (seconds_a_network(found, each) for each in (label, other))
    return [slower / faster for faster, slower in zip(mine, others, strict=False)]


def percent_of_product(found: Found, label: str) -> list[float]:
    """Return by round the rate of the networks' operations, in % of that of the large matrix product."""
    flop = found.flop * networks_at_once(found, label)
    both = [each for each in found.rounds if {label, "product"} <= each.keys()]
    return [100 * (flop / each[label]) / (found.product_flop / each["product"]) for each in both]


def typical(found: Found, label: str) -> float:
    """Return the median seconds per network over the rounds, or infinity if there is no timing."""
    return median(seconds_a_network(found, label) or [float("inf")])


def fleets(found: Found) -> list[str]:
    """Return the ways to train K networks that were timed."""
    return [label for label in FLEETS if label in found.iterations]


def fastest(found: Found) -> str:
    """Return the fastest of the ways that were timed."""
    return min(fleets(found), key=lambda label: typical(found, label))


def report(results: Results) -> str:
    """Return the whole page."""
    by_network = {
        network: [found for found in results.groups if found.group.network == network] for network in NETWORKS
    }
    present = {network: found for network, found in by_network.items() if found}
    sections = [
        f"# Loops and fleets on {results.environment['device']}\n",
        "".join(f"- {name}: {value}\n" for name, value in results.environment.items()),
        "`make bench-gpu` wrote this; benchmarks/README.md explains it. Medians (ranges) of the rounds.\n",
        f"## Bars\n\n{bars(by_network)}",
        f"## The fastest way\n\n{winners(results.groups)}",
        *(f"## {NETWORKS[network]}\n\n{timings(found)}" for network, found in present.items()),
        f"## What the device can do\n\n{ceilings(results.groups)}",
        *(
            f"## Where the time of {NETWORKS[each]} goes\n\n{kernels(found)}"
            for each, found in present.items()
        ),
    ]
    return "\n".join(sections)


def bars(by_network: dict[str, list[Found]]) -> str:
    """Return the table of the bars, and what the best of the library's fleets reaches."""
    rows = []
    for network, bar in BARS.items():
        best = min(by_network[network], key=lambda found: typical(found, "fleet"), default=None)
        seconds = seconds_a_network(best, "fleet") if best else []
        ratios = times(best, "fleet", "usual") if best else []
        which = f"K = {best.group.members}, {best.group.precision}" if best and seconds else ""
        rows += [
            [
                NETWORKS[network],
                which,
                f"{bar.seconds:g} seconds a network, or less",
                spread(seconds, ".4g") or NOT_MEASURED,
                verdict(bar.seconds / median(seconds)) if seconds else "",
            ],
            [
                NETWORKS[network],
                which,
                f"{bar.over_usual:g} times the usual loop, or more",
                spread(ratios, ".4g") or NOT_MEASURED,
                verdict(median(ratios) / bar.over_usual) if ratios else "",
            ],
        ]
    return markdown("network, best fleet, bar, measured, met?", rows)


def verdict(factor: float) -> str:
    """Return in words whether a value reaches its bar, by a ratio that is 1 at the bar."""
    return f"met, {factor:.3g} times as good" if factor >= 1 else f"not met, {1 / factor:.3g} times off"


def winners(found: Sequence[Found]) -> str:
    """Return the table of the fastest way in each group in which several were timed."""
    rows = []
    for each in found:
        if len(fleets(each)) > 1:
            label = fastest(each)
            rows.append(
                [
                    *(NETWORKS[each.group.network], each.group.precision, str(each.group.members)),
                    LABELS[label],
                    spread(seconds_a_network(each, label), ".4g"),
                    spread(times(each, label, "fleet"), ".2f"),
                ]
            )
    return markdown("network, precision, K, fastest, seconds a network, over c", rows)


def timings(found: Sequence[Found]) -> str:
    """Return the table of a network's timings; the loops, which all groups time, are pooled over groups."""
    precisions = list(dict.fromkeys(each.group.precision for each in found))
    rows = [row("usual", found, "torch's")]
    rows += [row("compiled", [e for e in found if e.group.precision == own], own) for own in precisions]
    for each in found:
        group = each.group
        rows += [row(label, [each], group.precision) for label in fleets(each)]
        rows += [
            [LABELS[label], group.precision, str(group.members), why.replace("|", "/")[:120], *[""] * 7]
            for label, why in each.failed.items()
        ]
    header = (
        "what, precision, K, seconds a network, networks an hour, images a second, % of the matrix product, "
        "over a, over b, GiB, apart from c"
    )
    return markdown(header, rows)


def row(label: str, found: Sequence[Found], precision: str) -> list[str]:
    """Return a line of the table of timings, over all rounds of the given groups."""
    group = found[0].group
    seconds = list(chain.from_iterable(seconds_a_network(each, label) for each in found))
    loops = {"usual": (), "compiled": ("usual",)}.get(label, ("usual", "compiled"))
    percent = chain.from_iterable(percent_of_product(each, label) for each in found if loops)
    over = [
        [ratio for each in found if loop in loops for ratio in times(each, label, loop)]
        for loop in ("usual", "compiled")
    ]
    gib = [each.gib[label] for each in found if label in each.gib]
    distances = [each.distances[label] for each in found if label in each.distances]
    images = group.batch * (recipe_of(group.network).iterations or 0)
    return [
        *(LABELS[label], precision, str(networks_at_once(found[0], label))),
        spread(seconds, ".4g") or NOT_MEASURED,
        f"{3600 / median(seconds):,.0f}" if seconds else "",
        f"{images / median(seconds):,.0f}" if seconds else "",
        spread(list(percent), ".2f"),
        *(spread(values, ".2f") for values in over),
        f"{max(gib):.2f}" if gib else "",
        f"{max(distances):.1e}" if distances else "",
    ]


def ceilings(found: Sequence[Found]) -> str:
    """Return the table of the rates of a large matrix product and a large copy, in all groups."""
    precisions = dict.fromkeys(each.group.precision for each in found)
    products = {
        f"matrix product, {precision}, TFLOP/s": [
            each.product_flop / timing["product"] / 1e12
            for each in found
            if each.group.precision == precision
            for timing in each.rounds
            if "product" in timing
        ]
        for precision in precisions
    }
    copies = [
        each.copied / timing["copy"] / 1e12 for each in found for timing in each.rounds if "copy" in timing
    ]
    rates = {**products, "copy, read and written, TB/s": copies}
    return markdown("what, rate", [[name, spread(values, ".3g")] for name, values in rates.items()])


def kernels(found: Sequence[Found]) -> str:
    """Return the table of the longest kernels of a network's fastest fleet, and matrix products' share."""
    profiled = [each for each in found if each.profile]
    best = min(profiled, key=lambda each: typical(each, fastest(each)), default=None)
    if best is None or best.profile is None or not best.profile.total:
        return f"{NOT_MEASURED.capitalize()}.\n"
    profile, group = best.profile, best.group
    which = f"{LABELS[profile.label]}, K = {group.members}, {group.precision}"
    timed = 1e6 * median(each[profile.label] for each in best.rounds)
    rows = [
        [f"`{name[:90]}`", f"{own:.1f}", f"{100 * own / profile.total:.1f}"] for name, own in profile.longest
    ]
    products = 100 * profile.products / profile.total
    return (
        f"{which}. An iteration takes {timed:,.0f} µs, its kernels {profile.total:,.0f} µs, of which matrix "
        f"products and convolutions are {products:.0f} %.\n\n{markdown('kernel, µs an iteration, %', rows)}"
    )


def environment(device: str, rounds: int) -> dict[str, str]:
    """Return where, when and with which versions it was measured."""
    git = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    nvidia = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    return {
        "device": device,
        "driver": output(nvidia),
        "torch": metadata.version("torch"),
        "Python": platform.python_version(),
        "commit": output(git),
        "date": datetime.now(UTC).date().isoformat(),
        "rounds": str(rounds),
    }


def output(command: Sequence[str]) -> str:
    """Return the first line that a command prints, if there is one."""
    if not shutil.which(command[0]):
        return "unknown"
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return next(iter(done.stdout.splitlines()), "unknown")


def slug(name: str) -> str:
    """Return a device's name in a form that suits a file name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def write(results: Results, stem: Path) -> None:
    """Write the page, and all results."""
    for suffix, text in ((".md", report(results)), (".json", results.model_dump_json(indent=1) + "\n")):
        with replacing(stem.with_name(stem.name + suffix)) as part:
            part.write_text(text, encoding="utf-8")


def positive(text: str) -> int:
    """Parse a positive integer of the command line."""
    if (number := int(text)) < 1:
        raise ValueError
    return number


def parse() -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu")
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=[*NETWORKS])
    parser.add_argument("--members", nargs="+", type=positive, metavar="K", help="sizes of fleets")
    parser.add_argument(
        "--precisions",
        nargs="+",
        choices=get_args(Precision),
        default=PRECISIONS,
        help="ways other than the library's are timed in the first",
    )
    parser.add_argument("--rounds", type=positive, default=ROUNDS)
    parser.add_argument("--iterations", type=positive, help="of each timing, in place of half a second")
    parser.add_argument("--batch", type=positive, help="in place of the recipes'")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--out", type=Path, metavar="PATH", help="write PATH.md and PATH.json")
    return parser.parse_args()


def main() -> None:
    """Measure the groups one by one; results are written after each group, and printed at the end."""
    arguments = parse()
    if arguments.device == "cuda" and not torch.cuda.is_available():
        raise InputError("torch finds no GPU here; `--device cpu` tries the code without one, slowly.")
    found: list[Found] = []
    for group in tqdm(groups(arguments), unit="group"):
        found.append(measure(group))
        device = next((each.device for each in found if each.device), "unknown")
        results = Results(environment=environment(device, arguments.rounds), groups=found)
        stem = arguments.out or (FOLDER / f"gpu-{slug(device)}" if arguments.device == "cuda" else None)
        if stem:
            write(results, stem)
    print(report(results))
    if not any(each.iterations for each in found):
        raise InputError("nothing could be timed; what the processes printed is above.")


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
