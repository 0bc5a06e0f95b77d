"""How a network came to be: all that determines its weights, in a form that is hashed and stored with them.

Nothing of it is a date, a host or a folder: the same network, made again, has the same provenance. The code
is named by the hashes of `imbalance/reproducibility/code.py`.
"""

import hashlib
import json
from importlib.metadata import version
from typing import Any

from imbalance.reproducibility import code

DETERMINING = ("imbalanced-learn", "numpy", "pillow", "scikit-learn", "scipy", "torch")


def digest(data: bytes) -> str:
    """SHA-256, in hex."""
    return hashlib.sha256(data).hexdigest()


def identity(provenance: dict[str, Any]) -> str:
    """A name for all that a provenance says: its hash."""
    return digest(json.dumps(provenance, sort_keys=True).encode())


def source(*modules: str) -> dict[str, str]:
    """The code of a network: the hashes of the files of `modules`, and of all that they import."""
    return code.determining(map(code.file_of, modules))


def versions() -> dict[str, str]:
    """The libraries that compute, without the part of a version that names a build, such as +cpu."""
    return {name: version(name).partition("+")[0] for name in DETERMINING}
