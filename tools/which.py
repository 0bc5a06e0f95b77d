"""Which method for your own images? `make which IMAGES=/path/to/images` runs studies/which on them.

It stands for `dvc exp run studies/which/dvc.yaml -S 'studies/which/params.yaml:image_folder.root=...'`, and
takes further values: `make which IMAGES=... SET='image_folder.pixels=64 replicates=16'`.
"""

import subprocess
import sys
from pathlib import Path

from imbalance.errors import InputError
from stages import run

STUDY = Path("studies/which")


def main(words: list[str]) -> None:
    """Run the study on the images of a folder, which is the first of the words; the others are passed on."""
    command = command_for(*words[:1], others=words[1:])
    print(" ".join(command))
    if subprocess.run(command).returncode:
        raise InputError(f"{STUDY} has not come to an end; the last lines above say why.")
    print(f"The answer: {STUDY}/plots/answer.html. Of other images: make which IMAGES=...")


def command_for(images: str = "", others: tuple[str, ...] | list[str] = ()) -> list[str]:
    """Return the command that runs the study on the images of a folder, relative to the working folder.

    Raises `InputError` if there is no such folder.
    """
    if not images:
        raise InputError("name the folder of your images: make which IMAGES=/path/to/images")
    folder = Path(images).expanduser().resolve()
    if not folder.is_dir():
        raise InputError(f"IMAGES={images} is no folder; name the one that contains a folder for each class.")
    root = str(folder).replace("\\", "\\\\").replace('"', '\\"')
    value = f'{STUDY}/params.yaml:image_folder.root="{root}"'
    return ["dvc", "exp", "run", f"{STUDY}/dvc.yaml", "-S", value, *others]


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
