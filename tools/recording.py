"""The record in a study's README.md of how often its results were checked, and against which commits."""

import hashlib
import json
import re
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import ValidationError

from imbalance.errors import InputError
from imbalance.strict import Strict
from stages import paths
from tools.renewing import Lock

BEGIN, END = "<!-- checked: make recheck -->\n", "<!-- end of checked -->"
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


def read(readme: str) -> Record | None:
    """Return the record in a README's text, or None; raises `InputError` if it cannot be read."""
    if BEGIN not in readme:
        return None
    found = DATA.search(_split(readme)[1])
    if not found:
        raise InputError(f"{_WHERE}: the line of its data is missing; {_REMEDY}")
    try:
        return Record.model_validate(json.loads(found[1]))
    except (json.JSONDecodeError, ValidationError) as error:
        raise InputError(f"{_WHERE}: the line of its data cannot be read; {_REMEDY}") from error


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
    return f"{wrapped}\n\n<!-- {json.dumps(record.model_dump(mode='json', exclude_defaults=True))} -->\n"


def with_block(readme: str, text: str) -> str:
    """Return a README's text with the block of the record in its place, or at the end if it has none."""
    if BEGIN not in readme:
        return f"{readme.rstrip()}\n\n{BEGIN}\n{text}{END}\n"
    before, _, after = _split(readme)
    return f"{before}{BEGIN}\n{text}{END}{after}"


def _split(readme: str) -> tuple[str, str, str]:
    """Return a README's text before, in and after the block; raises `InputError` if it has no end."""
    before, _, rest = readme.partition(BEGIN)
    inside, end, after = rest.partition(END)
    if not end:
        raise InputError(f"{_WHERE}: `{END}` is missing; {_REMEDY}")
    return before, inside, after


_WHERE = "the README.md of the study, in the block of `make recheck`"
_REMEDY = "take the block back from Git, or remove it from its first line on."
