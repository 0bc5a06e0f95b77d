"""Recheck the committed results of studies by a sample: `make recheck`.

DVC marks every result as outdated when the code that determines it changes, even if a variable has only got
another name. As results are reproducible to the byte, a sample of them can show that they are still those of
the code: some cells, which the commit's hash draws, are trained again in a clone of the commit, without any
cache. A cell is a method at a condition, with the networks of all replicates. The networks that it starts
from are trained again and compared, too.

If the bytes are the committed ones, dvc.lock gets the hashes of the present code for the stages that were
checked, so that DVC trains none of them again, and the study's README.md says what was sampled, when. Each
method whose code has changed must be trained for that. If the study has a scale `smoke`, all methods are, by
the code of its dvc.lock and by the present one, which must give the same bytes; otherwise the sample is
enlarged. If bytes differ, the results are no longer those of the code: dvc.lock stays, and the run is kept.

Evaluations need the predictions of all cells of a condition, which DVC's cache may have lost. So they are
renewed, too, if their changed code gives the same bytes at the scale `smoke`; the README.md says so. This is
less than a sample: it misses what only more replicates, images or classes would show. Later stages, `collect`
and `draw`, are never renewed: they run again, from tables in Git.

python -m tools.recheck [--draw N] [--cells N] [--small] [--dry] [study ...]
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from imbalance.catalogue import suggestion
from imbalance.config import Study, load_study
from imbalance.disk import replacing
from imbalance.errors import InputError
from stages import run
from tools import recording, renewing, smoke
from tools.comparing import Results, compare, table
from tools.recording import Record
from tools.renewing import CODE, Hash, Lock
from tools.sampling import Cell, cells_of, code_of, drawn, drawn_studies
from tools.studies import STUDIES
from tools.verify import clone_of, git, inexact, repro

# The lock and what determines results must be the commit's, for the commit is what is checked.
COMMITTED = ("imbalance", "stages")
COMMITTED_IN_STUDY = ("params.yaml", "dvc.yaml", "dvc.lock")


class Options(NamedTuple):
    """How many studies (None: all) and cells are drawn; of the cheapest cells or all; whether to write."""

    draw: int | None
    cells: int
    small: bool
    dry: bool


class Committed(NamedTuple):
    """What a commit has of a study: its parameters, its dvc.lock, and the cells that are in both."""

    folder: Path
    study: Study
    lock: Lock
    cells: list[Cell]


class Clone(NamedTuple):
    """The repository of a commit in a temporary folder.

    It has a cache of its own, so that what several studies have in common runs once.
    """

    commit: str
    root: Path
    folder: Path


def main(words: Sequence[str]) -> None:
    """Recheck HEAD; if something differs, the clone is kept for inspection."""
    options, names = parse(words)
    commit = git("rev-parse", "HEAD")
    folders = drawn_studies(committed_studies(commit, names), commit, options.draw)
    if not options.dry:
        refuse_uncommitted(folders)
    print(f"Rechecking commit {commit[:10]}.")
    temporary = Path(tempfile.mkdtemp(prefix="recheck-"))
    differing: list[str] = []
    try:
        clone = Clone(commit, clone_of(commit, temporary), temporary)
        refuse_inexact(clone.root, folders)
        for folder in folders:
            if not recheck(clone, folder, options):
                differing.append(str(folder))
    finally:
        if not differing:
            shutil.rmtree(temporary)
    if differing:
        raise InputError(
            f"{', '.join(differing)}: results are not as committed, and dvc.lock stays as it is; the run is "
            f"kept in {temporary}. Undo the edit that changed them, or run `dvc repro` and commit what it "
            "gives."
        )


def parse(words: Sequence[str]) -> tuple[Options, list[str]]:
    """Return the options and the studies of a command line; raises `InputError` if no cell is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tools.recheck")
    parser.add_argument("studies", nargs="*", metavar="study", help="a folder of studies/ (default: all)")
    parser.add_argument("--draw", type=int, help="draw so many of the studies, by the commit's hash")
    parser.add_argument("--cells", type=int, default=2, help="cells to draw in each study (default: 2)")
    parser.add_argument("--small", action="store_true", help="draw among the cheapest cells only")
    parser.add_argument("--dry", action="store_true", help="compare only: write nothing")
    found = parser.parse_args(words)
    for option in ("draw", "cells"):
        if (number := getattr(found, option)) is not None and number < 1:
            raise InputError(f"--{option} = {number}: at least one must be drawn.")
    return Options(found.draw, found.cells, found.small, found.dry), [
        Path(name).name for name in found.studies
    ]


def committed_studies(commit: str, names: Sequence[str]) -> list[Path]:
    """Return the folders of the named studies, or of all, that have a dvc.lock in a commit.

    Raises `InputError` if there are none, or not the named ones.
    """
    listed = map(Path, git("ls-tree", "-r", "--name-only", commit, f"{STUDIES}/").splitlines())
    folders = {path.parent.name: path.parent for path in listed if path.match(f"{STUDIES}/*/dvc.lock")}
    folders.pop("claims", None)  # it trains nothing
    if not folders:
        raise InputError(
            "no study has a dvc.lock in the last commit; run one, such as "
            f"`dvc repro {STUDIES}/mnist_step/dvc.yaml`, and commit what it writes."
        )
    for name in names:
        if name not in folders:
            raise InputError(
                f"no study '{name}' has a dvc.lock in the last commit; {suggestion(name, folders)}"
            )
    return [folders[name] for name in names or folders]


