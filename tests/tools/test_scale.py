"""`make scale`: the values of a scale replace those of a study, and nothing else of its file changes."""

import functools
import operator
import shutil
from pathlib import Path

import pytest
import yaml

from imbalance.config import load_study
from imbalance.errors import InputError
from stages import pipeline
from tests.builders.studies import study_of, text_of
from tools import studies
from tools.cost import Cost, cost
from tools.scale import at_scale, main, names

SCALED = [
    (folder.name, scale)
    for folder in studies.folders()
    for scale in names((folder / "params.yaml").read_text(), "params.yaml")
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the studies, which the tools find in place of the real ones."""
    shutil.copytree("studies", tmp_path / "studies")
    monkeypatch.chdir(tmp_path)
    return Path("studies/mnist_step")


@pytest.mark.parametrize(("name", "scale"), SCALED)
def test_only_lines_with_replaced_values_change(name: str, scale: str) -> None:
    text = Path("studies", name, "params.yaml").read_text()
    scaled, study = at_scale(text, scale, "params.yaml")
    given = yaml.safe_load(text)["study"]["scales"][scale]
    keys = {key.split(".")[-1] for key in given} | {key.split(".")[-2] for key in given if "." in key}
    for before, after in zip(text.splitlines(), scaled.splitlines(), strict=True):
        assert before == after or before.split(":")[0].strip() in keys
    assert study.common.replicates == given["replicates"]
    result = yaml.safe_load(scaled)
    assert result["study"]["scales"] == yaml.safe_load(text)["study"]["scales"]
    for key, value in given.items():
        assert functools.reduce(operator.getitem, key.split("."), result) == value


def test_the_small_scale_of_each_study_is_the_committed_one() -> None:
    for name in ("mnist_step", "mnist_linear", "mnist_ratio"):
        text = Path("studies", name, "params.yaml").read_text()
        assert at_scale(text, "small", "params.yaml")[0] == text


def test_there_and_back_gives_the_same_bytes_and_the_pipeline_follows(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {file: file.read_bytes() for file in folder.iterdir() if file.is_file()}
    main(["mnist_step", "full"])
    assert capsys.readouterr().out.splitlines() == [
        "studies/mnist_step/params.yaml is at scale full:",
        "  mnist, lenet5",
        "  rho: 10, 25, 50, 100, 250, 500, 1000, 2500, 5000",
        "  mu: 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9",
        "  conditions: 81 in the grid, 1 beside it",
        "  methods: baseline, oversampling, undersampling, two_phase_over, two_phase_under",
        "  replicates: 50, so 4 100 training sets",
        "  networks: 20 300, of 8 100 only the classifier, 203 000 000 iterations",
        "  stages: 494, of which 406 train",
    ]
    pipeline.check(load_study(folder / "params.yaml"), folder / "dvc.yaml")
    main(["mnist_step", "small"])
    assert {file: file.read_bytes() for file in folder.iterdir() if file.is_file()} == before


def test_the_cost_counts_what_is_trained(tmp_path: Path) -> None:
    study = study_of(tmp_path, replicates="3", budget="0.5", study='{beside: {more: {conditions: ["rho=1,mu=0.5"], methods: [baseline]}}}')  # fmt: skip
    assert cost(study) == Cost(
        conditions=5,
        training_sets=15,
        cells=4 * 3 + 1,
        whole=3 * (4 * 2 + 1),
        classifiers=3 * 4,
        iterations=5000 * 3 * 13,
        stages=6 + 13 + 5,
    )


def test_an_ensemble_is_several_networks_and_what_is_not_trained_is_none(tmp_path: Path) -> None:
    methods = (
        "{baseline: {method: baseline, start: initial}, "
        "easy: {method: easy_ensemble, start: initial, subsets: 4}, "
        "tau: {method: tau_normalisation, start: baseline, tau: 1}}"
    )
    study = study_of(tmp_path, rho="[10]", mu="0.5", replicates="1", methods=methods)
    counted = cost(study)
    assert (counted.cells, counted.whole, counted.classifiers) == (3, 5, 0)


def test_a_study_without_scales_is_told_how_to_have_one(folder: Path) -> None:
    blocks = yaml.safe_load((folder / "params.yaml").read_text())
    del blocks["study"]["scales"]
    (folder / "params.yaml").write_text(yaml.safe_dump(blocks))
    with pytest.raises(InputError, match=r"params\.yaml has no scales; add one, like study: \{scales: "):
        main(["mnist_step", "smoke"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mnist_stp", "smoke"], "STUDY=mnist_stp is no folder of studies/; did you mean 'mnist_step'?"),
        ([], "STUDY= is no folder of studies/; choose from: cifar10_linear, cifar10_step, "),
        (["../x", "smoke"], "STUDY=../x is no folder of studies/; "),
        (
            ["mnist_step", "ful"],
            "params.yaml has no scale 'ful'; did you mean 'full'? Choose from: full, small",
        ),
        (["mnist_step"], "params.yaml has no scale ''; choose from: full, small, smoke."),
    ],
)
def test_unknown_studies_and_scales_are_refused(arguments: list[str], message: str, folder: Path) -> None:
    with pytest.raises(InputError) as refused:
        main(arguments)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("{rhoo: [5]}", "study.scales.tiny.rhoo: no parameter 'rhoo'; did you mean 'rho'?"),
        (
            "{study.besides.more: {}}",
            "study.scales.tiny.study.besides.more: no parameter 'besides'; did you mean 'beside'?",
        ),
        (
            "{rho: [5, abc]}",
            "params.yaml at scale tiny is not valid:\n  - at rho=abc,mu=0.1 and 1 more: rho = ",
        ),
        ("{rho: 5, mu: 0.5}", "params.yaml at scale tiny is not valid:\n  - study: there must be a list"),
        (
            "{methods.baseline: {method: baseline, start: initial}, methods.baseline.start: x}",
            "study.scales.tiny: methods.baseline replaces methods.baseline.start, too; keep one of them.",
        ),
        ("{mu: [0.1,  # why\n    0.2]}", "params.yaml at scale tiny cannot be read"),
        ("\n      rho:\n      - 5", "study.scales.tiny.rho: write the value in one line, like [a, b]."),
    ],
)
def test_a_scale_that_is_not_valid_is_refused(values: str, message: str) -> None:
    text = text_of(study=f"\n  beside: {{}}\n  scales:\n    tiny: {values}")
    with pytest.raises(InputError) as refused:
        at_scale(text, "tiny", "params.yaml")
    assert message in str(refused.value)


def test_a_refused_scale_leaves_the_files_as_they_are(folder: Path) -> None:
    file = folder / "params.yaml"
    file.write_text(file.read_text().replace("rho: [2, 10], mu", "rho: [2, 200], mu"))
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    with pytest.raises(InputError, match="at scale smoke is not valid"):
        main(["mnist_step", "smoke"])
    assert {path: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_a_list_over_several_lines_is_replaced_too() -> None:
    """As `dvc exp run -S` writes lists."""
    text = text_of(
        rho="  # ratios\n- 10\n- 100\n# fractions", study="{scales: {tiny: {rho: [5], mu: 0.5, counts: [1]}}}"
    )
    scaled, _ = at_scale(text, "tiny", "params.yaml")
    assert "\nrho: [5]\n# fractions\nmu: 0.5\n" in scaled
    assert "\ncounts: [1]\n" in scaled
