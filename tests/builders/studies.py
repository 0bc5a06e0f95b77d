"""The params.yaml of a small study, with some values changed."""

from pathlib import Path

import yaml

from imbalance.config import Study, load_study
from tests.builders.parameters import DEFAULT

BLOCKS = {
    "baseline": {"method": "baseline", "start": "initial"},
    "oversampling": {"method": "oversampling", "start": "initial"},
    "two_phase_over": {"method": "two_phase", "start": "oversampling"},
}
RECIPES = {name: DEFAULT["recipes"][name] for name in ("mnist",)}


def text_of(**values: str) -> str:
    """The text of a study with a grid of four conditions and three methods; values are written as in YAML."""
    written = {"rho": "[10, 100]", "mu": "[0.1, 0.5]", "study": "{beside: {}}"} | values
    rest = DEFAULT | {"methods": BLOCKS, "recipes": RECIPES}
    plain = {key: value for key, value in rest.items() if key not in written}
    return yaml.safe_dump(plain, sort_keys=False) + "".join(
        f"{key}: {value}\n" for key, value in written.items()
    )


def study_of(folder: Path, **values: str) -> Study:
    """The study of that text, in a file of a folder."""
    path = folder / "params.yaml"
    path.write_text(text_of(**values), encoding="utf-8")
    return load_study(path)
