"""The published forms: idx files, CIFAR's pickled batches (of which no code is run), and its PNG sheets."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from imbalance.datasets import formats
from imbalance.datasets.formats import read_batch, read_idx
from imbalance.errors import InputError
from tests.builders.data import BATCHES, CIFAR, SHEETS, idx

# --- idx files


@given(arrays(np.uint8, array_shapes(min_dims=1, max_dims=4)))
def test_an_idx_file_is_read_back(array: np.ndarray) -> None:
    result = read_idx(idx(array))
    assert result.dtype == np.uint8
    np.testing.assert_array_equal(result, array)


@given(arrays(np.uint8, array_shapes(min_dims=1, max_dims=3)), st.data())
def test_an_idx_file_of_any_other_length_is_refused(array: np.ndarray, data: st.DataObject) -> None:
    whole = idx(array)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    for wrong in (cut, whole + b"\0"):
        with pytest.raises(InputError, match="t10k-labels"):
            read_idx(wrong, "t10k-labels")


@pytest.mark.parametrize(
    "start", [b"", b"\x1f\x8b\x08\0", b"\0\0\x08\0", b"\0\0\x0d\x01", b"\x80\x02\x08\x01", b"<htm"]
)
def test_what_is_no_idx_file_of_bytes_is_refused(start: bytes) -> None:
    with pytest.raises(InputError, match="no idx file of unsigned bytes"):
        read_idx(start + b"\0\0\0\x01A" * bool(start))


def test_dimensions_that_overflow_are_refused() -> None:
    with pytest.raises(InputError, match="by its header"):
        read_idx(b"\0\0\x08\x04" + b"\xff" * 16)


def test_idx_files_become_arrays_with_one_channel() -> None:
    images, labels = np.arange(24, dtype=np.uint8).reshape(2, 3, 4), np.array([0, 1], np.uint8)
    files = {"a": idx(images), "b": idx(labels), "c": idx(images[:1]), "d": idx(labels[:1])}
    for result, expected in zip(
        formats.idx(files), (images[:, None], labels, images[:1, None], labels[:1]), strict=True
    ):
        np.testing.assert_array_equal(result, expected, strict=True)


# --- CIFAR


@pytest.mark.parametrize(
    ("decode", "files"), [(formats.cifar_batches, BATCHES), (formats.cifar_sheets, SHEETS)]
)
def test_both_forms_of_cifar_give_the_same_arrays(decode, files) -> None:
    images, labels, test_images, test_labels = decode(files)
    np.testing.assert_array_equal(images, CIFAR[:6], strict=True)
    np.testing.assert_array_equal(labels, np.array([6, 9, 9, 4, 1, 1], np.uint8), strict=True)
    np.testing.assert_array_equal(test_images, CIFAR[6:], strict=True)
    np.testing.assert_array_equal(test_labels, np.array([3, 8, 8], np.uint8), strict=True)


class Evil:
    """Unpickled as usual, this makes a folder."""

    def __reduce__(self) -> tuple:
        return Path.mkdir, (Path("pwned"),)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (pickle.dumps({"data": Evil()}, 2), "it asks for __builtin__.getattr"),
        (b"cos\nsystem\n(S'touch pwned'\ntR.", "it asks for os.system"),
        (b"c__builtin__\neval\n(S'1'\ntR.", "it asks for"),
        (b"cnumpy\nload\n(S'x'\ntR.", "it asks for numpy.load"),
        (b"Pidentity\n.", "it asks for an object"),
        (BATCHES["test_batch"][:-100], "truncated"),
        (b"", "EOFError"),
        (b"<html>", "UnpicklingError"),
    ],
)
def test_a_batch_can_have_no_code_run(
    data: bytes, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=f"data_batch_1 is no batch of CIFAR's .*{reason}"):
        read_batch(data, "data_batch_1")
    assert list(tmp_path.iterdir()) == []


def test_numpys_own_reader_would_read_the_same_batch() -> None:
    plain = pickle.loads(BATCHES["test_batch"], encoding="latin1")  # noqa: S301
    ours = read_batch(BATCHES["test_batch"])
    np.testing.assert_array_equal(ours["data"], plain["data"], strict=True)
    assert ours["labels"] == plain["labels"]
