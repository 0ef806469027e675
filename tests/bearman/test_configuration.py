"""The page of settings and the settings."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def in_code() -> dict[str, ast.expr]:
    """Each variable that settings.py reads, with its default."""
    tree = ast.parse((ROOT / "bearman" / "settings.py").read_text())
    return {
        call.args[0].value: call.args[1]
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def on_page() -> dict[str, str]:
    """Each variable on the page, with the default that it tells."""
    page = (ROOT / "docs" / "configuration.md").read_text()
    return dict(re.findall(r"^\| `([A-Z0-9_]+)`(?: \*)? \| (.*?) \| .+ \|$", page, re.MULTILINE))


def test_the_page_has_every_setting_and_no_other() -> None:
    assert set(on_page()) == set(in_code())


def test_the_page_tells_the_defaults_that_the_code_has() -> None:
    page = on_page()
    for name, default in in_code().items():
        try:
            value = ast.literal_eval(default)
        except ValueError:
            continue  # it is derived from another setting, and told in words
        told = page[name].partition(":")[0].strip("`").lower() if value in ("", []) else page[name]
        if value in ("", []):
            assert told in {"empty", "made once, in the data folder"}, name
        elif isinstance(value, list):
            assert told.strip("`") == ",".join(value), name
        elif not isinstance(default, ast.BinOp):
            assert told.strip("`").lower() == str(value).lower(), name


def test_every_setting_is_named_for_the_product() -> None:
    assert {name for name in in_code() if not name.startswith("BEARMAN_")} == {"DATABASE_URL"}
