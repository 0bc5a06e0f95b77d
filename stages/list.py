"""Stage `list`: list the files of the user's own images or table, with hashes; nothing for other data sets.

`download` depends on the list and not on the folder, so that an image added there does not download MNIST
again.
"""

from collections.abc import Iterable
from pathlib import Path

from imbalance.config import load_params
from imbalance.datasets.folders import listed, listing
from imbalance.disk import replacing
from stages import paths, run

HEADER = b"SHA-256 and path of each file of your own images\n"  # without it, DVC warns of an empty file


def main() -> None:
    """The folder `image_folder.root`, or the file `csv.file` -> data/listing.txt."""
    params = load_params()
    lines: Iterable[bytes] = []
    if params.dataset == "image_folder":
        lines = listing(Path(params.image_folder.root))
    elif params.dataset == "csv" and params.csv:
        lines = [listed(Path(params.csv.file), params.csv.file)]
    with replacing(paths.LISTING) as part:
        part.write_bytes(b"".join([HEADER, *lines]))


if __name__ == "__main__":
    run(main)
