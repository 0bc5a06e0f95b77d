"""Which method for your own images? `make which IMAGES=/path/to/images` runs studies/which on them.

It stands for `dvc exp run studies/which/dvc.yaml -S 'studies/which/params.yaml:image_folder.root=...'`, and
takes further values: `make which IMAGES=... SET='image_folder.pixels=64 replicates=16'`.
"""

import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from imbalance.config import PARAMS
from imbalance.errors import InputError
from stages import run

STUDY = Path("studies/which")


def main(words: list[str]) -> None:
    """Run the study on the images of a folder, which is the first of the words; the others are values."""
    images, *values = words or [""]
    command = command_for(images, values)
    print(shlex.join(command))
    if subprocess.run(command).returncode:
        raise InputError(f"{STUDY} has not come to its end; the last lines above say why.")
    print(f"The answer: {STUDY}/plots/answer.html")


def command_for(images: str = "", values: Sequence[str] = ()) -> list[str]:
    """Return the command that runs the study on the images of a folder, with other values of parameters.

    Raises `InputError` if there is no such folder.
    """
    if not images:
        raise InputError("name the folder of your images: make which IMAGES=/path/to/images")
    folder = Path(images).expanduser().resolve()
    if not folder.is_dir():
        raise InputError(f"IMAGES={images} is no folder; name the one that has a folder for each class.")
    root = str(folder).replace('"', '\\"')
    command = ["dvc", "exp", "run", f"{STUDY}/dvc.yaml"]
    for value in (f'image_folder.root="{root}"', *values):
        command += ["-S", f"{STUDY / PARAMS}:{value}"]
    return command


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
