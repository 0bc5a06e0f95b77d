"""Conditions of a study: their names and parameters, and what is refused, in which words."""

import itertools
import json
import re
from pathlib import Path

import pytest
import yaml
from dvc.parsing.interpolate import to_str
from dvc.utils.serialize import loads_yaml

from imbalance.config import load_params, load_study
from imbalance.config.conditions import MOST, VARIED, name_of
from imbalance.errors import InputError
from tests.builders.parameters import refusal
from tests.builders.studies import BLOCKS, RECIPES, study_of, text_of


def beside(*conditions: str, methods: str = "[]") -> str:
    """A block `study` with a group `more` of conditions."""
    return f"{{beside: {{more: {{conditions: {list(conditions)}, methods: {methods}}}}}}}"


def test_the_grid_is_the_product_of_its_lists_and_the_last_dimension_runs_fastest(tmp_path: Path) -> None:
    study = study_of(tmp_path)
    assert study.dimensions == ("rho", "mu")
    assert list(study.conditions) == ["rho=10,mu=0.1", "rho=10,mu=0.5", "rho=100,mu=0.1", "rho=100,mu=0.5"]
    for (rho, mu), params in zip(
        itertools.product([10, 100], [0.1, 0.5]), study.conditions.values(), strict=True
    ):
        assert (params.rho, params.mu) == (rho, mu)
        assert list(params.methods) == list(BLOCKS)


def test_a_list_of_one_value_is_a_dimension_and_a_scalar_is_none(tmp_path: Path) -> None:
    assert list(study_of(tmp_path, rho="[10]", mu="0.5").conditions) == ["rho=10"]


def test_every_varied_parameter_can_be_a_dimension(tmp_path: Path) -> None:
    lists = {
        "network": "[lenet5, small_cifar]",
        "imbalance": "[step, linear]",
        "rho": "[10]",
        "mu": "[0.5]",
        "n_max": "[500]",
        "minority": "[random, lowest]",
        "budget": "[0.1]",
        "validation": "[0, 0.1]",
        "seed": "[0, 7]",
    }
    study = study_of(tmp_path, **lists, recipes=json.dumps(SEVERAL))
    assert study.dimensions == VARIED == tuple(lists)
    assert len(study.conditions) == 32
    last = (
        "network=small_cifar,imbalance=linear,rho=10,mu=0.5,n_max=500,minority=lowest,budget=0.1,"
        "validation=0.1,seed=7"
    )
    assert list(study.conditions)[-1] == last
    assert study.at(last).minority == "lowest"
    assert study.at(last).architecture == "small_cifar"


def test_each_network_has_initial_weights_of_its_own_and_the_first_seed_draws_them(tmp_path: Path) -> None:
    recipes = json.dumps(SEVERAL)
    study = study_of(tmp_path, network="[lenet5, small_cifar]", seed="[3, 7]", recipes=recipes)
    found = {name: (params.architecture, params.seed) for name, params in study.networks.items()}
    assert found == {"lenet5": ("lenet5", 3), "small_cifar": ("small_cifar", 3)}
    assert study.network_in("network=small_cifar,rho=10,mu=0.1,seed=7") == "small_cifar"
    assert study_of(tmp_path).networks == {"": study_of(tmp_path).common}


def test_groups_beside_the_grid_follow_it_with_all_methods_or_their_own(tmp_path: Path) -> None:
    block = (
        "{beside: {balanced: {conditions: ['rho=1,mu=0.5'], methods: [baseline]},"
        " longer: {conditions: ['rho=10,mu=0.5,budget=0.2', 'rho=10,mu=0.5,budget=0.4']}, none: {conditions: []}}}"
    )
    study = study_of(tmp_path, study=block)
    added = ["rho=1,mu=0.5", "rho=10,mu=0.5,budget=0.2", "rho=10,mu=0.5,budget=0.4"]
    assert list(study.conditions)[4:] == added
    assert list(study.at(added[0]).methods) == ["baseline"]
    assert list(study.at(added[1]).methods) == list(BLOCKS)
    assert [study.at(name).budget for name in ("rho=10,mu=0.5", *added[1:])] == [0.1, 0.2, 0.4]


def test_the_common_parameters_are_those_of_the_first_condition(tmp_path: Path) -> None:
    study = study_of(tmp_path)
    assert study.common == study.at("rho=10,mu=0.1") == load_params(tmp_path / "params.yaml")


