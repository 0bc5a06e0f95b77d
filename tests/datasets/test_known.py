"""The canonical arrays: idx files, digits, and a folder that is right as a whole, or an error saying why."""

import contextlib
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from imbalance.data.arrays import ARRAYS, FILES, Arrays, fingerprint, load, read, save, write
from imbalance.data.examples import Examples
from imbalance.data.files import ImageFiles
from imbalance.datasets.known import DATASETS, assemble, digits
from imbalance.errors import InputError
from tests.builders.data import idx, largest_file, small

# --- what the data sets are


def test_specs_are_consistent() -> None:
    checksums = []
    for name, spec in DATASETS.items():
        assert spec.name == name
        assert len(spec.classes) == len(set(spec.classes)) == 10
        checksums += [spec.sha256, *(file.checksum for form in spec.forms for file in form.files)]
        for form in spec.forms:
            for file in form.files:
                assert len(bytes.fromhex(file.checksum)) == {"sha256": 32, "md5": 16}[file.algorithm]
    assert len(set(checksums)) == len(checksums) == 4 + 2 * 4 + 6 + 8
    for name in ("mnist", "fashion_mnist"):
        (form,) = DATASETS[name].forms
        assert [file.size for file in form.files] == [16 + 60_000 * 784, 60_008, 16 + 10_000 * 784, 10_008]


def test_arrays_are_made_in_the_order_of_the_form_and_checked() -> None:
    images, labels = np.arange(24, dtype=np.uint8).reshape(2, 3, 4), np.array([0, 1], np.uint8)
    mnist = DATASETS["mnist"]
    (form,) = mnist.forms
    files = {file.name: idx(images if "images" in file.name else labels) for file in form.files[::-1]}
    expected = Arrays(images[:, None], labels, images[:, None], labels, mnist.classes)
    result = assemble(replace(mnist, sha256=fingerprint(expected)), form, files)
    assert result.train_images.shape == (2, 1, 3, 4)
    assert fingerprint(result) == fingerprint(expected)
    with pytest.raises(InputError, match="mnist has changed"):
        assemble(mnist, form, files)


def test_digits_are_scikit_learns_made_mnist_shaped() -> None:
    from sklearn.datasets import load_digits

    result, source = digits(), load_digits()
    assert (result.train_images.shape, result.test_images.shape) == ((1297, 1, 28, 28), (500, 1, 28, 28))
    assert np.bincount(result.test_labels).tolist() == [50] * 10
    left = {label: 50 for label in range(10)}
    split = []  # written otherwise than the code: from the end, the first 50 of a class are its test set
    for label in source.target[::-1]:
        split.append("test" if left[label] > 0 else "train")
        left[label] -= 1
    for name in ("train", "test"):
        chosen = np.array(split[::-1]) == name
        images, labels = getattr(result, f"{name}_images"), getattr(result, f"{name}_labels")
        np.testing.assert_array_equal(labels, source.target[chosen])
        for row in range(3):
            for column in range(3):
                pixels = images[:, 0, 2 + row : 26 : 3, 2 + column : 26 : 3]
                np.testing.assert_array_equal(pixels, (source.images[chosen] * 15.9375 + 0.5).astype(int))
        assert images.max() == 255
        border = images.copy()
        border[:, :, 2:-2, 2:-2] = 0
        assert not border.any()


@pytest.mark.parametrize(
    "change",
    [
        lambda a: replace(a, classes=("cat", "dog", "Ähre")),
        lambda a: replace(a, train_labels=a.train_labels[::-1]),
        lambda a: replace(a, test_images=a.test_images ^ np.uint8(1)),
        lambda a: replace(a, test_images=a.test_images.transpose(0, 1, 3, 2)),
        lambda a: replace(a, test_images=a.test_images.reshape(6, 3, 4, 5)),
        lambda a: replace(a, test_labels=a.test_labels.astype(np.int64)),
    ],
)
def test_the_fingerprint_sees_every_change(change: Callable[[Arrays], Arrays]) -> None:
    assert fingerprint(small()) == fingerprint(small()) != fingerprint(change(small()))


# --- the folder


def test_what_is_saved_is_loaded_mapped_and_read_only(tmp_path: Path) -> None:
    save(small(), tmp_path / "new" / "x")
    result = load(tmp_path / "new" / "x")
    assert fingerprint(result) == fingerprint(small())
    assert isinstance(result.train_images, np.memmap)
    assert not result.train_images.flags.writeable
    assert os.listdir(tmp_path / "new") == ["x"]


