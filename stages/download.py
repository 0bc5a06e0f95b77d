"""Stage `download`: the canonical arrays of `dataset` into `data/raw/<dataset>/`, from any source."""

import sys
from pathlib import Path

from imbalance import arrays, datasets, sources
from imbalance.config import load_params
from imbalance.errors import InputError
from stages import run

RAW = Path("data/raw")


def download(spec: datasets.DatasetSpec, raw: Path = RAW) -> str:
    """Bring a data set's arrays into `raw/<dataset>/`, unless they are there; returns what was done.

    The sources passed over are named on stderr, with the reason. Raises `InputError` when none is left.
    """
    folder = raw / spec.name
    if is_complete(folder, spec):
        return f"{spec.name}: {folder} is complete already, nothing to do"
    source, dataset = sources.fetch(spec, raw, lambda reason: print(f"passed over {reason}", file=sys.stderr))
    arrays.save(dataset, folder)
    train, test = len(dataset.train_labels), len(dataset.test_labels)
    return f"{spec.name}: {train} training and {test} test images from {source}"


def is_complete(folder: Path, spec: datasets.DatasetSpec) -> bool:
    """Whether a folder already holds the data set's arrays, every byte checked; never so under DVC."""
    try:
        return arrays.fingerprint(arrays.load(folder)) == spec.sha256
    except InputError:
        return False


def main() -> None:
    """Read the parameters, download, and print one line."""
    print(download(datasets.DATASETS[load_params().dataset]))


if __name__ == "__main__":
    run(main)
