"""Find the commits whose code made a network: `python -m tools.commits models/baseline/000.safetensors`.

A model file contains the hashes of the source files that determine it (imbalance/reproducibility/code.py).
Several commits may have the same code, as most commits change only other files, or comments.
"""

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from imbalance import weights
from imbalance.errors import InputError
from imbalance.reproducibility.code import hash_of
from stages import run
from tools.verify import git


def main() -> None:
    """Print hash, date and subject of each commit found, the newest first."""
    if len(sys.argv) != 2:
        raise InputError("name one model file, like models/baseline/000.safetensors")
    source = weights.provenance(Path(sys.argv[1]))["source"]
    found = False
    for commit in commits_with(source):
        print(git("log", "-1", "--format=%h %as %s", commit), flush=True)
        found = True
    if not found:
        raise InputError(f"no commit of this branch has the code that made {sys.argv[1]}.")


def commits_with(source: dict[str, str]) -> Iterator[str]:
    """Yield the commits of the current branch in which each file of `source` has its hash, newest first."""
    for commit in git("rev-list", "HEAD").split():
        listed = git("ls-tree", "-r", "--format=%(path) %(objectname)", commit, *source).splitlines()
        blobs = dict(line.rsplit(" ", 1) for line in listed)
        if blobs.keys() == source.keys() and all(_hash(blobs[name]) == source[name] for name in source):
            yield commit


@cache
def _hash(blob: str) -> str:
    """Return the hash of the code in a Git blob."""
    return hash_of(git("cat-file", "blob", blob).encode())


if __name__ == "__main__":
    run(main)
