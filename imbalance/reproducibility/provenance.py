"""Provenance: everything that determines a network's weights, hashed and stored together with them.

It contains no date, host or folder, so that a network that is trained again has the same provenance. Code is
identified by the hashes of `imbalance/reproducibility/code.py`.
"""

import hashlib
import json
from importlib.metadata import version
from typing import Any

from imbalance.reproducibility import code

DETERMINING = ("imbalanced-learn", "numpy", "pillow", "scikit-learn", "scipy", "torch")


def digest(data: bytes) -> str:
    """Return the SHA-256 of bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def identity(provenance: dict[str, Any]) -> str:
    """Return the hash of a provenance, which serves as its name."""
    return digest(json.dumps(provenance, sort_keys=True).encode())


def source(*modules: str) -> dict[str, str]:
    """Return the hashes of the files of `modules` and of all files that they import, by path."""
    return code.determining(map(code.file_of, modules))


def versions() -> dict[str, str]:
    """Return the versions of the numerical libraries, without a build's suffix such as +cpu."""
    return {name: version_of(name) for name in DETERMINING}


def version_of(name: str) -> str:
    """Return the version of a library, without a build's suffix."""
    return version(name).partition("+")[0]
