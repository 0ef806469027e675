"""YAML as recipes are written in: safe, and with no key given twice."""

import yaml


class NotYaml(Exception):
    """It cannot be read; the text says why, on one line."""


class _Loader(yaml.SafeLoader):
    """Refuses a key that is there twice: the first would be lost without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"`{key.value}` is there twice", problem_mark=key.start_mark
                )
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else id(key))
        return super().construct_mapping(node, deep)


def read(text: bytes) -> object:
    """What the text says; raises NotYaml."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - it is a SafeLoader
    except RecursionError:
        raise NotYaml("it is nested too deeply") from None
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date that there is not
        raise NotYaml(" ".join(str(error).split())) from None
