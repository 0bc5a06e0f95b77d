"""Give a study the values of one of its scales: `make scale STUDY=mnist_step SCALE=smoke`.

A scale of `study.scales` in the study's params.yaml names the values that it replaces. Nothing else of the
file changes, comments included; then the study's dvc.yaml is written anew.
"""

import sys

from imbalance.catalogue import suggestion
from imbalance.config import Study
from imbalance.config.loader import loads
from imbalance.config.study import study_of
from imbalance.disk import replacing
from imbalance.errors import InputError
from stages import pipeline, run
from tools import cost, spans, studies


def at_scale(text: str, scale: str, file: str) -> tuple[str, Study]:
    """Return the text of a study's params.yaml at a scale, and the study that it then is.

    Raises `InputError` if there is no such scale, if it names no parameter, or if the result is not valid.
    """
    if not (known := names(text, file)):
        raise InputError(
            f"{file} has no scales; add one, like study: {{scales: {{tiny: {{replicates: 2}}}}}}."
        )
    if scale not in known:
        raise InputError(f"{file} has no scale '{scale}'; {suggestion(scale, known)}")
    where, at = f"{file}: study.scales.{scale}", f"{file} at scale {scale}"
    given, values = [], spans.entries(text, "study", "scales", scale)
    for key, entry in values.items():
        if inside := [other for other in values if other.startswith(f"{key}.")]:
            raise InputError(f"{where}: {key} replaces {inside[0]}, too; keep one of them.")
        *path, last = key.split(".")
        try:
            found = spans.entries(text, *path)
            spans.refuse_unknown(last, found)
        except InputError as error:
            raise InputError(f"{where}.{key}: {error}") from error
        if (new := spans.in_one_line(text, entry)) is None:
            raise InputError(f"{where}.{key}: write the value in one line, like [a, b].")
        given.append((found[last], new))
    scaled = spans.replaced(text, given)
    return scaled, study_of(loads(scaled, at), at)


def names(text: str, file: str) -> list[str]:
    """Return the scales of a study, or of a single run, which has none, by the text of its params.yaml."""
    study = loads(text, file).get("study")
    scales = study.get("scales") if isinstance(study, dict) else None
    return list(map(str, scales)) if isinstance(scales, dict) else []


def main(arguments: list[str]) -> None:
    """Give a study the values of a scale, write its pipeline, and print what the study then is."""
    name, scale = [*arguments, "", ""][:2]
    folders = {folder.name: folder for folder in studies.folders()}
    if name not in folders:
        raise InputError(f"STUDY={name} is no folder of studies/; {suggestion(name, folders)}")
    file = folders[name] / "params.yaml"
    text = file.read_bytes().decode()
    scaled, study = at_scale(text, scale, str(file))
    pipeline.refuse_clashes(study)
    with replacing(file) as part:
        part.write_bytes(scaled.encode())
    studies.write(study, folders[name])
    print("\n  ".join([f"{file} is at scale {scale}:", *cost.shown(study)]))


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
