"""Parameters: strict, and each error says what, where and what is right."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from imbalance import catalogue, methods
from imbalance.config import load_params
from imbalance.errors import InputError
from imbalance.methods.oversampling import Oversampling

DEFAULT = Path("params.yaml")
Change = Callable[[dict[str, Any]], None]


def changed(change: Change, folder: Path) -> Path:
    raw = yaml.safe_load(DEFAULT.read_text())
    change(raw)
    path = folder / "params.yaml"
    path.write_text(yaml.safe_dump(raw))
    return path


def test_the_default_parameters_are_valid() -> None:
    params = load_params(DEFAULT)
    assert isinstance(params.methods["oversampling"], Oversampling)
    assert params.architecture == "lenet5"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda raw: (
                raw.update(imbalance="counts", counts=[1] * 9 + [5]),
                raw["methods"].update(x={"method": "dynamic_sampling", "start": "initial"}),
            ),
            "methods.x tunes on held-out images, which needs two classes with two images each; raise `counts`",
        ),
        (lambda raw: raw.update(rhoo=5), "no parameter 'rhoo'; did you mean 'rho'?"),
        (lambda raw: raw.pop("rho"), "rho is missing"),
        (lambda raw: raw.update(rho=0.5), "rho = 0.5: input should be greater than or equal to 1"),
        (lambda raw: raw.update(rho="many"), "rho = 'many': input should be a number, not text"),
        (lambda raw: raw.update(rho=float("inf")), "rho = inf: input should be a finite number"),
        (lambda raw: raw.update(rho=float("nan")), "rho = nan: input should be a finite number"),
        (lambda raw: raw.update(rho="nan"), "rho = 'nan': input should be a number, not text"),
        (lambda raw: raw.update(replicates=True), "replicates = true: input should be a whole number"),
        (lambda raw: raw.update(counts=[1, False]), "counts.1 = false: input should be a whole number"),
        (
            lambda raw: raw["recipes"]["mnist"]["lenet5"].update(batch=True),
            "recipes.mnist.lenet5.batch = true: input should be a whole number",
        ),
        (
            lambda raw: raw["methods"]["oversampling"].update(ratio=False),
            "methods.oversampling.ratio = false: input should be a number",
        ),
        (lambda raw: raw.update(mu=0), "mu = 0: input should be greater than 0"),
        (lambda raw: raw.update(mu=1), "mu = 1: input should be less than 1"),
        (lambda raw: raw.update(budget=0), "budget = 0: input should be greater than 0"),
        (lambda raw: raw.update(replicates=0), "replicates = 0: input should be greater than or equal to 1"),
        (lambda raw: raw.update(dataset="mnst"), "no dataset 'mnst'; did you mean 'mnist'?"),
        (
            lambda raw: raw["image_folder"].update(color="gray"),
            "image_folder.color: no 'gray'; did you mean 'grey'?",
        ),
        (
            lambda raw: raw["image_folder"].update(pixls=32),
            "image_folder: no parameter 'pixls'; did you mean 'pixels'?",
        ),
        (
            lambda raw: raw["image_folder"].update(pixels=0),
            "image_folder.pixels = 0: input should be greater",
        ),
        (lambda raw: raw["image_folder"].update(test_fraction=1), "image_folder.test_fraction = 1: input"),
        (lambda raw: raw["image_folder"].update(root=""), "image_folder.root = ''"),
        (lambda raw: raw["image_folder"].update(root="~/x"), f"of that name; write {Path.home() / 'x'}"),
        (lambda raw: raw["image_folder"].update(bits=7), "image_folder.bits: no number of bits 7; choose"),
        (lambda raw: raw["image_folder"].update(bits=[8]), "image_folder.bits: no number of bits [8]"),
        (
            lambda raw: raw["image_folder"].update(bits="a"),
            "image_folder.bits: no number of bits 'a'; choose",
        ),
        (lambda raw: raw["image_folder"].pop("root"), "image_folder.root is missing"),
        (lambda raw: raw.pop("image_folder"), "image_folder is missing"),
        (lambda raw: raw.update(dataset="image_foldr"), "did you mean 'image_folder'?"),
        (lambda raw: raw.update(imbalance="stepp"), "imbalance: no 'stepp'; did you mean 'step'?"),
        (lambda raw: raw.update(minority="lowst"), "minority: no 'lowst'; did you mean 'lowest'?"),
        (
            lambda raw: raw["recipes"]["mnist"].update(lenet=raw["recipes"]["mnist"].pop("lenet5")),
            "no network 'lenet'; did you mean 'lenet5'?",
        ),
        (
            lambda raw: raw["recipes"]["mnist"]["lenet5"].update(bsae_lr=1),
            "recipes.mnist.lenet5: no parameter 'bsae_lr'; did you mean",
        ),
        (
            lambda raw: raw["recipes"]["mnist"]["lenet5"]["policy"].update(gama=1),
            "no parameter 'gama'; did you mean 'gamma'?",
        ),
        (
            lambda raw: raw["recipes"].pop("mnist"),
            "recipes.mnist is missing: no network has a recipe for dataset 'mnist'",
        ),
        (
            lambda raw: raw.update(network="resnet10"),
            "`recipes.mnist` has no network 'resnet10'; choose from:",
        ),
        (
            lambda raw: (
                raw.update(dataset="cifar10"),
                raw["methods"].update(x={"method": "ldam", "start": "initial"}),
            ),
            "methods.x needs a linear classifier, and all_cnn's is none; choose another network or method",
        ),
        (
            lambda raw: raw.update(dataset="cifar10", validation=0),
            "protocol clean chooses by held-out data: `validation` must be above 0",
        ),
        (
            lambda raw: (
                raw.update(dataset="cifar10"),
                raw["methods"]["two_phase_over"].update(validation=0.2),
            ),
            "two_phase_over would tune on data that oversampling is trained on",
        ),
        (
            lambda raw: raw.update(device="gpu"),
            "device: no 'gpu'; did you mean 'cpu'? Choose from: auto, cpu, cuda.",
        ),
        (lambda raw: raw.update(fleet=0), "fleet = 0: input should be greater than or equal to 1"),
        (lambda raw: raw.update(processes=0), "processes = 0: input should be greater than or equal to 1"),
        (lambda raw: raw.update(processes=3), "3 processes cannot share the 1 batches of an iteration"),
        (lambda raw: raw.update(precision="bf16"), "precision: no 'bf16'; did you mean 'bfloat16'?"),
        (lambda raw: raw.update(precision="tf32"), "precision tf32 is one of GPUs; choose float32 or"),
        (lambda raw: raw.update(protocol="papr"), "protocol: no 'papr'; did you mean 'paper'?"),
        (
            lambda raw: raw["methods"]["oversampling"].update(ratoi=2),
            "methods.oversampling: no parameter 'ratoi'; did you mean 'ratio'?",
        ),
        (
            lambda raw: raw["methods"]["oversampling"].update(ratio=0.5),
            "methods.oversampling.ratio = 0.5: input should",
        ),
        (
            lambda raw: raw["methods"].update(x=dict(method="oversamplin", start="initial")),
            "methods.x: no method 'oversamplin'; did you mean 'oversampling'?",
        ),
        (
            lambda raw: raw["methods"].update(x=dict(method="two_phase", start="oversamplin")),
            "x.start: no method 'oversamplin'; did you mean 'oversampling'?",
        ),
        (
            lambda raw: raw["methods"].update(x=dict(method="two_phase", start="initial")),
            "methods.x: needs trained features: `start` must name another method",
        ),
        (
            lambda raw: raw["methods"].update(
                x=dict(method="baseline", start="y"), y=dict(method="baseline", start="x")
            ),
            "start from each other in a circle",
        ),
        (
            lambda raw: raw["methods"].update(
                x=dict(method="easy_ensemble", start="initial"), y=dict(method="crt", start="x")
            ),
            "y.start: 'x' trains several networks, and a method goes on from one; start from another method",
        ),
        (
            lambda raw: raw["methods"].update(
                x=dict(method="ldam", start="initial"),
                y=dict(method="two_phase", start="x"),
                z=dict(method="tau_normalisation", start="y"),
            ),
            "z.start: 'y' ends with a normalised classifier, and this method needs the plain linear one",
        ),
        (
            lambda raw: raw["methods"].update(
                x=dict(method="category_centers", start="baseline"), y=dict(method="two_phase", start="x")
            ),
            "y.start: 'x' ends with centers of classes, which cannot be trained; start from what it starts",
        ),
        (
            lambda raw: raw["methods"].update(x=dict(method="differential_evolution", start="baseline")),
            "x would tune on data that baseline is trained on; give baseline the same `validation: 0.1`",
        ),
        (
            lambda raw: raw["methods"].update(x=dict(method="tau_normalisation", start="initial", tau=None)),
            "methods.x: tunes on held-out data: `validation` must be a fraction above 0",
        ),
        (
            lambda raw: raw["methods"].update(
                x=dict(method="undersampling", start="initial", sampler=dict(name="oversampling"))
            ),
            "methods.x: has a sampler of its own; drop `sampler: {name: oversampling}`",
        ),
        (
            lambda raw: raw["methods"].update(
                x=dict(method="focal", start="initial", sampler=dict(name="over"))
            ),
            "methods.x.sampler.name: no 'over'; did you mean 'oversampling'?",
        ),
        (lambda raw: raw["methods"].update(x="oversampling"), "methods.x: must be a mapping"),
        (lambda raw: raw["methods"].update(x=dict(method="baseline")), "methods.x.start is missing"),
        (lambda raw: raw["methods"].update(initial=dict(start="initial")), "'initial' cannot name a method"),
        (lambda raw: raw["methods"].update({"a/b": dict(start="initial")}), "'a/b' cannot name a method"),
        *(
            (
                lambda raw, place=place, name=name: raw[place].update({name: raw[place].popitem()[1]}),
                f"{place}: '{name}' is a name that DVC's run-cache takes no notice of",
            )
            for place in ("methods", "recipes")
            for name in ("size", "nfiles")
        ),
        (
            lambda raw: raw["recipes"]["mnist"].update(size=raw["recipes"]["mnist"].pop("lenet5")),
            "recipes: 'size' is a name that DVC's run-cache takes no notice of",
        ),
        (
            lambda raw: raw["methods"].pop("baseline"),
            "`baseline` is missing, which every other method is compared with; add",
        ),
    ],
)
def test_bad_parameters_are_refused_with_what_is_right(change: Change, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        load_params(changed(change, tmp_path))
    assert message in str(refused.value)


def test_all_problems_are_listed_at_once(tmp_path: Path) -> None:
    def several(raw: dict[str, Any]) -> None:
        raw.update(rho=0, budget=2)
        raw["methods"]["undersampling"].update(ratio=0, fres=True)

    with pytest.raises(InputError) as refused:
        load_params(changed(several, tmp_path))
    for name in ("rho", "budget", "methods.undersampling"):
        assert name in str(refused.value)


def test_auto_takes_the_network_that_suits_the_images(tmp_path: Path) -> None:
    def of(pixels: int, network: str = "auto") -> str:
        wanted = {"root": "x", "pixels": pixels, "color": "auto", "bits": "auto", "test_fraction": 0.2}
        return load_params(
            changed(
                lambda raw: raw.update(dataset="image_folder", image_folder=wanted, network=network), tmp_path
            )
        ).architecture

    assert [of(32), of(64), of(65), of(224), of(32, "resnet10")] == [*["small_cnn"] * 2, *["resnet10"] * 3]
    assert of(4096) == "resnet10"  # never the network of a paper's small images


def test_a_rate_that_yaml_reads_as_a_string_is_a_number(tmp_path: Path) -> None:
    # DVC writes 0.00005 as 5e-05, which YAML 1.1 takes for a string
    path = changed(lambda raw: raw["recipes"]["mnist"]["lenet5"].update(base_lr="5e-05"), tmp_path)
    assert "base_lr: 5e-05" in path.read_text()
    assert load_params(path).recipe.base_lr == (5e-5,)


def places(value: Any) -> list[list[str]]:
    """The path to everything in nested mappings, their own included."""
    inside = (
        [[key, *path] for key, part in value.items() for path in places(part)]
        if isinstance(value, dict)
        else []
    )
    return [[], *inside]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=5,
)


@given(place=st.sampled_from(places(yaml.safe_load(DEFAULT.read_text()))[1:]), value=JSON)
@settings(deadline=None, max_examples=100)
def test_any_value_is_taken_or_refused_never_crashed_on(
    place: list[str], value: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    def change(raw: dict[str, Any]) -> None:
        *parents, last = place
        for parent in parents:
            raw = raw[parent]
        raw[last] = value

    path = changed(change, tmp_path_factory.mktemp("params"))
    with contextlib.suppress(InputError):
        load_params(path)


@given(value=JSON)
@settings(deadline=None, max_examples=30)
def test_a_file_of_anything_else_is_refused(value: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("params") / "params.yaml"
    path.write_text(yaml.safe_dump(value, allow_unicode=True))
    with pytest.raises(InputError, match=r"params\.yaml"):
        load_params(path)


@pytest.mark.parametrize("path", sorted(Path("studies").glob("*/params.yaml")), ids=str)
def test_the_parameters_of_the_studies_are_valid(path: Path) -> None:
    load_params(path)


def test_one_study_has_every_method_and_the_other_some_of_the_same_blocks() -> None:
    every, some = (
        yaml.safe_load(Path(f"studies/{name}_catalogue/params.yaml").read_text())
        for name in ("fashion", "mnist")
    )
    blocks = every["methods"]
    elsewhere = {"frozen_features", "squared_error"}  # of pretrained networks; of studies/keel
    assert {block["method"] for block in blocks.values()} == set(catalogue.names(methods)) - elsewhere
    assert some["methods"].items() < blocks.items()
    differing = {key for key in every if every[key] != some[key]}
    assert differing == {"dataset", "rho", "recipes", "study", "methods"}
    assert every["recipes"]["fashion_mnist"] == some["recipes"]["mnist"]
