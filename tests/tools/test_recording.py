"""The record of checks in a study's README: written, read again, and refused if it is damaged."""

from pathlib import Path

import pytest

from imbalance.errors import InputError
from imbalance.report.generated import CHECKED
from tools.recording import Record, block, hash_of_results, read, write

RECORD = Record(results="0123456789abcdef", trained="a" * 40, sampled=("train@2-baseline", "train@2-over"))
README = "# A study\n\nIts findings.\n"


@pytest.fixture
def readme(tmp_path: Path) -> Path:
    (tmp_path / "README.md").write_text(README)
    return tmp_path / "README.md"


def lock(predictions: str, models: str) -> dict:
    outs = [
        {"path": "data/predictions/rho=2/baseline", "md5": predictions},
        {"path": "models/rho=2/baseline", "md5": models},
    ]
    return {"stages": {"train@2-baseline": {"outs": outs}}}


def text(commit: str = "b" * 40, evaluated: bool = False) -> str:
    return block(RECORD, commit, ["train@2-over"], 56, evaluated)


def test_the_block_says_what_was_trained_and_sampled_when() -> None:
    assert " ".join(text().partition("<!--")[0].split()) == (
        "All 56 cells were trained and committed at aaaaaaaaaa. Last sampled at bbbbbbbbbb: `train@2-over`; "
        "the same bytes. 2 of 56 cells sampled since."
    )


def test_evaluations_that_were_renewed_without_running_are_said_to_be_from_then_on(readme: Path) -> None:
    said = "The evaluations were not run again: at bbbbbbbbbb their code had changed, and gave the same bytes at the scale `smoke`."
    once = text(evaluated=True)
    assert said in " ".join(once.split())
    assert '"evaluated"' not in text()
    write(readme, once)
    record = read(readme)
    assert record
    later = block(record, "c" * 40, ["train@2-more"], 56)
    assert said in " ".join(later.split())
    assert "3 of 56 cells sampled since" in " ".join(later.split())


def test_the_record_is_read_as_it_was_written_and_the_rest_of_the_readme_stays(readme: Path) -> None:
    assert read(readme) is None
    write(readme, text())
    once = readme.read_text()
    assert once == f"{README}\n{CHECKED.around(text())}\n"
    assert read(readme) == RECORD
    readme.write_text(f"{once}\nThe end.\n")
    write(readme, text("c" * 40))
    assert readme.read_text() == once.replace("b" * 10, "c" * 10) + "\nThe end.\n"


def test_a_study_without_a_readme_gets_one(tmp_path: Path) -> None:
    assert read(tmp_path / "README.md") is None
    write(tmp_path / "README.md", text())
    assert (tmp_path / "README.md").read_text() == f"# {tmp_path.name}\n\n{CHECKED.around(text())}\n"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("<!-- end of checked -->", "", ": the line `<!-- end of checked -->` of `make recheck` is missing"),
        (
            *('<!-- {"results"', '{"results"'),
            ", in the block of `make recheck`: the line of its data is missing",
        ),
        ('"sampled"', '"sampeld"', ", in the block of `make recheck`: the line of its data cannot be read"),
        ('", "trained"', ', "trained"', "the line of its data cannot be read"),
    ],
)
def test_a_damaged_record_is_one_clear_message(before: str, after: str, message: str, readme: Path) -> None:
    write(readme, text())
    readme.write_text(readme.read_text().replace(before, after))
    with pytest.raises(InputError, match=f"README.md.*{message}; take .* back from Git"):
        read(readme)


def test_results_are_known_by_their_predictions_not_by_their_models() -> None:
    cells = ["train@2-baseline"]
    assert hash_of_results(lock("p", "m"), cells) == hash_of_results(lock("p", "other"), cells)
    assert hash_of_results(lock("p", "m"), cells) != hash_of_results(lock("other", "m"), cells)
