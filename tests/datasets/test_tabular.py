"""One's own table: numbers, texts, the split, and one sentence for each thing that is wrong."""

from pathlib import Path

import numpy as np
import pytest

from imbalance.data import arrays
from imbalance.datasets import tabular
from imbalance.errors import InputError

TABLE = "size,colour,class\n1,red,b\n2,blue,a\n3,,b\n4,red,a\n5,blue,b\n6,red,b\n"


def read(folder: Path, text: str | bytes, **changes: object) -> arrays.Arrays:
    file = folder / "table.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    options = {"label": "class", "categorical": (), "drop": (), "test_fraction": 0.3} | changes
    return tabular.read(file, **options)  # type: ignore[arg-type]


def everything(found: arrays.Arrays) -> list[list[float]]:
    """All rows, each with its label last, sorted."""
    parts = [(found.train_images, found.train_labels), (found.test_images, found.test_labels)]
    return sorted(np.concatenate([np.column_stack(part) for part in parts]).tolist())


def test_texts_become_one_feature_a_value_and_an_empty_one_is_a_value(tmp_path: Path) -> None:
    found = read(tmp_path, TABLE)
    assert found.classes == ("a", "b")
    assert found.train_images.dtype == np.float32
    sizes = {(1, 0, 0): [3], (0, 1, 0): [2, 5], (0, 0, 1): [1, 4, 6]}  # "", blue, red
    for texts, expected in sizes.items():
        assert len([row for row in everything(found) if tuple(row[1:4]) == texts]) == len(expected)
    assert [row[4] for row in everything(found)] == [1, 0, 1, 0, 1, 1]  # by size
    assert np.bincount(found.test_labels).tolist() == [1, 1]


def test_numbers_are_standardised_by_the_training_part_and_what_is_0_and_1_stays(tmp_path: Path) -> None:
    rows = [f"{n * n},{n % 2},7,{n % 3}" for n in range(60)]
    found = read(tmp_path, "\n".join(["x,flag,same,class", *rows]))
    numbers, flags, same = found.train_images.T
    assert numbers.mean() == pytest.approx(0, abs=1e-6)
    assert numbers.std() == pytest.approx(1)
    assert {*flags} == {*found.test_images[:, 1]} == {0, 1}
    assert {*same} == {7}
    both = np.sort(np.concatenate([found.train_images, found.test_images])[:, 0]).astype(float)
    steps = np.diff(both) / np.diff(np.arange(60.0) ** 2)
    assert steps == pytest.approx(np.full(59, steps[0]), rel=1e-3), "one scale for both parts"


def test_columns_are_named_as_text_or_dropped(tmp_path: Path) -> None:
    assert read(tmp_path, TABLE, drop=("colour",)).train_images.shape[1] == 1
    assert read(tmp_path, TABLE, drop=("colour",), categorical=("size",)).train_images.shape[1] == 6


def test_classes_that_are_whole_numbers_are_sorted_as_such(tmp_path: Path) -> None:
    assert read(tmp_path, "x,class\n" + "1,10\n2,9\n3,10\n4,9\n").classes == ("9", "10")


def test_the_split_depends_on_no_order_and_keeps_equal_rows_together(tmp_path: Path) -> None:
    rows = [f"{n % 20},{n % 2}" for n in range(80)]  # each row four times
    sets = []
    for order in (rows, rows[::-1]):
        found = read(tmp_path, "\n".join(["x,class", *order]))
        sets.append({*found.test_images[:, 0].tolist()})
        assert not sets[-1] & {*found.train_images[:, 0].tolist()}
        assert len(found.test_labels) == 24
    assert sets[0] == sets[1]


def test_arrays_come_back_from_disk(tmp_path: Path) -> None:
    found = read(tmp_path, TABLE)
    arrays.save(found, tmp_path / "csv")
    assert arrays.fingerprint(arrays.load(tmp_path / "csv")) == arrays.fingerprint(found)
    assert (tmp_path / "csv" / "train_rows.npy").exists()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "has no rows"),
        ("x,class\n", "has no rows"),
        ("x,x,class\n1,2,a\n", "two columns called 'x'"),
        ("x,klass\n1,a\n", "no column 'class'; did you mean 'klass'"),
        ("x;class\n1;a\n", "separated by ';'"),
        ("x,class\n1,a\n2\n", "line 3, has 1 cells, but the header 2"),
        ("x,class\n1,a\n2,a\n", "all rows have the label 'a'"),
        ("x,class\n1,a\n2,a\n3,b\n", "a class needs two rows.*'b'"),
        ("x,class\n1,a\n2,\n", "line 3 has no label"),
        ("x,class\n1,a\n,a\n2,b\n3,b\n", "line 3, column 'x': the cell is empty"),
        ("x,class\n1,a\n?,a\n2,b\n3,b\n", r"line 3, column 'x': '\?' is no number"),
        ("x,class\n1,a\nnan,a\n2,b\n3,b\n", "line 3, column 'x': nan is no number"),
        ("x,class\n1,a\ninf,a\n2,b\n3,b\n", "line 3, column 'x': inf is no number"),
        ("x,class\n1,a\n1e99,a\n2,b\n3,b\n", "1e99 is no number of at most"),
        ("x,class\n" + "".join(f"n{n},{n % 2}\n" for n in range(101)), "101 different texts"),
        ("class\na\nb\n", "leaves no label or no features"),
        (b"x,class\n\xff,a\n", "cannot be read"),
    ],
)
def test_what_is_no_table_is_one_sentence(text: str | bytes, problem: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=problem) as refused:
        read(tmp_path, text)
    assert "\n" not in str(refused.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no file"):
        tabular.read(tmp_path / "none.csv", "class", (), (), 0.2)


def test_the_example_is_the_one_that_the_repository_has() -> None:
    found = tabular.read(Path("data/tables/wine.csv"), "class", (), (), 0.2)
    assert np.bincount(found.train_labels).tolist() == [47, 57, 38]
    assert np.bincount(found.test_labels).tolist() == [12, 14, 10]
