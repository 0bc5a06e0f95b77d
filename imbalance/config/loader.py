"""Loading of a YAML file of parameters to plain values, by strict rules, and as DVC reads it."""

import re
from pathlib import Path
from typing import Any

import yaml

from imbalance.errors import InputError


def load(path: Path) -> dict[str, Any]:
    """Read a mapping from a YAML file; raises `InputError` if it has none, or more than one document."""
    try:
        text = path.read_bytes()
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    return loads(text, str(path))


def loads(text: str | bytes, file: str) -> dict[str, Any]:
    """Return the mapping in the text of a file; raises `InputError` as `load` does."""
    try:
        loader = Loader(text)
        loader.name = file  # in messages
        raw = loader.get_single_data()
    except Exception as error:  # PyYAML's, but also ValueError, KeyError, AttributeError, RecursionError
        raise InputError(f"{file} cannot be read: {error}") from error
    if not isinstance(raw, dict):
        raise InputError(f"{file} must be a mapping of parameters, like `rho: 50`.")
    return raw


class Loader(yaml.SafeLoader):
    """PyYAML's safe loader, made stricter, and with the scalars of YAML 1.2, as DVC reads them.

    It also rejects duplicate keys, aliases (which can expand without bound) and huge integers. In YAML 1.1,
    PyYAML's default, `5e-05` is text (DVC writes small rates in this form), `010` is 8, `1:30` is 90, and
    `no` is false.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):  # nested aliases turn a few lines into gigabytes of values
            alias = self.peek_event()  # type: ignore[no-untyped-call]
            raise _refused(f"the alias *{alias.anchor} is not taken; write out what it stands for", alias)
        node = super().compose_node(parent, index)
        if isinstance(node, yaml.ScalarNode) and node.tag.endswith(":int") and len(node.value) > 19:
            raise _refused("a number of more than 19 digits is not taken", node)
        if isinstance(node, yaml.MappingNode):
            seen = set()
            for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
                if key.value in seen:
                    raise _refused(f"'{key.value}' is given twice; keep one", key)
                seen.add(key.value)
        return node

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        """Return an integer, written in decimal, or as 0o17 or 0x1f."""
        text = str(self.construct_scalar(node))
        return int(text, 0 if text[:2] in ("0o", "0x") else 10)


SCALARS = {  # YAML 1.2, section 10.3.2
    "null": ("~|null|Null|NULL|", ["~", "n", "N", ""]),
    "bool": ("true|True|TRUE|false|False|FALSE", list("tTfF")),
    "int": ("[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    "float": (
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
}
Loader.yaml_implicit_resolvers = {}  # drops those of YAML 1.1
for _tag, (_pattern, _begin) in SCALARS.items():
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})$"), _begin)
Loader.add_constructor("tag:yaml.org,2002:int", Loader.construct_yaml_int)


def _refused(problem: str, where: Any) -> yaml.MarkedYAMLError:
    """Return the error for a node or an event that is not accepted, with its line."""
    return yaml.MarkedYAMLError(problem=problem, problem_mark=where.start_mark)
