"""Sentences about invalid parameters: where the error is, what it is, and what would be right."""

import re
from typing import Any

from pydantic_core import ErrorDetails

from imbalance.catalogue import suggestion
from imbalance.strict import shown


def sentence(details: ErrorDetails, raw: dict[str, Any]) -> str:
    """Return a sentence for an error in the `raw` parameters: where it is, what it is, and what is right."""
    where, kind = _path(details["loc"], raw), details["type"]
    value = shown(details["input"])
    context = details.get("ctx", {})
    match kind:
        case "missing":
            return f"{where} is missing; add it."
        case "literal_error":
            choices = re.findall(r"'([^']*)'", context["expected"])
            return f"{where}: no {value}; {suggestion(str(details['input']), choices)}"
        case "union_tag_not_found":
            return f"{where}.name is missing; add it, as it says what the other parameters are of."
        case "union_tag_invalid":
            choices = re.findall(r"'([^']*)'", context["expected_tags"])
            return f"{where}.name: no '{context['tag']}'; {suggestion(context['tag'], choices)}"
        case "value_error":
            message = str(context["error"]).removesuffix(".")
            return f"{message}." if message.startswith(f"{where}.") or not where else f"{where}: {message}."
        case "too_long":
            return f"{where}: the list should have at most {context['max_length']} values."
        case _ if kind in MEANT:
            instead = ", not text" if isinstance(details["input"], str) and kind in NUMBERS else ""
            return f"{where} = {value}: input should be {MEANT[kind]}{instead}."
        case _:
            return f"{where} = {value}: {details['msg'][0].lower()}{details['msg'][1:]}."


# The types that pydantic expected, by its kinds of errors, in YAML's terms.
MEANT = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "string_too_short": "at least one character",
    "tuple_type": "a list, like [a, b]",
    "dict_type": "a mapping, like {name: value}",
    "model_type": "a mapping, like {name: value}",
    "model_attributes_type": "a mapping, like {name: value}",
    "too_short": "a list with at least one value",
}
NUMBERS = ("int_type", "float_type")


def _path(place: tuple[int | str, ...], raw: Any) -> str:
    """Return the dotted path to a value as the user would write it.

    pydantic's path also contains names of union members, positions in values that are not lists, and marks
    of keys.
    """
    parts: list[str] = []
    for part in place:
        if part == "[key]":
            parts.pop()
        elif (isinstance(raw, dict) and part in raw) or (isinstance(raw, list) and isinstance(part, int)):
            parts.append(str(part))
            raw = raw[part]  # type: ignore[index]
        elif isinstance(part, str) and not (isinstance(raw, dict) and raw.get("name") == part):
            parts.append(part)
    return ".".join(parts)
