"""Stage `download`: the canonical arrays of `dataset` into `data/raw/<dataset>/`, from any source."""

import sys
from pathlib import Path

from imbalance.config import load_params
from imbalance.data import arrays, files
from imbalance.datasets import image_folder, imagenet, known, sources, tabular
from imbalance.errors import InputError
from stages import paths, run


def download(spec: known.DatasetSpec, raw: Path = paths.RAW) -> str:
    """Download a data set's arrays to `raw/<dataset>/`, unless they are there; returns what was done.

    Sources that fail are named on stderr, with the reason. Raises `InputError` if all fail.
    """
    folder = raw / spec.name
    if is_complete(folder, spec):
        return f"{spec.name}: {folder} is complete already, nothing to do"
    source, dataset = sources.fetch(spec, raw, lambda reason: complain(f"passed over {reason}"))
    return save(dataset, folder, source)


def is_complete(folder: Path, spec: known.DatasetSpec) -> bool:
    """Return whether a folder already holds the data set's arrays, by their hash (never under DVC)."""
    try:
        return arrays.fingerprint(arrays.load(folder)) == spec.sha256
    except InputError:
        return False


def save(dataset: arrays.Arrays, folder: Path, source: object) -> str:
    """Write the arrays, and return a line on what was done."""
    arrays.save(dataset, folder)
    if dataset.test_fraction is not None:
        return (
            f"{folder.name}: {len(dataset.train_labels)} images from {source}, of which every replicate "
            f"tests a part of {dataset.test_fraction:g}"
        )
    train, test = len(dataset.train_labels), len(dataset.test_labels)
    noun = "images" if len(dataset.train_images.shape) == 4 else "rows"
    return f"{folder.name}: {train} training and {test} test {noun} from {source}"


def complain(line: str) -> None:
    """Print a line on stderr."""
    print(line, file=sys.stderr)


def main() -> None:
    """Read the parameters, download, and print one line."""
    params = load_params()
    folder = paths.RAW / params.dataset
    match params.dataset:
        case "image_folder":
            own = params.image_folder
            root = Path(own.root)
            found = image_folder.read(root, own.pixels, own.color, own.bits, own.layout, complain)
            print(save(found, folder, root))
        case "csv" if table := params.csv:
            file = Path(table.file)
            rows = tabular.read(file, table.label, table.categorical, table.drop, table.test_fraction)
            print(save(rows, folder, file))
        case "imagenet":
            root = files.root(folder)
            print(save(imagenet.index(root, complain), folder, root))
        case name:
            print(download(known.DATASETS[name]))


if __name__ == "__main__":
    run(main)
