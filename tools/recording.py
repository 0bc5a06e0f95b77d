"""The record in a study's README.md of how often its results were checked, and against which commits."""

import hashlib
import json
import re
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import ValidationError

from imbalance.disk import replacing
from imbalance.errors import InputError
from imbalance.report.generated import CHECKED
from imbalance.strict import Strict
from stages import paths
from tools.renewing import Lock

DATA = re.compile(r"^<!-- (\{.*\}) -->$", re.MULTILINE)


class Record(Strict):
    """The checks of some results: their hash, the commit that has them, and the cells sampled since.

    `evaluated` is the last commit by which evaluations were renewed that were not run, if any.
    """

    results: str
    trained: str
    sampled: tuple[str, ...]
    evaluated: str = ""


def hash_of_results(lock: Lock, cells: Iterable[str]) -> str:
    """Return one hash of the predictions of all cells, which are stages of a lock."""
    outs = [out for cell in cells for out in lock["stages"][cell]["outs"]]
    predictions = [out for out in outs if Path(out["path"]).is_relative_to(paths.PREDICTIONS)]
    hashes = sorted(f"{out['path']} {out['md5']}" for out in predictions)
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest()[:16]


def read(readme: Path) -> Record | None:
    """Return the record in a study's README.md, or None; raises `InputError` if it cannot be read."""
    text = CHECKED.within(readme) if readme.is_file() else None
    if text is None:
        return None
    where = f"{readme}, in the block of `{CHECKED.command}`: the line of its data"
    remedy = "take the block back from Git, or remove it from its first line to its last."
    if not (found := DATA.search(text)):
        raise InputError(f"{where} is missing; {remedy}")
    try:
        return Record.model_validate(json.loads(found[1]))
    except (json.JSONDecodeError, ValidationError) as error:
        raise InputError(f"{where} cannot be read; {remedy}") from error


def block(before: Record, commit: str, sample: Sequence[str], cells: int, evaluated: bool = False) -> str:
    """Return the text of a record to which a sample of cells is added that were trained again at a commit.

    `cells` is how many the study has, and `evaluated` whether evaluations were renewed without running them.
    """
    record = Record(
        results=before.results,
        trained=before.trained,
        sampled=tuple(sorted({*before.sampled, *sample})),
        evaluated=commit if evaluated else before.evaluated,
    )
    sentences = (
        f"All {cells} cells were trained and committed at {record.trained[:10]}. Last sampled at "
        f"{commit[:10]}: {', '.join(f'`{cell}`' for cell in sample)}; the same bytes. "
        f"{len(record.sampled)} of {cells} cells sampled since."
    )
    if record.evaluated:
        sentences += (
            f" The evaluations were not run again: at {record.evaluated[:10]} their code had changed, and "
            "gave the same bytes at the scale `smoke`."
        )
    wrapped = textwrap.fill(sentences, 110, break_long_words=False, break_on_hyphens=False)
    return f"{wrapped}\n\n<!-- {json.dumps(record.model_dump(mode='json', exclude_defaults=True))} -->"


def write(readme: Path, text: str) -> None:
    """Replace the text of the record in a study's README.md, or add it at the end if there is none."""
    page = f"# {readme.parent.name}\n"
    if readme.is_file():
        if CHECKED.within(readme) is not None:
            CHECKED.write(readme, text)
            return
        page = readme.read_text(encoding="utf-8")
    with replacing(readme) as part:
        part.write_text(f"{page.rstrip()}\n\n{CHECKED.around(text)}\n", encoding="utf-8")
