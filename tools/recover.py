"""Repair the files that an interrupted DVC may leave truncated: `make recover`, and first in `make repro`.

DVC writes dvc.lock and .dvc/tmp/rwlock in place. If it is stopped at that moment, it leaves half a file,
which the next `dvc repro` refuses. Nothing is lost: the run-cache has the results of all finished stages.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from dvc.exceptions import DvcException
from dvc.rwlock import SCHEMA as RWLOCK
from dvc.rwlock import Invalid
from dvc.schema import COMPILED_LOCKFILE_SCHEMA as LOCK
from dvc.utils.serialize import parse_yaml

from imbalance.disk import replacing
from imbalance.errors import InputError
from stages import run
from tools.verify import git

CONFLICT = re.compile(rb"^<{7} ", re.MULTILINE)
_parse = partial(parse_yaml, path="dvc.lock")


def main() -> None:
    """Repair the repository in the working folder, and print what was done."""
    print(" ".join(recover(Path())) or "dvc.lock is whole; nothing to recover.")


def recover(root: Path) -> list[str]:
    """Repair the files of a repository, and return a sentence for each that was broken.

    Intact files stay as they are, committed or not. Raises `InputError` if DVC is running in the repository,
    as it may be writing them at this moment, or if a lock file has merge conflicts.
    """
    rwlock = root / ".dvc/tmp/rwlock"
    listed = git(
        "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard", ":(glob)**/dvc.lock"
    ).splitlines()
    locks = [root / name for name in sorted(set(listed)) if (root / name).is_file()]
    broken = [lock for lock in locks if not is_whole(lock.read_bytes(), _parse, LOCK)]
    removable = rwlock.is_file() and not is_whole(rwlock.read_bytes(), json.loads, RWLOCK)
    if not broken and not removable:
        return []
    for lock in broken:
        if CONFLICT.search(lock.read_bytes()):
            raise InputError(
                f"{lock} has merge conflicts; take either side (`git checkout --theirs {lock}`), and run "
                "`dvc repro`."
            )
    if running := next(processes(root), None):
        raise InputError(f"DVC is running here (process {running}); wait for its end, or stop it.")
    done = [_restore(root, lock) for lock in broken]
    if removable:
        rwlock.unlink()
        done.append(f"{rwlock} was cut short, and is removed.")
    return done


def is_whole(data: bytes, parse: Callable[[str], Any], schema: Callable[[Any], Any]) -> bool:
    """Return whether the content of a file can be parsed and satisfies DVC's schema."""
    try:
        schema(parse(data.decode()))
    except (ValueError, DvcException, Invalid):
        return False
    return True


def processes(root: Path) -> Iterator[int]:
    """Yield the PIDs of the DVC processes that work in a repository."""
    for process in psutil.process_iter(["cmdline", "cwd"]):
        words, folder = process.info["cmdline"] or [], process.info["cwd"]
        is_dvc = any(Path(word).name == "dvc" for word in words[:3])  # dvc, python .../dvc, python -m dvc
        if is_dvc and folder and Path(folder).is_relative_to(root.absolute()):
            yield process.pid


def _restore(root: Path, lock: Path) -> str:
    """Replace a broken lock file by that of Git's index, or of the last commit, and return what was done."""
    name = lock.relative_to(root).as_posix()
    for revision in ("", "HEAD"):
        try:
            text = git("-C", str(root), "show", f"{revision}:{name}")
        except InputError:
            continue  # this revision has no such file
        if is_whole(text.encode(), _parse, LOCK):
            with replacing(lock) as part:
                part.write_text(f"{text}\n", encoding="utf-8")
            return f"{lock} was cut short, and Git's is back; `dvc repro` takes the rest from its run-cache."
    lock.unlink()
    return f"{lock} was cut short, and is removed; `dvc repro` takes all from its run-cache."


if __name__ == "__main__":
    run(main)
