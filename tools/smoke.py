"""Does changed code give the same bytes? A study at its scale `smoke`, run by two commits.

At this scale every method is trained, on tiny data: so a change that concerns a single method is found, which
a few cells at the study's own scale may miss. All is evaluated, too, which at the study's own scale takes the
predictions of all cells of a condition. What depends on a size that only the study's own scale has, such as
the number of its replicates, is not found.

The two clones share a cache, so that stages whose code is the same run once.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from imbalance.errors import InputError
from tools import renewing, scale
from tools.comparing import Results, Row, compare, table
from tools.renewing import CODE, Lock, evaluations
from tools.verify import ENVIRONMENT, clone_of, git, repro

SCALE = "smoke"


def has_scale(repository: Path, study: Path) -> bool:
    """Return whether a study, a folder of a repository, has the scale."""
    file = repository / study / "params.yaml"
    return SCALE in scale.names(file.read_text(encoding="utf-8"), str(file))


def same_bytes(repository: Path, study: Path, folder: Path, lock: Lock, stale: set[str]) -> set[str] | None:
    """Run a study at its scale by the last commit of its dvc.lock and by that of a repository, in a folder.

    Return those stale stages of the lock that the earlier commit's code made, if it gives the same bytes as
    the later one's: without evaluations if these alone differ, and None if anything else differs. If the lock
    is of the same commit, no earlier code is known, and none.
    """
    commits = [
        git("-C", str(repository), "log", "-1", "--format=%H", *words)
        for words in ((f"{study}/dvc.lock",), ())
    ]
    if commits[0] == commits[1]:
        return set()
    between = " and ".join(commit[:10] for commit in commits)
    print(f"{study}: the code has changed; running the scale {SCALE} by {between}.")
    own = folder / study.name
    roots = clones(commits, study, own)
    rows = compare_runs(roots, study, own)
    differing = [row.artifact for row in rows if row.fails]
    print(f"{study}: {len(rows) - len(differing)} of {len(rows)} artifacts are the same by {between}.")
    alike = with_code_of(roots[0], study, lock, stale)
    if not differing:
        return alike
    print(table(rows))
    return alike - evaluations(alike) if evaluations(differing) == set(differing) else None


def clones(commits: Sequence[str], study: Path, folder: Path) -> list[Path]:
    """Clone the commits into a folder, give the study its scale there, and run its stage `code`."""
    roots = []
    for commit in commits:
        place = folder / commit
        place.mkdir(parents=True)
        roots.append(root := clone_of(commit, place))
        command = [sys.executable, "-m", "tools.scale", study.name, SCALE]
        done = subprocess.run(command, cwd=root, env=ENVIRONMENT, capture_output=True, text=True)
        if done.returncode:
            raise InputError(f"{study} has no scale {SCALE} at {commit[:10]}: {done.stderr or done.stdout}")
        (root / study / "dvc.lock").unlink()
        repro(root, folder, f"{study}/dvc.yaml:{CODE}")
    return roots


def with_code_of(root: Path, study: Path, lock: Lock, stages: set[str]) -> set[str]:
    """Return those stages of a lock whose code a clone has; the lock may be of several commits.

    At another scale there may be other networks; the clone has no code of those that it has not.
    """
    return stages & renewing.of_code(lock, renewing.code_in(root / study))


def compare_runs(roots: Sequence[Path], study: Path, folder: Path) -> list[Row]:
    """Run the study in two clones, and compare what its stages read and wrote, up to the evaluations.

    The tables and figures after these are made of files in Git, by whatever code there is.
    """
    results = []
    for root in roots:
        last = sorted(evaluations(renewing.pipeline_of(root, study)))
        repro(root, folder, *(f"{study}/dvc.yaml:{stage}" for stage in last))
        lock = renewing.read(root / study)
        stages = [stage for stage in lock["stages"] if stage != CODE]
        results.append(Results(renewing.artifacts(lock, stages), {}))
    return compare(*results)
