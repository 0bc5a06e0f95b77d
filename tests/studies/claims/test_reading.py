"""Claims that are not valid are refused, with their file and line."""

from pathlib import Path

import pytest

from imbalance.errors import InputError
from imbalance.studies.claims import reading
from imbalance.studies.claims.schema import Source

HEAD = "source: paper\ncitation: Somebody (2018)\nclaims:\n"
CLAIM = "  - id: C1\n    place: §1\n    statement: It is so.\n"
PART = "    parts:\n      - {kind: sup, a: x, b: y, measure: auc, studies: s}\n"


def read(folder: Path, text: str) -> Source:
    file = folder / "paper.yaml"
    file.write_text(text, encoding="utf-8")
    return reading.read(file, Source)


def test_a_claim_is_an_entry(tmp_path: Path) -> None:
    (claim,) = read(tmp_path, HEAD + CLAIM + PART).claims
    assert str(claim.parts[0].a) == "x"
    assert claim.parts[0].studies == ("s",)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (CLAIM, 4, "give the `parts` of a test, or why it is `untested`"),
        (CLAIM + PART.replace("sup", "sub"), 8, "kind"),
        (CLAIM + PART.replace("measure", "measures"), 8, "measures"),
        (CLAIM + PART.replace(", studies: s", ""), 8, "name the `studies`"),
        (CLAIM + PART.replace("sup", "trend"), 8, "say over which parameter"),
        (CLAIM + PART.replace("studies: s", "studies: s, quantifier: usually"), 8, "quantifier"),
        (CLAIM + PART.replace("a: x, b: y", "b: 3"), 8, "name the method"),
        (CLAIM + PART + CLAIM + PART, 1, "two claims are called C1"),
        (CLAIM + "    place: §2\n" + PART, 7, "'place' is given twice"),
        (CLAIM.replace("§1", "12") + PART, 5, "valid string"),
    ],
)
def test_nonsense_is_refused_with_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    with pytest.raises(InputError) as error:
        read(tmp_path, HEAD + text)
    assert message in str(error.value)
    assert f"paper.yaml:{line}:" in str(error.value)


def test_two_sources_may_not_have_the_same_claim(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(HEAD + CLAIM + PART, encoding="utf-8")
    with pytest.raises(InputError, match="both have a claim C1"):
        reading.sources(tmp_path)
