"""A study's dvc.lock: what its stages read and wrote, and the hashes of their code, renewed."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from dvc.exceptions import DvcException
from dvc.repo import Repo
from dvc.utils.serialize import dumps_yaml, parse_yaml_for_update

from imbalance.errors import InputError
from stages import paths

Lock = dict[str, Any]
CODE = "code"  # the stage that writes data/code


class Hash(NamedTuple):
    """The hash and the size of a file, as in a dvc.lock."""

    md5: str
    size: int


def parse(text: str, name: str) -> Lock:
    """Return the content of a dvc.lock; raises `InputError`, with its name, if it cannot be read."""
    try:
        lock: Lock = parse_yaml_for_update(text, name)
    except DvcException as error:
        raise InputError(f"{name} cannot be read; run `make recover`, and commit the file.") from error
    return lock


def read(folder: Path) -> Lock:
    """Return the dvc.lock of a folder; see `parse`."""
    return parse((folder / "dvc.lock").read_text(encoding="utf-8"), f"{folder}/dvc.lock")


def pipeline_of(repository: Path, study: Path) -> set[str]:
    """Return the names of the stages in the dvc.yaml of a study, a folder of a repository."""
    with Repo(str(repository)) as repo:
        return {stage.name for stage in repo.stage.load_all(str(repository / study / "dvc.yaml"))}


def artifacts(lock: Lock, stages: Iterable[str]) -> dict[str, str]:
    """Return what the stages have read, except code, and written, by stage and path, as hashes.

    Of networks it is the number of their files. The files contain the hashes of the code that made them,
    which is another code now; the hashes of the networks alone are in the predictions' weights.csv.
    """
    return {
        f"{stage}: {entry['path']}": _content(entry)
        for stage in stages
        if stage in lock["stages"]
        for part in ("deps", "outs")
        for entry in lock["stages"][stage].get(part, [])
        if not _is_code(entry)
    }


def _content(entry: Mapping[str, Any]) -> str:
    if Path(entry["path"]).is_relative_to(paths.MODELS):
        return f"{entry['nfiles']} files"
    return str(entry["md5"])


def code_in(folder: Path) -> dict[str, Hash]:
    """Return the hashes of the files that the stage `code` has written in a study's folder, by path."""
    return {
        file.relative_to(folder).as_posix(): _hash(file.read_bytes())
        for file in sorted((folder / paths.CODE).rglob("*.json"))
    }


def _hash(data: bytes) -> Hash:
    return Hash(hashlib.md5(data, usedforsecurity=False).hexdigest(), len(data))


def stale(lock: Lock, code: Mapping[str, Hash]) -> set[str]:
    """Return the stages of a lock whose code is another now."""
    return {
        stage
        for stage, entry in lock["stages"].items()
        for dep in entry.get("deps", [])
        if _is_code(dep) and dep["path"] in code and dep["md5"] != code[dep["path"]].md5
    }


def of_code(lock: Lock, code: Mapping[str, Hash]) -> set[str]:
    """Return the stages of a lock all of whose code is there, as it is in the lock."""
    return {
        stage
        for stage, entry in lock["stages"].items()
        if all(
            dep["path"] in code and dep["md5"] == code[dep["path"]].md5
            for dep in entry.get("deps", [])
            if _is_code(dep)
        )
    }


def evaluations(stages: Iterable[str]) -> set[str]:
    """Return those of some stages, or of their artifacts, that are of evaluations (stages/pipeline.py)."""
    return {stage for stage in stages if stage.startswith("evaluate")}


def renewed(lock: Lock, fresh: Lock, code: Mapping[str, Hash], stages: Collection[str]) -> str:
    """Return the text of a lock in which the `stages` have the hashes of their code that it has now.

    The stage `code` is that of the `fresh` lock. So are the initial weights, on which every training depends:
    their files name the code that drew them, and it is made anew where there is no cache. They are the same
    weights, as the networks trained from them are. Of several networks, those that no stage of the `fresh`
    lock has read stay. Nothing else changes.
    """
    entries = lock["stages"] | {CODE: fresh["stages"][CODE]}
    for stage in stages:
        entries[stage] = entries[stage] | {"deps": [_current(dep, code) for dep in entries[stage]["deps"]]}
    drawn = {
        each["path"]: each
        for entry in fresh["stages"].values()
        for each in [*entry.get("deps", []), *entry.get("outs", [])]
        if Path(each["path"]).is_relative_to(paths.MODELS / "initial")
    }
    for stage, entry in entries.items():
        own = {
            part: [dict(drawn.get(each["path"], each)) for each in entry[part]]
            for part in ("deps", "outs")
            if part in entry
        }
        entries[stage] = {**entry, **own}
    return dumps_yaml({**lock, "stages": entries})


def _current(dep: Mapping[str, Any], code: Mapping[str, Hash]) -> dict[str, Any]:
    """Return a dependency with the hash that it has now, if it is one on code."""
    if not _is_code(dep) or dep["path"] not in code:
        return dict(dep)
    return {**dep, **code[dep["path"]]._asdict()}


def _is_code(entry: Mapping[str, Any]) -> bool:
    return Path(entry["path"]).is_relative_to(paths.CODE)
