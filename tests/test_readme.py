"""README.md says what the committed results say, and its commands and example are real."""

import dataclasses
import re
import runpy
import shlex
import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import yaml
from dvc.cli import parse_args
from dvc.utils.cli_parse import to_path_overrides
from dvc.utils.hydra import apply_overrides, get_hydra_sweeps

from imbalance import networks, weights
from imbalance.config import load_params
from imbalance.methods import parse
from imbalance.methods.baseline import Baseline
from imbalance.report.generated import ANSWER, RESULTS
from imbalance.training.replicate import train_replicate
from tests.builders.training import plan, subset
from tools.pages import README as PAGE
from tools.pages import current_answer, current_table

README = PAGE.read_text(encoding="utf-8")
PARAMS = yaml.safe_load(Path("params.yaml").read_text())


def test_the_results_table_is_that_of_the_committed_tables() -> None:
    assert RESULTS.within(PAGE) == current_table(), "run `make pages`"


def test_the_answer_is_that_of_the_committed_measures() -> None:
    assert ANSWER.within(PAGE) == current_answer(), "run `make pages`"


def test_the_text_states_the_default_parameters() -> None:
    share = {0.1: "a tenth"}[PARAMS["budget"]]
    fraction = {50: "a fiftieth"}[PARAMS["rho"]]
    assert f"(μ = {PARAMS['mu']})" in README
    assert f"{fraction} of the images" in README
    assert f"(ρ = {PARAMS['rho']})" in README
    assert f"{PARAMS['replicates']} replicates" in README
    assert f"{share} of the paper's" in README


def test_every_file_that_it_names_exists() -> None:
    for name in re.findall(r"!\[[^]]*\]\(([^)]+)\)", README):
        assert Path(name).is_file(), name
    tree = README[README.index("    dvc.yaml  params.yaml") : README.index("The default methods are")]
    named, folders = set(), {0: Path()}
    for line in tree.splitlines()[: tree.splitlines().index("")]:
        depth = (len(line) - len(line.lstrip())) // 4
        for name in re.findall(r"[\w.]+(?:\.\w+|/)", re.split(r"\s{3,}|(?<=\S)  +", line.strip())[0]):
            path = folders[depth - 1] / name
            assert path.exists(), f"README's tree names {path}"
            folders[depth] = path
            named.add(path)
    inside = {path for path in Path("imbalance").iterdir() if not path.name.startswith("__")}
    assert inside <= named, "README's tree has each part of the library"


def test_what_is_added_goes_to_files_that_exist() -> None:
    table = README[README.index("| to add | go to |") : README.index("The default methods are")]
    places = re.findall(r"`(imbalance/\S+)`", table)
    assert len(places) >= 8
    for place in places:
        assert Path(place.partition("<")[0]).exists(), f"README names {place}"


def commands(text: str) -> list[str]:
    """The commands in a Markdown text, of its indented blocks and of its inline code; `-S ...` is one, too."""
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    blocks = "".join(re.findall(r"^ {4,}(.*\n)", text, re.MULTILINE)).replace("\\\n", " ").splitlines()
    inline = [
        " ".join(span.split())
        for span in re.findall(r"`([^`]+)`", re.sub(r"^ {4,}.*\n", "", text, flags=re.MULTILINE))
    ]
    parts = [part for line in blocks for part in re.split(r" +# | ; ", line)]
    found = [re.sub(r"^(\w+=\S+ +)+", "", line.strip()) for line in [*parts, *inline]]
    found = [f"dvc exp run {line}" if line.startswith("-S ") else line for line in found]
    return [line for line in dict.fromkeys(found) if re.match(r"(dvc|make|python|pytest) ", line)]


OWN_IMAGES = Path("studies/which/README.md").read_text(encoding="utf-8")
COMMANDS = list(dict.fromkeys([*commands(README), *commands(OWN_IMAGES)]))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_one(command: str, tmp_path: Path) -> None:
    """DVC parses its own, and the parameters that they set pass the checks; the others' targets exist."""
    program, *words = shlex.split(command, comments=True)
    match program:
        case "dvc":
            asked = parse_args(words)
            changes = to_path_overrides(getattr(asked, "set_param", None) or [])
            for sweep in get_hydra_sweeps(changes) if changes else []:
                for file, overrides in sweep.items():
                    shutil.copy(file, tmp_path / "params.yaml")
                    apply_overrides(tmp_path / "params.yaml", overrides)
                    load_params(tmp_path / "params.yaml")
        case "make":
            assert re.search(rf"^{words[0]}:", Path("Makefile").read_text(), re.MULTILINE)
        case "python":
            assert find_spec(words[words.index("-m") + 1])
        case "pytest":
            assert Path(words[0]).exists()


def test_commands_are_found_in_blocks_and_in_the_text() -> None:
    assert len(COMMANDS) > 30
    assert {
        "make repro",
        "dvc exp run -S dataset=imagenet -S device=cuda -S processes=4",  # in the text
        "dvc plots diff",  # behind another
        "dvc exp run -S dataset=imagenet -S n_max=1000 -S mu=0.9 -S rho=100 -S replicates=3 -S budget=1",
    } <= {" ".join(command.split()) for command in COMMANDS}


def test_what_a_method_overrides_exists() -> None:
    table = README[README.index("| override |") : README.index("All methods, with equations")]
    rows = re.findall(r"^\| (`.*`) \|.*\| (.*) \|$", table, re.MULTILINE)
    overridden = set()
    for hooks, examples in (map(re.compile(r"`(\w+)`").findall, row) for row in rows):
        for name in examples:
            method = type(parse({"method": name, "start": "baseline"}))
            own = {hook for hook in hooks if getattr(method, hook) is not getattr(Baseline, hook)}
            assert own, f"{name} overrides none of {hooks}"
            overridden |= own
        assert set(hooks) <= overridden, f"an example overrides each of {hooks}"
    assert len(overridden) == 12


def test_the_example_of_using_the_weights_gives_the_stored_logits(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a network that computes otherwise in training: small_cnn has batch normalisations."""
    example = next(
        block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "weights" in block
    )
    run = dataclasses.replace(
        plan(data, "oversampling", base_lr=0.1, iterations=20),
        network="small_cnn",
        start=tmp_path / "initial",
        out=Path("models/oversampling"),
    )
    network = networks.build("small_cnn", (1, 28, 28), 10)
    networks.initialize("small_cnn", network, np.random.default_rng(0))
    weights.save(network, run.start, 0, {})
    monkeypatch.chdir(tmp_path)
    (only,) = run.replicates([subset(data)], tmp_path / "checkpoints")
    stored, *_ = train_replicate(run, only)
    shutil.copytree(run.data, "data/raw/mnist")
    Path("example.py").write_text(example, encoding="utf-8")
    names = runpy.run_path("example.py")
    np.testing.assert_allclose(names["logits"], stored[:100], rtol=1e-5, atol=1e-5)
    origin = names["origin"]
    assert (origin["classes"], origin["sizes"]) == ([*"0123456789"], [100] * 5 + [10] * 5)
    names["network"].train()
    other = names["network"](names["images"]).detach().numpy()
    assert (other.argmax(axis=1) != stored[:100].argmax(axis=1)).mean() > 0.1, "the mode makes no difference"