def test_the_same_arrays_make_the_same_files_however_they_lie_in_memory(tmp_path: Path) -> None:
    turned = replace(small(), train_images=np.asfortranarray(small().train_images))
    save(small(), tmp_path / "a")
    save(turned, tmp_path / "b")
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
    for name in ARRAYS:
        np.save(tmp_path / "numpy.npy", getattr(small(), name))
        assert (tmp_path / "numpy.npy").read_bytes() == (tmp_path / "a" / f"{name}.npy").read_bytes()


def test_saving_replaces_the_folder_and_leaves_linked_files_alone(tmp_path: Path) -> None:
    folder = tmp_path / "x"
    save(small(seed=0), folder)
    cached = tmp_path / "cached.npy"  # as DVC links its cache into the workspace
    cached.hardlink_to(folder / "train_images.npy")
    cached.chmod(0o444)
    save(small(seed=1), folder)
    assert fingerprint(load(folder)) == fingerprint(small(seed=1))
    np.testing.assert_array_equal(np.load(cached), small(seed=0).train_images)
    assert sorted(os.listdir(tmp_path)) == ["cached.npy", "x"]


def test_saving_onto_itself_keeps_the_data(tmp_path: Path) -> None:
    save(small(), tmp_path / "x")
    save(load(tmp_path / "x"), tmp_path / "x")
    assert fingerprint(load(tmp_path / "x")) == fingerprint(small())


def test_a_write_that_fails_leaves_the_old_folder_and_nothing_else(tmp_path: Path) -> None:
    save(small(seed=0), tmp_path / "x")
    for folder in (tmp_path / "x", tmp_path / "y"):
        with largest_file(400), pytest.raises(InputError, match="cannot be written"):
            save(small(seed=1), folder)
    assert os.listdir(tmp_path) == ["x"]
    assert fingerprint(load(tmp_path / "x")) == fingerprint(small(seed=0))


HANGS_WHILE_SAVING = """
import sys, time
from pathlib import Path
from imbalance.data import arrays
from imbalance.datasets.known import digits
write, written = arrays._write, []
def hang(array, path):
    write(array, path)
    written.append(path)
    if len(written) == 2:
        print("half", flush=True)
        time.sleep(60)
arrays._write = hang
arrays.save(digits(), Path(sys.argv[1]))
"""


def test_what_a_killed_process_left_is_removed_but_not_what_another_is_writing(tmp_path: Path) -> None:
    command = (sys.executable, "-c", HANGS_WHILE_SAVING, tmp_path / "x")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
        (half,) = tmp_path.iterdir()
        assert half.name.startswith(".x.")
        save(small(), tmp_path / "x")
        assert sorted(tmp_path.iterdir()) == sorted([half, tmp_path / "x"])
        process.send_signal(signal.SIGKILL)
        process.wait()
    save(small(seed=1), tmp_path / "x")
    assert os.listdir(tmp_path) == ["x"]
    assert fingerprint(load(tmp_path / "x")) == fingerprint(small(seed=1))


def test_only_leftovers_of_the_same_data_set_are_removed(tmp_path: Path) -> None:
    theirs = [".x.original/thesis.tex", ".x.abcdefghi/new", ".y.abcdefgh/new", "x.abcdefgh/new", ".x/new"]
    for path in (".x.abcdefgh/new/a.npy", ".x.abcdefgi/old/b.npy", *theirs):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    (tmp_path / ".x.linklink").symlink_to(tmp_path / ".x")
    (tmp_path / ".x.filefile").write_text("")
    save(small(), tmp_path / "x")
    left = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*")}
    assert left == {path.split("/")[0] for path in theirs} | {"x", ".x.linklink", ".x.filefile"}
    assert all((tmp_path / path).is_file() for path in theirs)


@pytest.mark.parametrize(
    ("classes", "dtype"), [(2, np.uint8), (256, np.uint8), (257, np.uint16), (1000, np.uint16)]
)
def test_labels_have_as_many_bits_as_their_classes_need(tmp_path: Path, classes: int, dtype: type) -> None:
    labels = np.array([classes - 1, *range(11)] if classes > 11 else [0, 1] * 6, dtype)
    many = replace(
        small(), train_labels=labels, test_labels=labels[:6], classes=tuple(map(str, range(classes)))
    )
    save(many, tmp_path / "x")
    loaded = load(tmp_path / "x").train_labels
    assert loaded.dtype == dtype
    assert loaded.tolist() == labels.tolist()
    other = np.uint16 if dtype == np.uint8 else np.int64
    with pytest.raises(InputError, match=f"train_labels must be {np.dtype(dtype)}"):
        save(replace(many, train_labels=labels.astype(other)), tmp_path / "x")


