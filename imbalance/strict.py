"""The base class of all parameters: strictly validated and immutable."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from imbalance.catalogue import suggestion

# DVC's run-cache ignores these keys at any depth when it hashes parameters, so that a run with another value
# would get the old results. No parameter, and no name that a user chooses, may be one of them.
UNSEEN = frozenset({"size", "nfiles"})
LONGEST = 80  # characters of a value in a message


class Strict(BaseModel):
    """Immutable parameters, without unknown keys or infinities, and with strictly typed values.

    An integer is accepted as a float (`rho: 50`); a string or a boolean is not accepted as a number. Lists
    become tuples.
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
    """Return a value in YAML notation, truncated if it is long."""
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
