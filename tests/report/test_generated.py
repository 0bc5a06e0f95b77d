"""Generated parts of pages: replaced between their markers, read again, and refused if a marker is missing."""

from pathlib import Path

import pytest

from imbalance.errors import InputError
from imbalance.report.generated import Part

PART = Part("results", "make pages")
BEGIN, END = "<!-- results: make pages -->", "<!-- end of results -->"
PAGE = f"before\n{BEGIN}\n\nold\n\n{END}\nafter\n"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "README.md").write_text(PAGE)
    return tmp_path / "README.md"


def test_the_text_goes_between_the_markers_and_nothing_else_changes(page: Path) -> None:
    assert PART.within(page) == "old\n"
    PART.write(page, "new\n")
    assert page.read_text() == PAGE.replace("old", "new")
    assert PART.within(page) == "new\n"
    assert [path.name for path in page.parent.iterdir()] == ["README.md"]


@pytest.mark.parametrize("missing", [BEGIN, END])
def test_a_page_that_lacks_a_marker_is_refused_and_stays(missing: str, page: Path) -> None:
    page.write_text(damaged := PAGE.replace(missing, ""))
    for use in (lambda: PART.within(page), lambda: PART.write(page, "new\n")):
        with pytest.raises(InputError) as refused:
            use()
        assert str(refused.value) == (
            f"{page}: the line `{missing}` of `make pages` is missing; take it back from Git."
        )
    assert page.read_text() == damaged


def test_a_page_without_the_part_is_read_but_not_written(page: Path) -> None:
    page.write_text("before\n")
    assert PART.within(page) is None
    with pytest.raises(InputError, match="is missing"):
        PART.write(page, "new\n")
    page.write_text(f"{END}\n{BEGIN}\n")
    with pytest.raises(InputError, match=f"`{END}` of `make pages` is missing"):
        PART.within(page)