def refuse_uncommitted(folders: Sequence[Path]) -> None:
    """Raise an `InputError` if code, parameters or locks of the studies differ from the last commit's."""
    of_studies = [str(folder / name) for folder in folders for name in COMMITTED_IN_STUDY]
    if changed := git("status", "--porcelain", "--", *COMMITTED, *of_studies):
        name = changed.splitlines()[0].split(maxsplit=1)[1]
        raise InputError(
            f"{name} has uncommitted changes, and only the commit is checked; commit them first, or use "
            "--dry, which writes nothing."
        )


def refuse_inexact(repository: Path, folders: Sequence[Path]) -> None:
    """Raise an `InputError` if the same bytes are not promised on this machine in one of the studies."""
    for folder in folders:
        if reasons := inexact(repository, str(folder / "params.yaml")):
            raise InputError(
                f"{folder} cannot be rechecked here, as the same bytes are not promised: "
                f"{'; '.join(reasons)}. Recheck it where they are, or leave it out."
            )


def recheck(clone: Clone, folder: Path, options: Options) -> bool:
    """Train a sample of a study's cells again in a clone, and return whether the bytes are as committed.

    If they are, the study's dvc.lock and README.md are renewed, unless the options say otherwise.
    """
    lock = renewing.read(clone.root / folder)
    (clone.root / folder / "dvc.lock").unlink()  # or DVC would skip what it lists
    repro(clone.root, clone.folder, f"{folder}/dvc.yaml:{CODE}")
    code = renewing.code_in(clone.root / folder)
    committed = read(clone.root, folder, lock)
    before = None if options.dry else recording.read(folder / "README.md")
    stale = set() if options.dry else renewing.stale(lock, code) - {"collect", "draw"}
    alike: set[str] | None = set()
    if stale and smoke.has_scale(clone.root, folder):
        alike = smoke.same_bytes(clone.root, folder, clone.folder, lock, stale)
    if alike is None:
        return False
    seed = f"{clone.commit} {folder.name}"
    sample = drawn(committed.cells, committed.study, seed, options.cells, options.small, stale - alike)
    names = ", ".join(cell.stage for cell in sample)
    print(f"{folder}: re-training {len(sample)} of {len(committed.cells)} cells: {names}.")
    began = time.monotonic()
    repro(clone.root, clone.folder, *(f"{folder}/dvc.yaml:{cell.stage}" for cell in sample))
    print(f"{folder}: re-trained in {time.monotonic() - began:.0f} s.")
    fresh = renewing.read(clone.root / folder)
    ran = [stage for stage in fresh["stages"] if stage != CODE]
    rows = compare(*(Results(renewing.artifacts(part, ran), {}) for part in (lock, fresh)))
    print(table(rows))
    same = not any(row.fails for row in rows)
    if same and not options.dry:
        cells = [cell for cell in committed.cells if cell.stage in ran]
        renew(committed, fresh, code, cells, alike)
        record(committed, clone.commit, before, cells, bool(renewing.evaluations(alike)))
    return same


def read(repository: Path, folder: Path, lock: Lock) -> Committed:
    """Return what a repository has of a study; raises `InputError` if the lock has no cell of it."""
    cells = cells_of(lock, renewing.pipeline_of(repository, folder))
    if not cells:
        raise InputError(f"{folder}/dvc.lock has no cell of the study; run `dvc repro {folder}/dvc.yaml`.")
    return Committed(folder, load_study(repository / folder / "params.yaml"), lock, cells)


def renew(
    committed: Committed, fresh: Lock, code: dict[str, Hash], sample: Sequence[Cell], alike: set[str]
) -> None:
    """Write the hashes of the present code into a study's dvc.lock.

    It is for all cells of the sample's methods, and for the cells and evaluations among the stages `alike`.
    """
    study = committed.study
    codes = {code_of(cell, study) for cell in sample}
    checked = {stage for stage in fresh["stages"] if stage != CODE}
    checked |= {
        cell.stage for cell in committed.cells if code_of(cell, study) in codes or cell.stage in alike
    }
    checked |= renewing.evaluations(alike)
    text = renewing.renewed(committed.lock, fresh, code, checked)
    file = committed.folder / "dvc.lock"
    if text != file.read_text(encoding="utf-8"):
        with replacing(file) as part:
            part.write_text(text, encoding="utf-8")
        print(f"{file} has the hashes of the present code now; commit it.")


def record(
    committed: Committed, commit: str, before: Record | None, sample: Sequence[Cell], evaluated: bool
) -> None:
    """Add a sample to the record in a study's README.md, or begin a new one if the results are others."""
    folder, cells = committed.folder, [cell.stage for cell in committed.cells]
    results = recording.hash_of_results(committed.lock, cells)
    if before is None or before.results != results:
        trained = git("log", "-1", "--format=%H", "--", str(folder / "dvc.lock"))
        before = Record(results=results, trained=trained, sampled=())
    text = recording.block(before, commit, [cell.stage for cell in sample], len(cells), evaluated)
    recording.write(folder / "README.md", text)
    print(f"{folder}/README.md says what was sampled; commit it.")


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
