"""The commits that made a network are found by its code, whatever else they changed."""

import subprocess
from pathlib import Path

import pytest

from imbalance.errors import InputError
from imbalance.reproducibility.code import hash_of
from tests.repository import commit
from tools.commits import commits_with


def test_commits_are_found_by_what_their_code_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    for text in ("x = 1\n", "x = 2\n", "x = 2  # two\n", "x = 3\n"):
        (tmp_path / "a.py").write_text(text)
        (tmp_path / "b.py").write_text("y = 1\n")
        commit(tmp_path, text)
    monkeypatch.chdir(tmp_path)

    def subjects(**source: str) -> list[str]:
        hashes = {f"{name}.py": hash_of(text.encode()) for name, text in source.items()}
        return [
            subprocess.run(
                ["git", "log", "-1", "--format=%s", found], capture_output=True, text=True
            ).stdout.strip()
            for found in commits_with(hashes)
        ]

    assert subjects(a="x = 2", b="y = 1") == ["x = 2  # two", "x = 2"]
    assert subjects(a="x = 2", b="y = 2") == []
    assert subjects(a="x = 2", c="z = 1") == []


def test_what_git_refuses_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="`git rev-list HEAD` failed"):
        next(commits_with({"a.py": "0"}))
