"""Where the values stand in the text of a params.yaml, so that one can be replaced and all else stays."""

import re
from collections.abc import Iterator

import yaml

from imbalance.catalogue import suggestion
from imbalance.config.loader import Loader
from imbalance.errors import InputError

Entry = tuple[yaml.ScalarNode, yaml.Node]  # a key and its value, with their places


def entries(text: str, *path: str) -> dict[str, Entry]:
    """Return the entries of the mapping at a path in a text; empty if what is there is no mapping.

    Raises `InputError` if there is no such path.
    """
    node: yaml.Node | None = yaml.compose(text, Loader)
    for key in path:
        found = _entries(node)
        refuse_unknown(key, found)
        node = found[key][1]
    return _entries(node)


def refuse_unknown(key: str, found: dict[str, Entry]) -> None:
    """Raise an `InputError` if a mapping has no such key."""
    if key not in found:
        raise InputError(f"no parameter '{key}'; {suggestion(key, found)}")


def _entries(node: yaml.Node | None) -> dict[str, Entry]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return {key.value: (key, value) for key, value in pairs if isinstance(key, yaml.ScalarNode)}


def in_one_line(text: str, entry: Entry) -> str | None:
    """Return the text of a value in one line, or None if it is a block over several lines."""
    value = entry[1]
    if not _is_inline(value):
        return None
    return re.sub(r"\s*\n\s*", " ", text[value.start_mark.index : value.end_mark.index])


def block(text: str, entry: Entry) -> str:
    """Return the text of a key and its value, with the comments inside."""
    key, value = entry
    return text[key.start_mark.index : _end(value)]


def replaced(text: str, values: list[tuple[Entry, str]]) -> str:
    """Return a text in which each entry has another value, which is given as text."""
    for (key, value), new in sorted(values, key=lambda each: -each[0][0].start_mark.index):
        if _is_inline(value):
            text = text[: value.start_mark.index] + new + text[value.end_mark.index :]
        else:
            text = f"{text[: key.end_mark.index]}: {new}{text[_end(value) :]}"
    return text


def _is_inline(node: yaml.Node) -> bool:
    """Return whether a value is there and is a scalar, or in brackets."""
    if isinstance(node, yaml.CollectionNode):
        return bool(node.flow_style)
    return node.end_mark.index > node.start_mark.index


def _end(node: yaml.Node) -> int:
    """Return the end of the last value of a node; a block itself ends after the comments that follow."""
    return max((_end(leaf) for leaf in _leaves(node)), default=node.end_mark.index)


def _leaves(node: yaml.Node) -> Iterator[yaml.Node]:
    """Yield the values inside a block, none for a scalar or what is in brackets."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        for part in node.value:
            yield from part if isinstance(part, tuple) else (part,)
