"""What is common to all parameters: they are checked strictly, and do not change."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from imbalance.catalogue import suggestion

# Keys that DVC's run-cache leaves out of what it hashes, at any depth: it would give a run with another value
# of theirs the old results. No parameter, and nothing that is chosen by name, may be called so.
UNSEEN = frozenset({"size", "nfiles"})


class Strict(BaseModel):
    """Parameters: immutable, no unknown keys, no infinities, no `true` for 1, lists become tuples."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _knows_every_key(cls, values: Any) -> Any:
        for key in values if isinstance(values, dict) else ():
            if key not in cls.model_fields:
                raise ValueError(f"no parameter '{key}'; {suggestion(str(key), cls.model_fields)}")
        return values

    @model_validator(mode="before")
    @classmethod
    def _takes_no_truth_for_a_number(cls, values: Any) -> Any:
        numbers = {key for key, field in cls.model_fields.items() if field.annotation is not bool}
        for key, value in values.items() if isinstance(values, dict) else ():
            parts = value if isinstance(value, list | tuple) else [value]
            if key in numbers and any(isinstance(part, bool) for part in parts):
                raise ValueError(f"{key} = {str(value).lower()}: neither true nor false is meant here")
        return values