# --- images that stay files


def listed(names: list[bytes] | None = None) -> Arrays:
    """Names of twelve files for training, and of six for the test."""
    names = names or [b"train/cat/%d.JPEG" % number for number in range(18)]
    files = ImageFiles(np.array(names), Path("elsewhere"))
    return replace(small(), train_images=files[:12], test_images=files[12:])


def test_an_index_is_loaded_mapped_and_its_root_is_where_the_user_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("IMBALANCE_DATA_DIR", raising=False)
    folder = tmp_path / "data" / "raw" / "imagenet"
    save(listed(), folder)
    assert sorted(os.listdir(folder)) == ["classes.txt", *(f"{name}.npy" for name in sorted(FILES))]
    result = load(folder).train_images
    assert isinstance(result, ImageFiles)
    assert isinstance(result.names, np.memmap)
    assert result.shape == (12, 3, 224, 224)
    assert len(result) == 12
    chosen = result[np.array([3, 1])]
    assert chosen.path(0) == tmp_path / "data" / "imagenet" / "train" / "cat" / "3.JPEG"
    assert result[:5][1:2].path(0) == chosen.path(1)
    monkeypatch.setenv("IMBALANCE_DATA_DIR", "~/photos")
    assert load(folder).test_images.path(0) == Path.home() / "photos" / "train" / "cat" / "12.JPEG"


def test_the_fingerprint_of_an_index_sees_its_names_and_not_its_root(tmp_path: Path) -> None:
    save(listed(), tmp_path / "x")
    assert fingerprint(load(tmp_path / "x")) == fingerprint(listed())
    assert fingerprint(listed()) != fingerprint(listed([b"train/cat/%d.JPEG" % n for n in range(1, 19)]))
    save(small(), tmp_path / "x")
    assert fingerprint(load(tmp_path / "x")) == fingerprint(small())


def test_an_index_that_is_damaged_is_refused(tmp_path: Path) -> None:
    save(listed(), tmp_path / "x")
    np.save(tmp_path / "x" / "test_files.npy", np.arange(6))
    with pytest.raises(InputError, match=r"test_files must be bytes \(N,\), not int64 \(6,\)"):
        load(tmp_path / "x")
    (tmp_path / "x" / "test_files.npy").unlink()
    with pytest.raises(InputError, match=r"test_files\.npy is missing"):
        load(tmp_path / "x")


def test_images_that_stay_files_are_not_taken_into_memory() -> None:
    examples = Examples.from_arrays(listed().train_images, small().train_labels)
    assert examples.inputs is not None
    with pytest.raises(InputError, match="wants all images in memory at once"):
        examples.tensor.numpy()


# --- any one npy file


@given(arrays(st.sampled_from([np.float32, np.int64, np.bool_, np.uint8]), array_shapes(max_dims=3)))
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_array_is_read_back_and_its_file_is_numpys(tmp_path: Path, array: np.ndarray) -> None:
    write(array, tmp_path / "new" / "x.npy")
    np.save(tmp_path / "numpy.npy", np.ascontiguousarray(array))
    assert (tmp_path / "new" / "x.npy").read_bytes() == (tmp_path / "numpy.npy").read_bytes()
    result = read(tmp_path / "new" / "x.npy")
    assert (result.dtype, result.shape) == (array.dtype, array.shape)
    assert result.tobytes() == array.tobytes()
    assert type(result) is np.ndarray, "in memory, so that nothing else can change it"


@pytest.mark.parametrize("limit", [0, 100, 400, 1127])
def test_an_array_that_does_not_fit_is_refused_and_the_old_one_stays(tmp_path: Path, limit: int) -> None:
    path = tmp_path / "x.npy"
    write(np.arange(3), path)
    with largest_file(limit), pytest.raises(InputError, match=r"x\.npy cannot be written .*; make room"):
        write(np.zeros(125), path)
    assert read(path).tolist() == [0, 1, 2]
    assert os.listdir(tmp_path) == ["x.npy"]
    with largest_file(1128):
        write(np.zeros(125), path)
    assert read(path).tolist() == [0] * 125


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with pytest.raises(InputError, match=r"raw.* cannot be written .*Permission denied"):
        save(small(), tmp_path / "raw" / "x")
    tmp_path.chmod(0o755)
    assert os.listdir(tmp_path) == []


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "raw").write_text("")
    with pytest.raises(InputError, match=r"raw.* cannot be written"):
        save(small(), tmp_path / "raw" / "x")
    with pytest.raises(InputError, match="raw cannot be written"):
        save(small(), tmp_path / "raw")
    assert (tmp_path / "raw").is_file()


