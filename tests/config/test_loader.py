"""Files of parameters are read as DVC reads them; those that are damaged or hostile are refused."""

from itertools import pairwise
from pathlib import Path

import pytest

from imbalance.config import load_params
from imbalance.config.loader import load
from imbalance.errors import InputError

# A few lines that stand for 9^9 values.
LISTS = "a: &a x\n" + "".join(f"{b}: &{b} [{9 * f'*{a}, '}]\n" for a, b in pairwise("abcdefghij"))
MERGED = "a: &a {x: 1}\n" + "".join(
    f"{b}: &{b} {{<<: [{9 * f'*{a}, '}]}}\n" for a, b in pairwise("abcdefghij")
)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "must be a mapping"),
        (b"- a", "must be a mapping"),
        (b"rho: [", "cannot be read: while parsing"),
        (b"\x00", "cannot be read: unacceptable character #x0000"),
        (bytes(range(128, 256)), "cannot be read: unacceptable character #x0080: invalid start byte"),
        (b"rho: 5\nmu: 1\nrho: 7\n", 'given twice; keep one\n  in "FILE", line 3'),
        (b"methods:\n  a: {start: a, 'start': b}\n", "cannot be read: 'start' is given twice; keep one"),
        (LISTS.encode(), 'the alias *a is not taken; write out what it stands for\n  in "FILE", line 2'),
        (MERGED.encode(), "the alias *a is not taken"),
        (b"rho: &rho [*rho]", "the alias *rho is not taken"),
        (b"rho: !!python/object/apply:os.mkdir [pwned]", "could not determine a constructor for the tag"),
        (b"rho: !!python/name:os.system", "could not determine a constructor for the tag"),
        (b"seed: 1" + b"0" * 5000, 'a number of more than 19 digits is not taken\n  in "FILE", line 1'),
        (b"seed: 0x1" + b"0" * 5000, "a number of more than 19 digits is not taken"),
        (b"[" * 10_000, "maximum recursion depth exceeded"),
        (b"rho: 2001-13-45", "rho = '2001-13-45': input should be a number, not text"),
        (b"rho: 0x_", "rho = '0x_': input should be a number, not text"),
        (b"rho: !!float x", "could not convert string to float"),
        (b"rho: !!bool x", "cannot be read: "),
        (b"rho: !!timestamp x", "cannot be read: "),
    ],
)
def test_a_file_that_is_damaged_or_hostile_is_refused(
    content: bytes, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "params.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError) as refused:
        load_params(path)
    assert str(refused.value).startswith(str(path))
    assert problem.replace("FILE", str(path)) in str(refused.value)
    assert list(tmp_path.iterdir()) == [path], "something was executed"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_params(tmp_path / "params.yaml")


@pytest.mark.parametrize(
    ("text", "value"),
    [("5e-05", 5e-5), ("1e-2", 0.01), ("0.05", 0.05), ("+.5", 0.5), ("1", 1.0), ("01", 1.0), ("0x1", 1.0)],
)
def test_numbers_are_read_as_dvc_reads_them(text: str, value: float, tmp_path: Path) -> None:
    """By YAML 1.2; by 1.1, which PyYAML reads, 5e-05 is text, and 010 is 8."""
    (tmp_path / "params.yaml").write_text(f"base_lr: {text}")
    assert load(tmp_path / "params.yaml") == {"base_lr": value}
