"""Every reader, fed with random bytes, and with right files that were cut, changed or lengthened.

Each gives what it promises, or says in an `InputError` what is wrong: never another exception, never a hang.
"""

import gzip
import io
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imbalance import weights
from imbalance.config import Params, load_params
from imbalance.data import arrays
from imbalance.datasets.formats import read_idx
from imbalance.datasets.originals import UNREADABLE, from_archive, from_folder
from imbalance.errors import InputError
from imbalance.evaluation import schemas
from imbalance.evaluation.predictions import Predictions
from imbalance.networks import build
from imbalance.subsets import subset as subsets
from stages import paths, plot
from tests.builders.data import (
    INDICES,
    LABELS,
    MNIST,
    MNIST_FILES,
    NAMES,
    PACKAGE,
    SIZES,
    idx,
    small,
    tarball,
)
from tests.builders.figures import study

ROC = Path("plots/tables/roc.csv")
PREDICTIONS = Predictions(paths.PREDICTIONS, ("x",), (2, 3, 4))
CURVE = "method,replicate,iteration,train_accuracy,test_accuracy\nx,0,100,0.84,0.54\nx,1,100,0.9,0.78\n"


def npy(array: np.ndarray) -> bytes:
    np.save(file := io.BytesIO(), array)
    return file.getvalue()


def images() -> None:
    found = arrays.load(Path("."))
    for split in ("train", "test"):
        pixels, labels = getattr(found, f"{split}_images"), getattr(found, f"{split}_labels")
        assert pixels.dtype == labels.dtype == np.uint8
        assert (pixels.ndim, len(pixels)) == (4, len(labels))
        assert labels.max() < len(found.classes)


def drawn() -> None:
    for subset in subsets.load(Path("."), LABELS):
        assert (
            np.bincount(LABELS[subset.indices], minlength=len(subset.sizes)).tolist() == subset.sizes.tolist()
        )


def logits() -> None:
    found = PREDICTIONS.logits("x")
    assert (found.dtype, found.shape) == (np.float32, (2, 3, 4))
    assert np.isfinite(found).all()


def curves() -> None:
    assert PREDICTIONS.convergence().dtypes.astype(str).to_dict() == schemas.CURVE


def trials() -> None:
    assert PREDICTIONS.trials().dtypes.astype(str).to_dict() == schemas.TRIALS


def table() -> None:
    assert list(plot.read(ROC).columns) == list(plot.TABLES[ROC])


def one_idx() -> None:
    assert read_idx(Path("x").read_bytes()).dtype == np.uint8


def folder() -> None:
    assert arrays.fingerprint(from_folder(Path("."), MNIST, Path("."))) == MNIST.sha256


def package() -> None:
    assert arrays.fingerprint(from_archive(Path("x.tgz"), "package/data/{}", MNIST)) == MNIST.sha256


def network() -> None:
    assert not weights.read(Path("000.safetensors")).training


def model() -> bytes:
    """The file of a small network."""
    with TemporaryDirectory() as folder:
        weights.save(build("lenet5", (1, 16, 16), 2), Path(folder), 0, {})
        return weights.path(Path(folder), 0).read_bytes()


def parameters() -> None:
    assert isinstance(load_params(Path("params.yaml")), Params)


class Reader(NamedTuple):
    """What reads the file `name` in the current folder, and asserts what it promises; right contents for it."""

    read: Callable[[], None]
    name: str
    content: bytes

    def __str__(self) -> str:
        return f"{self.read.__name__}: {self.name}"


READERS = [
    *(Reader(images, f"{name}.npy", npy(getattr(small(), name))) for name in arrays.ARRAYS),
    Reader(images, "classes.txt", "cat\nlap dog\nÄhre\n".encode()),
    Reader(drawn, "indices.npy", npy(INDICES)),
    Reader(drawn, "sizes.npy", npy(SIZES)),
    Reader(logits, "data/predictions/x/logits.npy", npy(np.arange(24, dtype=np.float32).reshape(2, 3, 4))),
    Reader(curves, "data/predictions/x/convergence.csv", CURVE.encode()),
    Reader(
        trials,
        "data/predictions/x/trials.csv",
        f"{','.join(schemas.TRIALS)}\nx,0,0.01,0,trained,,0.9,True\n".encode(),
    ),
    Reader(
        table, str(ROC), study(["baseline", "crt"], ["a", "b"], 2)["roc"][:20].to_csv(index=False).encode()
    ),
    Reader(one_idx, "x", idx(np.arange(24, dtype=np.uint8).reshape(2, 3, 4))),
    Reader(folder, f"{NAMES[0]}.gz", gzip.compress(MNIST_FILES[NAMES[0]])),
    Reader(package, "x.tgz", tarball(PACKAGE)),
    Reader(package, "x.tgz", gzip.decompress(tarball(PACKAGE))),
    Reader(network, "000.safetensors", model()),
    Reader(parameters, "params.yaml", Path("params.yaml").read_bytes()),
]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with right contents for every reader."""
    for name, data in list(MNIST_FILES.items())[1:]:
        (tmp_path / name).write_bytes(data)
    for _, name, content in READERS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@st.composite
def changed(draw: st.DrawFn, right: bytes) -> bytes:
    """The right bytes, but for some of them, most at the beginning, where headers are; cut or lengthened."""
    wrong, end = bytearray(right), len(right) - 1
    places = st.integers(0, min(end, 200)) | st.integers(0, end)
    for place, byte in draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=4)):
        wrong[place] = byte
    return bytes(wrong[: draw(st.just(len(right)) | st.integers(0, end))]) + draw(st.just(b"") | st.binary())


@pytest.mark.parametrize("reader", READERS, ids=str)
def test_a_right_file_is_read(project: Path, reader: Reader) -> None:
    (project / reader.name).write_bytes(reader.content)
    reader.read()


@pytest.mark.parametrize("reader", READERS, ids=str)
@pytest.mark.filterwarnings("ignore")
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_read_as_promised_or_refused(
    project: Path, reader: Reader, data: st.DataObject
) -> None:
    (project / reader.name).write_bytes(data.draw(st.binary() | changed(reader.content)))
    with suppress(InputError, *UNREADABLE if reader.read in (folder, package) else ()):
        reader.read()
