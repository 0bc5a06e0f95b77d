"""Stage `shown` of the report: which of Git's files it shows, with their hashes, in data/shown.json.

It runs always. So the report depends on files that may not be there yet, such as the results of a study, and
DVC never runs a study for the report.
"""

import hashlib
import json
from pathlib import Path

from imbalance.disk import replacing
from stages import run

ROOT = Path("..")
SHOWN = Path("data/shown.json")
FILES = (
    "studies/*/README.md",
    "studies/*/params.yaml",
    "studies/*/plots/study/*.csv",
    "studies/*/plots/study/*.tex",
    "studies/claims/plots/*.csv",
    "report/contradictions.yaml",
)


def main() -> None:
    """Studies -> data/shown.json."""
    files = sorted(file for pattern in FILES for file in ROOT.glob(pattern))
    found = {
        file.relative_to(ROOT).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files
    }
    with replacing(SHOWN) as part:
        part.write_text(f"{json.dumps(found, indent=2)}\n", encoding="utf-8")


if __name__ == "__main__":
    run(main)
