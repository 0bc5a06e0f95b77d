"""What makes up for the class sizes in a training, and for which shares the probabilities are then right."""

from imbalance.methods.baseline import Baseline
from imbalance.methods.parts.samplers import Capped, Deferred, Instance

# Kinds of methods that even out the class sizes: in full, but for a `ratio` above 1, and in part.
RESAMPLING, CLEANING = ("sampler", "synthetic images", "synthetic features", "cluster sampling"), "cleaning"


def corrections(method: Baseline, name: str = "the method itself") -> tuple[str, ...]:
    """Return what makes up for the class sizes, where methods that resample by themselves have this name.

    More than one overshoots.
    """
    default = type(method).model_fields["sampler"].default
    resamples = method.kind in RESAMPLING and isinstance(default, Instance)
    return (name, *method.corrections) if resamples else method.corrections


def evened(method: Baseline, name: str) -> tuple[str, bool]:
    """Return what made up for the class sizes in a training by the method of this name, "" if nothing did.

    And whether it did so in full, or there was nothing. Deferred and adaptive ways count as full ones. A
    smaller or larger power or `ratio` is a part or overshoots, as do two corrections together.
    """
    ratio = getattr(method, "ratio", 1)
    own = name if ratio == 1 else f"{name} with ratio {ratio:g}"
    if method.kind == CLEANING:
        return " and ".join((own, *method.corrections)), False
    found = corrections(method, own)
    return " and ".join(found), not found or (len(found) == 1 and _is_full(method))


def _is_full(method: Baseline) -> bool:
    sampler = method.sampler.sampler if isinstance(method.sampler, Deferred) else method.sampler
    return (
        method.weights.name != "given"
        and getattr(method.weights, "power", 1) == 1
        and not isinstance(sampler, Capped)
        and getattr(sampler, "ratio", 1) == 1
        and getattr(sampler, "q", 0) == 0
        and getattr(method, "ratio", 1) == 1
        and getattr(method, "target", None) is None
        and getattr(method, "tau", 1) in (1, None)  # of an adjustment of logits; None if it is tuned
    )
