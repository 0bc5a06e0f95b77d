"""Bad folders and labels of one's own images: one sentence each, and nothing is written."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from stages import download, run
from tests.builders.data import fill

MAIN = Path(__file__).parents[2] / "params.yaml"
HEAD = "path,label,group,split\n"
GOOD = "a/00.png,cat\na/01.png,cat\nb/00.png,dog\nb/01.png,dog\n"
SPLIT = "a/00.png,cat,train\na/01.png,cat,test\nb/00.png,dog,train\nb/01.png,dog,test\n"
IN_FOLDERS = {"train/a": 2, "train/b": 2, "test/a": 1, "test/b": 1}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes with three images each."""
    return fill(tmp_path_factory.mktemp("images") / "mine", {"a": 3, "b": 3})


def refused(folder: Path, **changes: Any) -> str:
    """What the stage `download` says of the images in a folder, when it ends without having written anything."""
    params = yaml.safe_load(MAIN.read_text())
    params["recipes"] = {"image_folder": params["recipes"]["image_folder"]}
    params["image_folder"] |= {"root": "mine", "pixels": 8, **changes}
    (folder / "params.yaml").write_text(yaml.safe_dump(params | {"dataset": "image_folder"}))
    before = sorted(folder.iterdir())
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        with pytest.raises(SystemExit) as ended:
            run(download.main)
    assert sorted(folder.iterdir()) == before
    assert isinstance(ended.value.code, str), "which Python prints on stderr, and exits with status 1"
    sentence = ended.value.code.removeprefix("error: ").replace("params.yaml is not valid:\n  - ", "")
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "mine/labels.csv has no rows; it needs a line with the names of the columns, and rows below."),
        ("path,label\n", "mine/labels.csv has no rows"),
        (b"path,label\na/\xff.png,cat\n", "mine/labels.csv cannot be read ("),
        ("path,label\n\"a/00.png,cat\n", "mine/labels.csv cannot be read ("),
        ("path;label\na/00.png;cat\n", "Its columns seem to be separated by ';'; save it with commas."),
        ("a/00.png,cat\nb/00.png,dog\n", "there is no column 'a/00.png'; choose from: group, label, path, split."),
        ("path,labels\na/00.png,cat\n", "no column 'labels'; did you mean 'label'?"),
        ("path,label,age\na/00.png,cat,3\n", "there is no column 'age'"),
        ("path,group\na/00.png,p\n", "the column 'label' is missing; expected are the columns path and label"),
        ("label,split\ncat,train\n", "the column 'path' is missing"),
        ("path,label,label\na/00.png,cat,dog\n", "two columns called 'label'"),
        ("path,label\na/00.png\n", "line 2, has 1 cells, but the header 2; correct it."),
        ("path,label\na/00.png,cat\n,dog\n", "line 3 has no path; fill it in, or delete the line."),
        ("path,label\na/00.png,\n", "line 2 has no label; fill it in, or delete the line."),
        ("path,label,group\na/00.png,cat,\n", "line 2 has no group"),
        ("path,label,split\na/00.png,cat,\n", "line 2 has no split"),
        ("path,label,split\na/00.png,cat,tests\n", "line 2: there is no split 'tests'; did you mean 'test'?"),
        ("path,label,split\na/00.png,cat,val\n", "there is no split 'val'; choose from: test, train."),
        (f"path,label\n{GOOD}c/07.png,dog\n", "1 files are not in mine, where hidden ones do not count: 'c/07.png (line 6)'"),
        ("path,label\n" + "".join(f"{n}.png,cat\n" for n in range(9)), "9 files are not in mine"),
        (f"path,label\n{GOOD}b,dog\n", "1 files are not in mine"),
        (f"path,label\n{GOOD}.x.png,dog\n", "where hidden ones do not count"),
        (f"path,label\n{GOOD}a/00.png,dog\n", "lines 2 and 6 both name 'a/00.png'; delete one."),
        (f"path,label\n{GOOD}./b/../a/00.png,dog\n", "lines 2 and 6 both name './b/../a/00.png'; delete one."),
        (f"path,label\n{GOOD}../params.yaml,dog\n", "line 6: '../params.yaml' leads out of mine; name a file in it."),
        (f"path,label\n{GOOD}/etc/passwd,dog\n", "line 6: '/etc/passwd' leads out of mine"),
        ("path,label\na/00.png,cat\na/01.png,cat\n", "mine/labels.csv has fewer than 2 classes; expected are the"),
        (f"path,label\n{GOOD}b/02.png,bird\n", "there is one of 'bird'."),
        (f"path,label,split\n{SPLIT}b/02.png,bird,train\n", "the test set has no readable image of class 'bird'"),
        (f"path,label,split\n{SPLIT}b/02.png,bird,test\n", "the training set has no readable image of class 'bird'"),
        (f"path,label\n{GOOD}labels.csv,x\nnot.png,x\n", "the training set has no readable image of class 'x'"),
        (f'path,label\n{GOOD}a/02.png,"x\ny"\nb/02.png,"x\ny"\n', "cannot name a class"),
        (f"{HEAD}a/00.png,cat,p,train\na/01.png,cat,p,test\nb/00.png,dog,q,train\nb/01.png,dog,r,test\n",
         "mine: 1 groups have images in both the training and the test set: 'p'; move each to one side."),
        ("path,label,group\na/00.png,cat,p\na/01.png,cat,p\nb/00.png,dog,q\nb/01.png,dog,r\n",
         "all images of class 'cat' are of one group, and a class needs two"),
    ],
)  # fmt: skip
def test_bad_labels(good: Path, tmp_path: Path, text: str | bytes, said: str) -> None:
    root = shutil.copytree(good, tmp_path / "mine")
    (root / ".x.png").symlink_to("a/00.png")
    (root / "not.png").touch()
    (root / "labels.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    assert said in refused(tmp_path, labels="labels.csv")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"labels": "none.csv"}, "image_folder.labels: there is no file mine/none.csv; name a CSV file"),
        ({"labels": "../elsewhere.csv"}, "is not in mine, or hidden there, so that DVC would not see its changes"),
        ({"labels": "/etc/passwd"}, "/etc/passwd is not in mine"),
        ({"labels": ".hidden.csv"}, ".hidden.csv is not in mine, or hidden there"),
        ({"labels": "a"}, "image_folder.labels: a is not in mine"),
        ({"labels": ""}, "image_folder.labels = '': input should be at least one character."),
        ({"labels": "~/x.csv"}, "image_folder.labels: DVC takes ~ for a folder of that name"),
        ({"labels": "split.csv", "splits": "repeated"}, "a training and a test set are there already"),
        ({"labels": "grouped.csv", "group": "(.)/"}, "image_folder.group and the column group of grouped.csv both"),
        ({"group": "(.)/", "splits": "repeated"}, "all images of class 'a', 'b' are of one group"),
        ({"group": "patient(.)"}, "image_folder.group: 'patient(.)' finds no group in 6 of 6 paths"),
        ({"group": "([b-z])/"}, "finds no group in 3 of 6 paths, and every image needs one: 'a/00.png'"),
        ({"group": "(a"}, "image_folder.group: '(a' is no regular expression (missing ), unterminated"),
        ({"group": "a/.*"}, "image_folder.group: 'a/.*' must have one group in parentheses, such as"),
        ({"group": "(a)/(.*)"}, "must have one group in parentheses"),
        ({"splits": "repeatedly"}, "image_folder.splits: no 'repeatedly'; did you mean 'repeated'?"),
        ({"splits": 5}, "image_folder.splits: no 5"),
        ({"root": "yours"}, "image_folder.root: there is no folder yours"),
        ({"root": "mine/a"}, "mine/a has fewer than 2 classes"),
    ],
)  # fmt: skip
def test_bad_parameters(good: Path, tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    root = shutil.copytree(good, tmp_path / "mine")
    for file in (tmp_path / "elsewhere.csv", root / ".hidden.csv"):
        file.write_text(f"path,label\n{GOOD}")
    (root / "split.csv").write_text(f"path,label,split\n{SPLIT}")
    (root / "grouped.csv").write_text(
        "path,label,group\n"
        + GOOD.replace("\n", ",p\n")
        .replace("0.png,cat,p", "0.png,cat,q")
        .replace("1.png,dog,p", "1.png,dog,q")
    )
    assert said in refused(tmp_path, **changes)


@pytest.mark.parametrize(
    ("sizes", "changes", "said"),
    [
        ({}, {}, "mine has fewer than 2 classes; expected are folders train/<class>/ and test/<class>/"),
        ({"a": 3, "b": 1}, {}, "the test set has no readable image of class 'b'"),
        ({"a": 3, "b": 0}, {}, "the training set has no readable image of class 'b'"),
        ({"a": 3, "b": 1}, {"splits": "repeated"}, "all images of class 'b' have the same pixels, and a class needs two"),
        ({"Train/a": 2, "Train/b": 2}, {}, "mine/Train has folders in it, as a training set has"),
        (IN_FOLDERS, {"splits": "repeated"}, "a training and a test set are there already, and image_folder.splits"),
        (IN_FOLDERS, {"group": "/(00)|/01"}, "finds no group in 2 of 6 paths"),
        (IN_FOLDERS, {"group": r"(\d\d)\."}, "1 groups have images in both the training and the test set: '00'"),
        (IN_FOLDERS | {"test/c": 1}, {}, "the training set has no readable image of class 'c'"),
        ({"a": 2, "b\nc": 2}, {}, "cannot name a class; rename the folder"),
    ],
)  # fmt: skip
def test_bad_folders(tmp_path: Path, sizes: dict[str, int], changes: dict[str, Any], said: str) -> None:
    (tmp_path / "mine").mkdir()
    for name in sizes:
        (tmp_path / "mine" / name).mkdir(parents=True)
    fill(tmp_path / "mine", sizes)
    assert said in refused(tmp_path, **changes)
