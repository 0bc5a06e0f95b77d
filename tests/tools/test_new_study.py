"""`make new-study`: a valid study with the values of the main folder's params.yaml, and a page to fill in."""

import shutil
from pathlib import Path

import pytest
import yaml

from imbalance.config import Params, load_params, load_study
from imbalance.errors import InputError
from tests.builders.parameters import changed
from tools.check import check
from tools.new_study import GRID, REST, write
from tools.scale import at_scale


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copy("params.yaml", tmp_path)
    return tmp_path


def test_a_new_study_is_valid_at_all_scales_and_has_the_values_of_the_main_folder(root: Path) -> None:
    files = write("my_study", root=root)
    folder = root / "studies/my_study"
    assert files == [folder / "params.yaml", folder / "dvc.yaml", folder / "README.md"]
    assert set(folder.iterdir()) == set(files)
    assert "scales: smoke, full" in check(files[0])
    (study,) = load_study(files[0]).conditions.values()
    main = load_params(root / "params.yaml")
    own = {"root": f"../../{main.image_folder.root}"}
    assert study.image_folder == main.image_folder.model_copy(update=own)
    assert study.recipes == {name: main.recipes[name] for name in ("mnist", "digits")}
    assert study.csv == main.csv.model_copy(update={"file": f"../../{main.csv.file}"})
    left = {"image_folder", "csv", "recipes"}
    assert study.model_dump(exclude=left) == main.model_dump(exclude=left)


def test_every_parameter_is_taken_over() -> None:
    taken = {*GRID, *REST, "recipes"}  # recipes: those of the study's data set and of digits
    assert taken == set(Params.model_fields)
    assert taken >= set(yaml.safe_load(Path("params.yaml").read_text()))


def edited(root: Path, *changes: tuple[str, str]) -> Params:
    """The parameters of the main folder after changes of its text."""
    file = root / "params.yaml"
    text = file.read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    file.write_text(text)
    return load_params(file)


def test_what_is_said_of_the_own_classes_is_taken_over_and_left_out_at_the_scale_smoke(root: Path) -> None:
    main = edited(
        root,
        ("dataset: mnist", "dataset: image_folder"),
        ("shared: nothing", "shared: subset"),
        ("rules: [argmax, prior]", "rules: [argmax, prior, deployment]"),
        ("deployment: null", "deployment: {cat: 0.98, dog: 0.02}"),
        ("positive: null ", "positive: dog "),
    )
    file, *_ = write("my_study", root=root)
    text = file.read_text()
    smoke, full = (at_scale(text, scale, "params.yaml") for scale in ("smoke", "full"))
    for study in (load_study(file), full[1]):
        assert study.common.model_dump(exclude={"image_folder", "csv", "recipes"}) == main.model_dump(
            exclude={"image_folder", "csv", "recipes"}
        )
    common = smoke[1].common
    assert (common.dataset, common.rules, common.shared) == ("digits", ("argmax", "prior"), "subset")
    assert (common.deployment, common.two_classes.positive) == (None, None)
    assert at_scale(smoke[0], "full", "params.yaml")[1].common == full[1].common


def test_what_the_main_folder_leaves_out_stays_out(root: Path) -> None:
    text = (root / "params.yaml").read_text()
    csv = text[text.index("csv:\n") : text.index("# The imbalance profile")]
    two = text[text.index("two_classes:\n") : text.index("# The recipes of networks")]
    edited(root, (csv, ""), (two, ""), ("shared: nothing", "# shared: nothing"), ("deployment: null", ""))
    file, *_ = write("my_study", root=root)
    assert not {"csv", "two_classes", "shared", "deployment"} & set(yaml.safe_load(file.read_text()))


def test_its_page_says_how_to_run_it(root: Path) -> None:
    page = write("my_study", root=root)[2].read_text()
    assert page.startswith("# My study\n")
    for command in ("make scale STUDY=my_study SCALE=smoke", "dvc repro studies/my_study/dvc.yaml"):
        assert f"    {command}\n" in page


@pytest.mark.parametrize("change", ["dataset=fashion_mnist", "dataset=digits", "dataset=cifar10"])
def test_it_has_the_recipes_of_the_chosen_data_set_and_of_digits(change: str, root: Path) -> None:
    text = changed(change)
    for name in ("digits", "fashion_mnist"):
        recipe = yaml.safe_load(Path("params.yaml").read_text())["recipes"][name]
        text = text.replace("recipes:\n", f"recipes:\n  {name}: {recipe}\n")
    (root / "params.yaml").write_text(text)
    file, *_ = write("my_study", root=root)
    assert set(yaml.safe_load(file.read_text())["recipes"]) == {change.removeprefix("dataset="), "digits"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("My study", "NAME=My study cannot name a study; use lower-case letters, digits and _."),
        ("../x", "NAME=../x cannot name a study"),
        ("", "NAME= cannot name a study"),
        ("there", "there is a study there already; edit "),
    ],
)
def test_bad_names_are_refused_and_nothing_is_written(name: str, message: str, root: Path) -> None:
    (root / "studies/there").mkdir(parents=True)
    before = sorted(root.rglob("*"))
    with pytest.raises(InputError) as refused:
        write(name, root=root)
    assert str(refused.value).startswith(message)
    assert sorted(root.rglob("*")) == before


def test_bad_parameters_of_the_main_folder_make_no_study(root: Path) -> None:
    (root / "params.yaml").write_text(changed("tau=-1"))
    with pytest.raises(InputError, match="tau = -1"):
        write("my_study", root=root)
    assert not (root / "studies").exists()
