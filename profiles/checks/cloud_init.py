"""cloud-init: its own `cloud-init schema`, and its own reading of the network; Debian's package."""

import re
from collections.abc import Mapping

import yaml

from profiles.checks import program

CHECKER = "cloud-init"
# What it writes around the errors: a heading, and one without a text below where there are none.
_AROUND = re.compile(r"Error:|Cloud config schema errors:|Cloud config schema deprecations:\s*$")


def check(files: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return the checker's name, or an empty one, and what is wrong with the four files."""
    problems = [
        problem
        for name in ("meta-data", "user-data", "vendor-data", "network-config")
        for problem in parsed(name, files[name])[1]
    ]
    if not problems:
        problems = schema(files["user-data"]) + _network(files["network-config"])
    return CHECKER if program.installed(CHECKER) else "", problems


def parsed(name: str, text: str) -> tuple[dict[str, object], list[str]]:
    """Return a file's mapping, and what is wrong with it as YAML."""
    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        return {}, [f"{name} is not YAML: {' '.join(str(error).split())}."]
    if not isinstance(data, dict):
        return {}, [f"{name} is not a mapping."]
    return data, []


def schema(user_data: str) -> list[str]:
    """Return what cloud-init's schema says against user-data; nothing where it is not installed."""
    if not program.installed(CHECKER):
        return []
    arguments = [CHECKER, "schema", "--config-file", "user-data"]
    outcome = program.run(arguments, {"user-data": user_data})
    if not outcome.code:
        return []
    words = _AROUND.sub("", " ".join(outcome.lines)).strip()
    return [words or "user-data is not valid."]


def _network(text: str) -> list[str]:
    """Have cloud-init turn network-config into files for networkd, which reads all of it."""
    if not program.installed(CHECKER):
        return []
    arguments = "devel net-convert -k yaml -D debian -O networkd -d made -p network-config"
    outcome = program.run([CHECKER, *arguments.split()], {"network-config": text})
    if not outcome.code:
        return []
    return [f"network-config: {outcome.lines[-1] if outcome.lines else 'it is not valid'}"]
