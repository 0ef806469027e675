"""autoinstall: a JSON schema of our own for the inside, `cloud-init schema` for the outside."""

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from profiles.checks import cloud_init, program
from profiles.checks.autoinstall_schema import SCHEMA

_VALIDATOR = Draft202012Validator(SCHEMA)


def check(files: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return the checkers' name and what is wrong with user-data."""
    data, problems = cloud_init.parsed("user-data", files["user-data"])
    if not problems and "autoinstall" not in data:
        problems = ["user-data has no key `autoinstall`."]
    if not problems:
        problems = _inside(data["autoinstall"]) + cloud_init.schema(files["user-data"])
    outside = f", {cloud_init.CHECKER}" if program.installed(cloud_init.CHECKER) else ""
    return f"jsonschema{outside}", problems


def _inside(autoinstall: object) -> list[str]:
    errors = sorted(_VALIDATOR.iter_errors(autoinstall), key=_place)
    return [f"{_place(error)}: {_words(error)}" for error in errors]


def _place(error: ValidationError) -> str:
    return ".".join(["autoinstall", *(str(part) for part in error.absolute_path)])


def _words(error: ValidationError) -> str:
    """Return the validator's sentence, or the one that the schema has for this place."""
    own: Mapping[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    return str(own.get("description") or error.message)[:300]
