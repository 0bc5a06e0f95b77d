"""The stages and dvc.yaml mean the same files."""

from pathlib import Path

import pytest
import yaml

from stages import paths, study_paths

PATHS = {
    f"{module.__name__}.{name}": path
    for module in (paths, study_paths)
    for name, path in vars(module).items()
    if isinstance(path, Path)
}


def outputs() -> set[str]:
    """What dvc.yaml, and that of a study, say that the stages write."""
    names = set()
    for file in ("dvc.yaml", "studies/mnist_step/dvc.yaml"):
        for stage in yaml.safe_load(Path(file).read_text())["stages"].values():
            for out in (
                out for kind in ("outs", "metrics", "plots") for out in stage.get("do", stage).get(kind, [])
            ):
                names |= {out} if isinstance(out, str) else set(out)
    return names


@pytest.mark.parametrize("name", PATHS)
def test_a_path_is_one_that_a_stage_writes(name: str) -> None:
    path = PATHS[name]
    assert [out for out in outputs() if Path(out) == path or path in Path(out).parents]


def test_every_output_has_a_path() -> None:
    for out in outputs():
        assert {Path(out), *Path(out).parents} & set(PATHS.values()), out


@pytest.mark.parametrize(
    "script", ["code", "list", "download", "subset", "evaluate", "plot", "collect", "draw"]
)
def test_no_script_of_a_stage_names_a_path_itself(script: str) -> None:
    text = Path(f"stages/{script}.py").read_text()
    assert not [name for name in ("data", "models", "metrics", "plots") if f'Path("{name}' in text]
