"""Atomic replacement of files and folders, and a check of the free disk space."""

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
    """Raise an `InputError` if `size` bytes do not fit on the disk of `folder`, which need not exist yet."""
    disk = next(parent for parent in folder.absolute().parents if parent.exists())
    if size > (free := shutil.disk_usage(disk).free):
        raise InputError(
            f"{what} would take {size / 1e9:.1f} GB in {folder}, and the disk has {free / 1e9:.1f} GB left; "
            "lower `replicates`, or make room."
        )


@contextmanager
def replacing(path: Path, shared: bool = False) -> Iterator[Path]:
    """Replace a file atomically: yield a temporary path in the same folder, and rename it at the end.

    If the disk is full or the folder is read-only, raises `InputError`, and the old file stays. The old file
    is never written to, as DVC may have linked it to its cache. If several processes may write the file at
    the same time (`shared`), each process uses a temporary name of its own.
    """
    part = path.with_name(f".part-{path.name}" + (f"-{platform.node()}-{os.getpid()}" if shared else ""))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())  # otherwise a power cut may leave the name without the data
        part.replace(path)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error}); make room or give permission.") from error
    finally:
        with suppress(OSError):
            part.unlink()


@contextmanager
def sibling_of(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `folder`, and remove those that killed processes have left there.

    A temporary folder is locked while it is in use; the operating system releases the lock when the process
    ends, even if it is killed.
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
    """Hold an exclusive lock on a folder; raises `OSError` if another process holds it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
