"""`python -m benchmarks.methods`: every method can be timed, and the table has the cheapest first."""

import sys

import pytest

from benchmarks.methods import main, ratios


def test_an_ensemble_is_timed_with_all_its_members_and_what_trains_nothing_is_cheap() -> None:
    found = ratios(["easy_ensemble", "category_centers"], iterations=20, rounds=2)
    assert all(len(values) == 2 for values in found.values())
    assert max(found["category_centers"]) < 1 < min(found["easy_ensemble"])


def test_the_table_has_the_cheapest_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        sys, "argv", ["methods", "easy_ensemble", "category_centers", "--iterations", "5", "--rounds", "1"]
    )
    main()
    first, _, header, _, *rows = capsys.readouterr().out.splitlines()
    assert first.startswith("1 round of 5 iterations, ")
    assert header == "| method | seconds of the baseline's (median) | range |"
    assert [row.split(" | ")[0] for row in rows] == ["| category_centers", "| easy_ensemble"]