def test_a_single_run_is_a_study_of_one_condition_without_a_name() -> None:
    study = load_study(Path("params.yaml"))
    assert (list(study.conditions), study.dimensions, study.beside) == ([""], (), {})
    with pytest.raises(InputError, match=r"that of a single run, without a condition 'rho=10'\."):
        study.at("rho=10")


def test_an_unknown_condition_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no condition 'rho=10,mu=0\.2'; did you mean 'rho=10,mu=0\.5'\?"):
        study_of(tmp_path).at("rho=10,mu=0.2")


AMONG = ", ".join(VARIED)
SEVERAL = {"mnist": dict.fromkeys(("lenet5", "small_cifar"), RECIPES["mnist"]["lenet5"])}
REFUSED = [
    # Lists
    (
        {"rho": "[10, abc]"},
        ["at rho=abc,mu=0.1 and 1 more: rho = 'abc': input should be a number, not text."],
    ),
    (
        {"rho": "[10, '20']"},
        ["at rho=20,mu=0.1 and 1 more: rho = '20': input should be a number, not text."],
    ),
    ({"rho": "[10, true]"}, ["at rho=True,mu=0.1 and 1 more: rho = true: input should be a number."]),
    ({"rho": "[10, null]"}, ["at rho=None,mu=0.1 and 1 more: rho = null: input should be a number."]),
    ({"rho": "[[10, 100]]"}, ["rho = [10, 100]: input should be a number."]),
    ({"rho": "[{a: 1}]"}, ["rho = {'a': 1}: input should be a number."]),
    ({"rho": "[.nan]", "mu": "0.5"}, ["rho = nan: input should be a finite number."]),
    (
        {"rho": '["10; touch ran"]', "mu": "0.5"},
        ["rho = '10; touch ran': input should be a number, not text."],
    ),
    ({"rho": "[]"}, ["rho: the list is empty; give at least one value."]),
    ({"rho": "[10, 10.0]"}, ["rho: 10.0 is listed twice; keep one."]),
    ({"imbalance": "[step, stepp, step]"}, ["imbalance: 'step' is listed twice; keep one."]),
    (
        {"rho": f"{list(range(1, 52))}", "mu": f"{[n / 100 for n in range(1, 21)]}"},
        [f"the grid has 1020 conditions, and a study {MOST} at most; shorten a list."],
    ),
    (
        {"rho": "10", "mu": "0.5"},
        [f"study: there must be a list of values for one of {AMONG}, such as rho: [10, 100]."],
    ),
    # Networks, whose names are folders and stages
    ({"network": "[auto]"}, ["network: a list takes networks that the recipes name, not 'auto'."]),
    (
        {"network": "[lenet5, torchvision/resnet18]"},
        ["network: a list takes networks that the recipes name, not 'torchvision/resnet18'."],
    ),
    (
        {"network": "[lenet5, lenet]"},
        [
            "at network=lenet,rho=10,mu=0.1 and 3 more: network: `recipes.mnist` has no network 'lenet'; did you "
            "mean 'lenet5'? Choose from: auto, lenet5."
        ],
    ),
    (
        {"network": "[lenet5]", "study": beside("rho=1,mu=0.5")},
        ["study.beside: a study with a list of networks has none; put them in the grid."],
    ),
    (
        {"study": beside("network=lenet5,rho=1,mu=0.5")},
        [
            "study.beside.more.conditions: 'network=lenet5,rho=1,mu=0.5' names a network, which only the grid's "
            "conditions do; leave it out."
        ],
    ),
    ({"tau": "[0, 1]"}, ["tau = [0, 1]: input should be a number."]),
    (
        {"seed": "[0, 0.5, -1]", "mu": "0.5", "rho": "10"},
        [
            "at seed=0.5: seed = 0.5: input should be a whole number.",
            "at seed=-1: seed = -1: input should be greater than or equal to 0.",
        ],
    ),
    (
        {"minority": "[0, -1, 0.5, randm, true]", "mu": "0.5", "rho": "10"},
        [
            f"at minority={name}: minority: no {value}; {nearest} from: highest, lowest, random; or give the "
            "number of a random draw, such as 0."
            for name, value, nearest in (
                ("-1", "-1", "choose"),
                ("0.5", "0.5", "choose"),
                ("randm", "'randm'", "did you mean 'random'? Choose"),
                ("True", "true", "choose"),
            )
        ],
    ),
    (
        {"shared": "subsets", "mu": "[0.5]"},
        ["shared: no 'subsets'; did you mean 'subset'? Choose from: nothing, subset."],
    ),
    (
        {"rho": "[10, 6000]"},
        [
            "at rho=6000,mu=0.1 and 1 more: rho = 6000 leaves a class empty: the largest class has n_max = 5000 "
            "images at most; choose rho from 1 to 5000."
        ],
    ),
    # A problem of all conditions, once; two at once
    ({"tau": "-1"}, ["tau = -1: input should be greater than or equal to 0."]),
    (
        {"tau": "-1", "mu": "[0.5, 2]"},
        [
            "tau = -1: input should be greater than or equal to 0.",
            "at rho=10,mu=2 and 1 more: mu = 2: input should be less than 1.",
        ],
    ),
    # The block
    ({"study": "null"}, ["study = null: input should be a mapping, like {name: value}."]),
    (
        {"study": "{besides: {}}"},
        ["study: no parameter 'besides'; did you mean 'beside'? Choose from: beside, scales."],
    ),
    ({"study": "{beside: []}"}, ["study.beside = []: input should be a mapping, like {name: value}."]),
    (
        {"study": "{scales: {tiny: 5}}"},
        ["study.scales.tiny = 5: input should be a mapping, like {name: value}."],
    ),
    ({"study": "{beside: {more: {}}}"}, ["study.beside.more.conditions is missing; add it."]),
    (
        {"study": "{beside: {more: {conditions: 'rho=1,mu=0.5'}}}"},
        ["study.beside.more.conditions = 'rho=1,mu=0.5': input should be a list, like [a, b]."],
    ),
    (
        {"study": "{beside: {more: {conditions: [5]}}}"},
        ["study.beside.more.conditions.0 = 5: input should be text."],
    ),
    (
        {"study": "{beside: {a-b: {conditions: []}, size: {conditions: []}}}"},
        [
            "study.beside: 'a-b' cannot name stages; use lower-case letters, digits and _.",
            "study.beside: 'size' cannot name stages; use lower-case letters, digits and _.",
        ],
    ),
    # Conditions beside the grid
    (
        {"study": beside("rho=10,mu=0.5")},
        ["study.beside.more: the condition rho=10,mu=0.5 is in the study already."],
    ),
    (
        {"study": beside("rho=10.0,mu=0.5")},
        ["study.beside.more: the condition rho=10.0,mu=0.5 is in the study already."],
    ),
    (
        {"study": beside("rho=1,mu=0.5", "rho=1.0,mu=0.5")},
        ["study.beside.more: the condition rho=1.0,mu=0.5 is in the study already."],
    ),
    (
        {"study": beside("rho=5")},
        ["study.beside.more.conditions: 'rho=5' says nothing of mu, a dimension of the grid; add mu=."],
    ),
    (
        {"study": beside("mu=0.5,rho=5")},
        ["study.beside.more.conditions: 'mu=0.5,rho=5' must be written rho=5,mu=0.5."],
    ),
    (
        {"study": beside("rho=5, mu=0.5")},
        ["study.beside.more.conditions: 'rho=5, mu=0.5' must be written rho=5,mu=0.5."],
    ),
    (
        {"study": beside("rho=1e1,mu=0.2")},
        ["study.beside.more.conditions: 'rho=1e1,mu=0.2' must be written rho=10.0,mu=0.2."],
    ),
    (
        {"study": beside("rho=010,mu=0.2")},
        ["study.beside.more.conditions: 'rho=010,mu=0.2' must be written rho=10,mu=0.2."],
    ),
    (
        {"study": beside("rho=5,mu=0.5,rho=6")},
        ["study.beside.more.conditions: 'rho=5,mu=0.5,rho=6' gives rho twice; keep one."],
    ),
    (
        {"study": beside("rho=5,mu")},
        [
            f"study.beside.more.conditions: 'rho=5,mu' is no condition: 'mu' must give a value to one of {AMONG}."
        ],
    ),
    (
        {"study": beside("rho=5,mu=0.5,tau=1")},
        [
            "study.beside.more.conditions: 'rho=5,mu=0.5,tau=1' is no condition: 'tau=1' must give a value to "
            f"one of {AMONG}."
        ],
    ),
    *(
        (
            {"study": beside(f"rho={value},mu=0.5")},
            [
                f"study.beside.more.conditions: 'rho={value},mu=0.5' is no condition: 'rho={value}' must give rho "
                "a number or a word."
            ],
        )
        for value in ("", "null", "true", "[1]", "{a: 1}", "*x", "[")
    ),
    (
        {"study": beside("rho=1; touch ran,mu=0.5")},
        ["at rho=1; touch ran,mu=0.5: rho = '1; touch ran': input should be a number, not text."],
    ),
    (
        {"study": beside("rho=9000,mu=0.5")},
        [
            "at rho=9000,mu=0.5: rho = 9000 leaves a class empty: the largest class has n_max = 5000 images at "
            "most; choose rho from 1 to 5000."
        ],
    ),
    (
        {"study": "{beside: {a: {conditions: ['rho=5']}, b: {conditions: ['rho=10,mu=0.1']}}}"},
        [
            "study.beside.a.conditions: 'rho=5' says nothing of mu, a dimension of the grid; add mu=.",
            "study.beside.b: the condition rho=10,mu=0.1 is in the study already.",
        ],
    ),
    # Methods of a group
    (
        {"study": beside("rho=1,mu=0.5", methods="[baseline, oversamplin]")},
        [
            "study.beside.more.methods: no method 'oversamplin'; did you mean 'oversampling'? Choose from: "
            "baseline, oversampling, two_phase_over."
        ],
    ),
    (
        {"study": beside("rho=1,mu=0.5", methods="[baseline, two_phase_over]")},
        ["study.beside.more.methods: two_phase_over starts from oversampling, which is not listed; add it."],
    ),
    (
        {"study": beside("rho=1,mu=0.5", methods="[oversampling]")},
        ["study.beside.more.methods: add baseline, which the others are compared with."],
    ),
    (
        {"study": beside("rho=1,mu=0.5", methods="[baseline, baseline]")},
        ["study.beside.more.methods: baseline is listed twice; keep one."],
    ),
]


