"""YAML bodies: the template is parsed first and filled afterwards.

So a value is never read as YAML: whatever is in it, it changes no structure. A variable that
stands alone as a value may become a list or a mapping; inside other text it is text.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from profiles import template

HEAD = "#cloud-config"
NUMBERS = ("prefix_length", "vlan_id")
# Private-use characters (Unicode block E000) mark where values go while YAML is parsed.
_MARK = re.compile("\ue000([a-z0-9_]+)\ue001")

Block = Callable[[tuple[str, ...]], Any]  # from the keys above it to its data


def fill(body: str, values: Mapping[str, str], blocks: Mapping[str, Block]) -> dict[str, Any]:
    """Return the mapping that a body becomes; raises ValueError with a sentence."""
    if "\ue000" in body or "\ue001" in body:
        raise ValueError("The body has the characters U+E000 or U+E001, which it cannot have.")
    marks = {name: f"\ue000{name}\ue001" for name in (*values, *blocks)}
    data = _parsed(template.render(body, marks))
    filled = _Filler(values, blocks).filled(data, ())
    if not isinstance(filled, dict):
        raise ValueError("The body must be a mapping, such as `key: value` in each line.")
    return filled


def dump(data: Any, head: str = HEAD) -> str:
    """Return data as YAML under a first line; texts of several lines stay readable."""
    text: str = yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000, indent=2
    )
    return f"{head}\n{text}" if head else text


class _Filler:
    def __init__(self, values: Mapping[str, str], blocks: Mapping[str, Block]) -> None:
        self.values, self.blocks = values, blocks

    def filled(self, data: Any, keys: tuple[str, ...]) -> Any:
        if isinstance(data, dict):
            return self._mapping(data, keys)
        if isinstance(data, list):
            return self._list(data, keys)
        return self._scalar(data, keys) if isinstance(data, str) else data

    def _mapping(self, data: dict[Any, Any], keys: tuple[str, ...]) -> dict[Any, Any]:
        """Return the entries, without those whose block is empty: most lists must not be."""
        made = {self._key(k): self.filled(v, (*keys, str(k))) for k, v in data.items()}
        empty = {self._key(k) for k, v in data.items() if isinstance(v, str)}
        return {k: v for k, v in made.items() if v != [] or k not in empty}

    def _key(self, key: Any) -> Any:
        return self._text(key) if isinstance(key, str) else key

    def _list(self, items: list[Any], keys: tuple[str, ...]) -> list[Any]:
        """Return the items; a block that stands as an item and is a list itself is spread out."""
        made: list[Any] = []
        for item in items:
            value = self.filled(item, keys)
            spread = isinstance(item, str) and isinstance(value, list)
            made += value if spread else [value]
        return made

    def _scalar(self, text: str, keys: tuple[str, ...]) -> Any:
        alone = _MARK.fullmatch(text)
        if alone and alone[1] in self.blocks:
            return self.blocks[alone[1]](keys)
        if alone and alone[1] in NUMBERS:
            return int(self.values[alone[1]])
        return self._text(text)

    def _text(self, text: str) -> str:
        return _MARK.sub(self._value, text)

    def _value(self, match: re.Match[str]) -> str:
        if match[1] in self.blocks:
            raise ValueError(f"`{{{{ {match[1]} }}}}` must stand alone as a value.")
        return self.values[match[1]]


class _Loader(yaml.SafeLoader):
    def compose_node(self, parent: Any, index: Any) -> Any:
        # A few lines of aliases can stand for more data than fits in memory.
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases such as `*name` are not possible here")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                problem = f"the key `{key.value}` is there twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep=deep)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text_node(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text_node)


def _parsed(text: str) -> Any:
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 (it is a SafeLoader)
    except RecursionError as error:
        raise ValueError("The body has too many levels.") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f" in line {mark.line + 1}" if mark else ""
        words = _MARK.sub(r"{{ \1 }}", error.problem or "cannot be read")
        raise ValueError(f"The body is not YAML{line}: {words}.") from error
    except (yaml.YAMLError, ValueError) as error:
        raise ValueError(f"The body is not YAML: {error}.") from error