def test_a_folder_with_other_peoples_files_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "thesis.tex").write_text("ten years of work")
    with pytest.raises(InputError, match=r"also holds thesis\.tex"):
        save(small(), tmp_path / "x")
    assert (tmp_path / "x" / "thesis.tex").read_text() == "ten years of work"
    assert os.listdir(tmp_path) == ["x"]


@pytest.mark.parametrize("name", [*(f"{name}.npy" for name in ARRAYS), "classes.txt"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    save(small(), tmp_path / "x")
    (tmp_path / "x" / name).unlink()
    with pytest.raises(InputError, match=rf"{name}.*python -m stages\.download"):
        load(tmp_path / "x")


def npz() -> bytes:
    np.savez(packed := io.BytesIO(), labels=small().train_labels)
    return packed.getvalue()


@pytest.mark.parametrize("damage", [b"", b"not numpy's", npz(), b"\x93NUMPY\x01\x00v\x00{'descr'"])
@pytest.mark.parametrize("name", ARRAYS)
def test_a_damaged_file_is_named(tmp_path: Path, name: str, damage: bytes) -> None:
    save(small(), tmp_path / "x")
    (tmp_path / "x" / f"{name}.npy").write_bytes(damage)
    with pytest.raises(InputError, match=rf"{name}\.npy cannot be read"):
        load(tmp_path / "x")


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(0, 127), value=st.integers(0, 255), length=st.integers(0, 140))
@pytest.mark.filterwarnings("ignore")
def test_a_damaged_header_never_ends_in_a_traceback(
    tmp_path: Path, position: int, value: int, length: int
) -> None:
    save(small(), tmp_path / "x")
    path = tmp_path / "x" / "train_labels.npy"
    damaged = bytearray(path.read_bytes())
    damaged[position] = value
    path.write_bytes(damaged[:length])
    with contextlib.suppress(InputError):
        assert fingerprint(load(tmp_path / "x")) == fingerprint(small())


def test_pickled_objects_are_never_opened(tmp_path: Path) -> None:
    save(small(), tmp_path / "x")
    np.save(tmp_path / "x" / "test_labels.npy", np.array([print] * 6, object), allow_pickle=True)
    with pytest.raises(InputError, match=r"test_labels\.npy cannot be read"):
        load(tmp_path / "x")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"train_labels": small().train_labels[:5]}, r"train_labels must be uint8 \(12,\), not uint8 \(5,\)"),
        ({"test_labels": small().test_labels.astype(int)}, r"test_labels must be uint8 \(6,\), not int64"),
        ({"test_labels": np.uint8([0, 1, 2, 3, 0, 0])}, r"test_labels has label 3, but .* 3 classes"),
        ({"train_images": small().train_images / 255}, "train_images must be uint8 .* not float64"),
        ({"train_images": small().train_images[:, 0]}, r"train_images must be uint8 .*\(12, 5, 4\)"),
        ({"test_images": small().test_images[:, :1]}, r"\(3, 5, 4\) in the training set, but \(1, 5, 4\)"),
        ({"classes": ()}, "one class name on each line"),
        ({"classes": ("a", "", "c")}, "one class name on each line"),
        ({"classes": ("a", "b\nb", "c")}, "one class name on each line"),
    ],
)
def test_arrays_that_do_not_agree_are_neither_saved_nor_loaded(
    tmp_path: Path, change: dict[str, np.ndarray], problem: str
) -> None:
    wrong = replace(small(), **change)
    with pytest.raises(InputError, match=f"is not written: .*{problem}"):
        save(wrong, tmp_path / "x")
    assert os.listdir(tmp_path) == []
    save(small(), tmp_path / "x")
    for name, value in change.items():
        if name in ARRAYS:
            np.save(tmp_path / "x" / f"{name}.npy", value)
        else:
            (tmp_path / "x" / "classes.txt").write_text("".join(f"{line}\n" for line in value))
    if change != {"classes": ("a", "b\nb", "c")}:  # which a file cannot express: there it is four classes
        with pytest.raises(InputError, match=problem):
            load(tmp_path / "x")
