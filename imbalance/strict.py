"""What is common to all parameters: they are checked strictly, and do not change."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from imbalance.catalogue import suggestion

# Keys that DVC's run-cache leaves out of what it hashes, at any depth: it would give a run with another value
# of theirs the old results. No parameter, and nothing that is chosen by name, may be called so.
UNSEEN = frozenset({"size", "nfiles"})
LONGEST = 80  # characters of a value in a message


class Strict(BaseModel):
    """Parameters: immutable, no unknown keys, no infinities, and every value of its own type.

    A whole number is taken for a fraction (`rho: 50`), but no text and no `true` for a number. Lists become
    tuples.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _knows_every_key(cls, values: Any) -> Any:
        if isinstance(values, dict):
            for key in values:
                if key not in cls.model_fields:
                    raise ValueError(f"no parameter {shown(key)}; {suggestion(str(key), cls.model_fields)}")
        return values

    @model_validator(mode="before")
    @classmethod
    def _takes_lists_for_tuples(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}


def shown(value: Any) -> str:
    """A value as YAML has it, cut if it is long."""
    match value:
        case None:
            text = "null"
        case bool():
            text = str(value).lower()
        case list() | tuple():
            text = f"[{', '.join(map(shown, value))}]"
        case _:
            text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."
