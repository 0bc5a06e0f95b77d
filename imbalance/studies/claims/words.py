"""A claim's test and the reason for its verdict, in words."""

from collections.abc import Sequence

from imbalance.studies.claims.contrasted import words as contrast
from imbalance.studies.claims.evidence import CONTRADICTED, HELD, NOT_HELD
from imbalance.studies.claims.parts import Judged
from imbalance.studies.claims.schema import Claim, Part, Range
from imbalance.studies.lines import LETTERS

UNCONFIRMED = "the contrary is shown at a shorter schedule only, and not at the full one"
KINDS = {
    "sup": "{a} above {b}",
    "inf": "{a} below {b}",
    "ni": "{a} not below {b} by {margin}",
    "eq": "{a} within {margin} of {b}",
    "best": "{a} the best beside {b}",
    "num": "{a} as published, {b}",
    "linear": "{contrast} straight over {over} rather than over its logarithm",
    "trend": "{contrast} {expect} with {over}",
}
DEFAULTS = {"ni": "what is notable", "eq": "what counts", "num": "what is notable"}
MARGINS = {"counts": "what counts", "notable": "what is notable"}


def of_claim(claim: Claim) -> dict[str, str]:
    """Return a claim's kinds, its test, and its quantifiers in words, each of its parts once."""
    joint = "; or " if claim.combine == "one" else "; "
    return {
        "kind": " + ".join(dict.fromkeys(part.kind for part in claim.parts)),
        "quantifier": " + ".join(dict.fromkeys(part.quantifier for part in claim.parts)),
        "test": joint.join(dict.fromkeys(map(of_part, claim.parts))),
    }


def of_part(part: Part) -> str:
    """Return a part's test in words: "oversampling above baseline by more than what is notable: auc"."""
    text = KINDS[part.kind].format(
        a=_named(part.a),
        b=", ".join(map(_named, part.b)),
        contrast=_levels(part) if part.levels else contrast(part.a, part.b[0]),
        expect=part.expect,
        over="the level" if part.levels else LETTERS.get(part.over or "", part.over),
        margin=_margin(part.margin) or DEFAULTS.get(part.kind, ""),
    )
    if part.kind == "sup" and part.margin is not None:
        text += f" by more than {_margin(part.margin)}"
    if part.pairs:
        within = _margin(part.margin) or DEFAULTS["eq"]
        letter = LETTERS.get(part.pairs, part.pairs)
        text = f"{_named(part.a)} within {within} at each two values of {letter}"
    if part.against:
        how = "less" if part.kind == "inf" else "more"
        text = f"{_named(part.a)} above {', '.join(map(_named, part.b))}, {how} than in {part.against}"
    text += f": {', '.join(part.measure)}"
    for test in part.also:
        beside = KINDS[test.kind].format(
            a=_named(test.a),
            b=", ".join(map(_named, test.b)),
            margin=_margin(test.margin) or DEFAULTS.get(test.kind, ""),
        )
        text += f", and {beside}: {', '.join(test.measure)}"
    if part.given:
        either = " or below" if part.given.either else ""
        text += f", where {_named(part.given.better)} is above{either} {_named(part.given.than)}"
    if part.where:
        text += f", at {', '.join(_where(name, value) for name, value in part.where.items())}"
    return text


def reason(claim: Claim, judged: Sequence[Judged], note: str, anchor: str, differing: int) -> str:
    """Return in a few sentences what decided a claim, and what its verdict does not rest on."""
    sentences = []
    for place, part in enumerate(judged, start=1):
        which = f"part {place}: " if len(judged) > 1 else ""
        if part.cases:
            verdicts = [case.evidence.verdict for case in part.cases]
            numbers = [(HELD, "holds"), (CONTRADICTED, "is contradicted"), (NOT_HELD, "does not hold")]
            told = ", ".join(
                f"{word} at {verdicts.count(name)}" for name, word in numbers if name in verdicts
            )
            of = f" of {len(verdicts)} cases" if len(verdicts) > 1 else " case"
            sentences.append(f"{which}{told + of if told else 'undecided'}")
        else:
            lacking = "; ".join(f"{each.verdict}: {each.what}" for each in part.missing)
            sentences.append(f"{which}{lacking}")
    if differing:
        cases = "one case" if differing == 1 else f"{differing} cases"
        sentences.append(f"the exact test disagrees on a difference from zero at {cases}")
    if note:
        sentences.append(note)
    elif anchor:
        sentences.append(f"at the full schedule: {anchor}")
    if claim.left_out:
        sentences.append(f"left out: {claim.left_out}")
    return " ".join(map(closed, sentences))


def closed(sentence: str) -> str:
    """Return words as a sentence, with a capital letter and a full stop.

    >>> closed("not tested")
    'Not tested.'
    """
    return f"{sentence[:1].upper()}{sentence[1:].removesuffix('.')}."


def _named(term: object) -> str:
    return f"{term:g}" if isinstance(term, float | int) else str(term).replace("_", " ")


def _levels(part: Part) -> str:
    return ", ".join(name.replace("_", " ") for name in part.levels)


def _margin(margin: str | float | None) -> str:
    return "" if margin is None else MARGINS.get(str(margin), f"{margin} pt")


def _where(name: str, value: object) -> str:
    letter = LETTERS.get(name, name)
    if isinstance(value, Range):
        limits = [(value.at_least, "at least"), (value.at_most, "at most")]
        return (
            f"{letter} {' and '.join(f'{words} {limit:g}' for limit, words in limits if limit is not None)}"
        )
    listed = value if isinstance(value, tuple) else (value,)
    return f"{letter} = {' or '.join(map(_named, listed))}"
