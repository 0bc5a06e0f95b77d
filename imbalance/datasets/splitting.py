"""The split of a class into a training and a test part, the same on every machine."""

from collections.abc import Sequence


def cut(contents: Sequence[bytes], fraction: float) -> int:
    """Return how many examples of a class, in a random order, are its test part: at least one, never all.

    `contents` tell what each example is, equal ones side by side. These stay together, unless the class has
    no others; so the part is the nearest possible to a `fraction` of the class.
    """
    count = len(contents)
    wanted = min(max(round(fraction * count), 1), count - 1) if count else 0
    cuts = [at for at in range(1, count) if contents[at - 1] != contents[at]] or [wanted]
    return min(cuts, key=lambda at: abs(at - wanted))
