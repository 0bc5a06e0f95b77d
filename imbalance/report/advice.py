"""The advice in words: which method to use for one's own images, or rows of a table."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from imbalance.studies.advice import NOTABLE, Advice, Candidate
from imbalance.studies.contrasts import Effect
from imbalance.studies.words import MINUS, named

RULES = {
    "argmax": "",
    "prior": " thresholded by the class priors",
    "logit_adjustment": " thresholded by the class priors to the power of tau",
}
NOTHING = "doing nothing"
SMALLEST = f"{100 * NOTABLE:g} points"


def sentences(advice: Advice, noun: str = "images") -> Iterator[str]:
    """Yield the sentences of the answer, on images or rows; the first one is the answer itself."""
    best, gain = in_words(advice.best), points(effect(advice.gain))
    match advice.verdict:
        case "use":
            yield (f"For these {noun}, use {best}: it beats {NOTHING} by {gain} points of balanced accuracy.")
        case "nothing":
            yield (
                f"For these {noun}, do nothing: no method gains as much as {SMALLEST} of balanced accuracy. "
                f"First is {best}, {gain}."
            )
        case "unclear":
            ahead = "first is" if advice.gain["difference"] > 0 else "none is ahead, not even"
            yield (
                f"These {noun} cannot tell the methods apart: {ahead} {best}, with {gain} points of "
                f"balanced accuracy over {NOTHING}."
            )
            yield too_few(advice, noun)
    if advice.verdict == "use" and advice.alike:
        verb = "does not differ" if len(advice.alike) == 1 else "do not differ"
        yield f"{_sentence(listed(advice.alike))} {verb} significantly from it."
    if advice.worse:
        verb = "is" if len(advice.worse) == 1 else "are"
        yield f"{_sentence(listed(advice.worse))} {verb} worse than {NOTHING}."
    if advice.stuck:
        unknown = listed(Candidate(method, "argmax") for method in advice.stuck)
        yield (
            f"Nothing is known of {unknown}: all networks are stuck, as good as a guess; raise `budget`, or "
            "lower the method's `lr_factor`."
        )


def too_few(advice: Advice, noun: str) -> str:
    """Return the sentence that says which images, or rows, are missing."""
    if advice.needed > advice.images:
        return (
            f"The {advice.images} test {noun} of '{advice.smallest}' are too few: about {advice.needed:,} "
            f"would narrow the intervals to ±{SMALLEST}."
        )
    return f"The difference is smaller than {SMALLEST}, or there are too few replicates; raise `replicates`."


def effect(row: Mapping[Any, Any]) -> Effect:
    """Return the difference from doing nothing in a row of the advice's table."""
    return Effect(row["difference"], row["low"], row["high"], row["n"])


def points(gain: Effect) -> str:
    """Return an effect in % points.

    >>> points(Effect(0.0812, -0.05, 0.1121, 8)), points(Effect(0.0812, math.nan, math.nan, 1))
    ('+8.1 (−5.0 to +11.2)', '+8.1 (no interval)')
    """
    mean, low, high = (
        f"{100 * each + 0.0:+.1f}".replace("-", MINUS) for each in (gain.mean, gain.low, gain.high)
    )
    return f"{mean} (no interval)" if math.isnan(gain.low) else f"{mean} ({low} to {high})"


def in_words(candidate: Candidate) -> str:
    """Return the name of a candidate.

    >>> in_words(Candidate("baseline", "prior"))
    'the baseline thresholded by the class priors'
    """
    article = "the " if candidate.method == "baseline" else ""
    return (
        f"{article}{named(candidate.method)}{RULES.get(candidate.rule, f' with the rule {candidate.rule}')}"
    )


def listed(candidates: Iterable[Candidate]) -> str:
    """Return several candidates in a row.

    >>> listed([Candidate("crt", "argmax"), Candidate("focal", "argmax"), Candidate("ldam", "argmax")])
    'crt, focal and ldam'
    """
    *others, last = map(in_words, candidates)
    return f"{', '.join(others)} and {last}" if others else last


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
