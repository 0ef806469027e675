"""docs/profiles.md says what there is."""

from pathlib import Path

from profiles import formats, template

PAGE = (Path(__file__).parents[3] / "docs" / "profiles.md").read_text()


def test_every_variable_is_documented_with_its_meaning() -> None:
    for name, meaning in template.VARIABLES.items():
        assert f"| `{name}` | {meaning} |" in PAGE


def test_every_block_is_documented_with_its_meaning() -> None:
    for config_format in formats.FORMATS:
        blocks = formats.variables(config_format).items() - template.VARIABLES.items()
        for name, meaning in blocks:
            assert f"| {config_format} | `{name}` | {meaning} |" in PAGE
