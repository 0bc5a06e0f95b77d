"""Files and folders that are replaced as a whole or not at all, and what has no room on the disk."""

import fcntl
import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from imbalance.errors import InputError


def refuse_too_large(size: int, folder: Path, what: str) -> None:
    """Raise an `InputError` where `size` bytes of something do not fit on the disk of a folder to be."""
    disk = next(parent for parent in folder.absolute().parents if parent.exists())
    if size > (free := shutil.disk_usage(disk).free):
        raise InputError(
            f"{what} would take {size / 1e9:.1f} GB in {folder}, and the disk has {free / 1e9:.1f} GB left; "
            "lower `replicates`, or make room."
        )


@contextmanager
def replacing(path: Path, shared: bool = False) -> Iterator[Path]:
    """Write a file whole or not at all: yields another in its folder, which takes its place in the end.

    Raises `InputError` where the disk is full or the folder is read-only; what was there before stays. An
    old file is replaced, never written to: DVC may have linked it to its cache. Where the file is `shared` by
    processes that may write it at once, each does so under a name of its own.
    """
    part = path.with_name(f".part-{path.name}" + (f"-{platform.node()}-{os.getpid()}" if shared else ""))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())  # or a power cut may leave the name without the data
        part.replace(path)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error}); make room or give permission.") from error
    finally:
        with suppress(OSError):
            part.unlink()


@contextmanager
def sibling_of(folder: Path) -> Iterator[Path]:
    """A temporary folder beside `folder`; those that processes left there when they were killed are removed.

    Each is locked while it is in use, and the lock ends with its process, however that ends.
    """
    prefix = f".{folder.name}."
    for left in folder.parent.glob(f"{prefix}????????"):
        with suppress(OSError), _locked(left):
            if {path.name for path in left.iterdir()} <= {"new", "old"}:
                shutil.rmtree(left)
    with TemporaryDirectory(dir=folder.parent, prefix=prefix) as sibling, _locked(Path(sibling)):
        yield Path(sibling)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other processes from locking a folder; an `OSError` where another has locked it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
