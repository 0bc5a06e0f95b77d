"""Check `params.yaml` before DVC reads it, as DVC's own messages say little: `make check`.

python -m tools.check <file> ...        checks other files, such as studies/every_method/params.yaml
"""

import sys
from pathlib import Path

from imbalance.config import load_params
from stages import run


def check(path: Path) -> str:
    """Return a summary of the run that a file describes; raises an `InputError` that lists its errors."""
    params = load_params(path)
    return (
        f"{path} is valid: {params.dataset}, {params.architecture}; methods: {', '.join(params.methods)}; "
        f"replicates: {params.replicates}"
    )


def main(names: list[str]) -> None:
    """Check each file, and print a line about it."""
    for name in names or ["params.yaml"]:
        print(check(Path(name)))


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
