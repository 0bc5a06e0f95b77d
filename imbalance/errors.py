"""The one exception that a user is meant to read, and how a file that cannot be written becomes one."""

import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class InputError(ValueError):
    """Something the user gave or owns is wrong; the message says what, where, and what to do.

    Stages print the message without a traceback and exit with status 1 (`stages.run`).
    """


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