@pytest.mark.parametrize(("values", "problems"), REFUSED, ids=[f"{case[0]}"[:50] for case in REFUSED])
def test_what_is_wrong_is_said_in_sentences(
    values: dict[str, str], problems: list[str], tmp_path: Path
) -> None:
    assert refusal(text_of(**values), tmp_path) == problems


SPELLINGS = "10 10.0 10. +10 010 08 1e1 1E1 1e+1 1.e1 0x10 0o10 0b11 1_0 1_0.5 0.1_0 .5 5e-05 -0 00 1:30 1e400 .nan .inf 2001-01-01 = yes true null ~ abc 12345678901234567890"


@pytest.mark.parametrize("spelling", SPELLINGS.split())
def test_a_condition_has_the_name_that_dvc_writes_into_commands_or_is_refused(
    spelling: str, tmp_path: Path
) -> None:
    """A value is read twice, by DVC's parser and by ours."""
    for key in ("rho", "mu"):
        values = {"rho": "5", "mu": "0.5"} | {key: f"[{spelling}]"}
        try:
            (name,) = study_of(tmp_path, **values).conditions
        except InputError:
            continue
        assert name == f"{key}={to_str(loads_yaml(f'a: [{spelling}]')['a'][0])}"
        assert re.fullmatch(r"[a-z_]+=[0-9.e-]+", name), "nothing that a shell would take for more"


def test_a_name_gives_the_values_back() -> None:
    given = {"imbalance": "step", "rho": 5, "mu": 0.5, "minority": "lowest"}
    name = name_of(dict(reversed(given.items())))
    assert name == "imbalance=step,rho=5,mu=0.5,minority=lowest"
    parts = dict(part.split("=") for part in name.split(","))
    assert {key: yaml.safe_load(value) for key, value in parts.items()} == given


DESIGN = {"rho": "10", "mu": "0.5", "minority": "[0, 3]", "seed": "[0, 1]", "shared": "subset"}


@pytest.mark.parametrize(
    ("changed", "separates"),
    [
        ({}, True),
        ({"shared": "nothing"}, False),
        ({"minority": "[0, random]"}, False),
        ({"minority": "[0]"}, False),
        ({"seed": "[0]"}, False),
        ({"replicates": "1"}, False),
        ({"rho": "[10]"}, False),
    ],
    ids=str,
)
def test_sources_of_variance_are_separated_where_all_are_drawn_again(
    changed: dict[str, str], separates: bool, tmp_path: Path
) -> None:
    assert study_of(tmp_path, **(DESIGN | changed)).separates_sources is separates
