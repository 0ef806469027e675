"""The ways of telling a system who it is: a template becomes the format's files. No Django."""

from collections.abc import Mapping
from types import ModuleType

from profiles import template
from profiles.facts import Facts
from profiles.formats import autoinstall, cloud_init, kickstart, preseed

FORMATS = ("none", "preseed", "kickstart", "autoinstall", "cloud-init")
INSTALLERS = ("preseed", "kickstart", "autoinstall")  # they put a system on the machine's disk
_MODULES: Mapping[str, ModuleType] = {
    "preseed": preseed,
    "kickstart": kickstart,
    "autoinstall": autoinstall,
    "cloud-init": cloud_init,
}


def variables(config_format: str) -> dict[str, str]:
    """Return the variables that a body of this format may use, with their meanings."""
    if config_format == "none":
        return {}
    blocks: dict[str, str] = _module(config_format).BLOCKS
    return template.VARIABLES | blocks


def default_body(config_format: str) -> str:
    """Return a body that works as it is, to start from."""
    return "" if config_format == "none" else str(_module(config_format).DEFAULT_BODY)


def render(config_format: str, body: str, facts: Facts) -> dict[str, str]:
    """Return the configuration's files by name; raises ValueError with a sentence."""
    if config_format == "none":
        return {}
    files: dict[str, str] = _module(config_format).render(body, facts)
    return files


def kernel_arguments(config_format: str, facts: Facts, config_url: str) -> list[str]:
    """Return what the kernel command line needs so that the system finds its configuration.

    `config_url` is the folder of the files; only a format that fetches them uses it.
    """
    if config_format == "none":
        return []
    arguments: list[str] = _module(config_format).kernel_arguments(facts, config_url)
    return arguments


def _module(config_format: str) -> ModuleType:
    if config_format not in _MODULES:
        raise ValueError(f"{config_format!r} is not a format: there are {', '.join(FORMATS)}.")
    return _MODULES[config_format]
