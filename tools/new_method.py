"""Start a method: `make new-method NAME=my_loss` writes its file, its test and a block in `params.yaml`."""

import keyword
import re
import sys
from pathlib import Path

from imbalance import catalogue, methods
from imbalance.config import load_params
from imbalance.errors import InputError
from imbalance.strict import UNSEEN

# Names that mean something else in params.yaml, or that DVC takes no notice of.
TAKEN = {"initial", "null", *UNSEEN}
METHOD = '''"""{title} (Author et al. year): what it does, in a sentence.

L = mean_i (1 - p[i, y_i])^power CE_i
"""

from typing import ClassVar

from pydantic import Field
from torch import Tensor

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.losses import Context, cross_entropy


class {name}(Baseline):
    """`power` 0 is cross entropy. Override any other method of the baseline in the same way."""

    kind: ClassVar[str] = "loss"

    power: float = Field(default=1, ge=0)

    def losses(self, logits: Tensor, targets: Tensor, context: Context) -> Tensor:
        """Return the loss of each example: logits (..., B, C) and targets (..., B) to (..., B)."""
        entropies = cross_entropy(logits, targets)
        return (1 - (-entropies).exp()) ** self.power * entropies
'''
TEST = """import math

import pytest

from imbalance.methods.{module} import {name}
from tests.methods.contract import SIZES, Promise
from tests.methods.hand_batch import loss

PROMISES = [Promise(dict(start="initial"), SIZES)]


def test_loss_by_hand() -> None:
    # the batch has p = 1/2, 1/4, 1/3 (tests/methods/hand_batch.py)
    expected = (math.log(2) / 2 + 3 * math.log(4) / 4 + 2 * math.log(3) / 3) / 3
    assert loss({name}(start="initial")) == pytest.approx(expected, abs=1e-6)
"""


def write(module: str, root: Path = Path()) -> list[Path]:
    """Write the two files and the block of a new method; raises `InputError` if its name cannot be taken."""
    params = root / "params.yaml"
    _refuse(module, params)
    names = {
        "module": module,
        "name": methods.class_name(module),
        "title": module.replace("_", " ").capitalize(),
    }
    method, test = root / f"imbalance/methods/{module}.py", root / f"tests/methods/test_{module}.py"
    method.write_text(METHOD.format_map(names), encoding="utf-8")
    test.write_text(TEST.format_map(names), encoding="utf-8")
    block = f"  {module}: {{method: {module}, start: initial}}\n"
    params.write_text(params.read_text(encoding="utf-8").rstrip("\n") + "\n" + block, encoding="utf-8")
    return [method, test, params]


def _refuse(module: str, params: Path) -> None:
    """Raise an `InputError` if no method of this name can be added to the catalogue and to `params`."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{,99}", module):
        raise InputError(f"NAME={module!r} cannot name a method; use lower-case letters, digits and _.")
    if any(map(keyword.iskeyword, (module, methods.class_name(module)))):
        raise InputError(f"NAME={module}: a word of Python cannot name a file to import; take another name.")
    if module in TAKEN:
        raise InputError(f"NAME={module} means something else in params.yaml; take another name.")
    if module in catalogue.names(methods):
        raise InputError(f"there is a method {module} already; edit imbalance/methods/{module}.py.")
    if Path(methods.__path__[0], module).is_dir():
        raise InputError(f"imbalance/methods/{module}/ is a folder, which would hide it; take another name.")
    if module in load_params(params).methods:
        raise InputError(f"{params} has methods.{module} already, of another file; take another name.")


if __name__ == "__main__":
    try:
        written = write(sys.argv[1] if len(sys.argv) > 1 else "")
    except InputError as error:
        sys.exit(f"error: {error}")
    print("\n".join(f"wrote {path}" for path in written))
    print("`dvc repro` trains it; its test: `pytest tests/methods`; the page of the methods: `make pages`")
