"""What an autoinstall configuration may hold, as JSON schema (2020-12), in our own words.

After Ubuntu's reference, for the installers of 20.04 to 24.04 (version 1 of the format):
https://canonical-subiquity.readthedocs-hosted.com/en/latest/reference/autoinstall-reference.html
Newer installers refuse keys that they do not know, so this one does too.
"""

from typing import Any

_TEXT: dict[str, Any] = {"type": "string"}
_TEXTS: dict[str, Any] = {"type": "array", "items": _TEXT}
_FLAG: dict[str, Any] = {"type": "boolean"}
_ANY_MAPPING: dict[str, Any] = {"type": "object"}
# A command is a line for `sh -c`, or the list of a program and its arguments.
_COMMANDS: dict[str, Any] = {
    "type": "array",
    "items": {
        "description": "it is no text and no list of texts",
        "oneOf": [{"type": "string", "minLength": 1}, {**_TEXTS, "minItems": 1}],
    },
}


def _mapping(required: tuple[str, ...] = (), **keys: Any) -> dict[str, Any]:
    """Return a mapping with these keys and no others; `_` in a name stands for `-`."""
    named = {name.replace("_", "-"): schema for name, schema in keys.items()}
    return {
        "type": "object",
        "properties": named,
        "required": list(required),
        "additionalProperties": False,
    }


_KEYBOARD = _mapping(("layout",), layout=_TEXT, variant=_TEXT, toggle={"type": ["string", "null"]})
_SOURCE = _mapping(search_drivers=_FLAG, id=_TEXT)
_IDENTITY = _mapping(
    ("username", "hostname", "password"),
    realname=_TEXT,
    username={"type": "string", "pattern": "^[a-z_][a-z0-9_-]*$", "not": {"const": "root"}},
    hostname=_TEXT,
    password={"type": "string", "minLength": 2},
)
_SSH = _mapping(install_server=_FLAG, authorized_keys=_TEXTS, allow_pw=_FLAG)
_SNAP = _mapping(("name",), name=_TEXT, channel=_TEXT, classic=_FLAG)
_NETWORK = {
    "type": "object",
    "required": ["version"],
    "properties": {
        "version": {"const": 2},
        **{
            kind: {"type": "object", "additionalProperties": _ANY_MAPPING}
            for kind in ("ethernets", "bonds", "vlans", "bridges", "wifis")
        },
    },
}
_LAYOUT = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"enum": ["direct", "lvm", "zfs", "hybrid"]},
        "match": _ANY_MAPPING,
        "password": _TEXT,
        "key": _TEXT,
        "mode": {"enum": ["reformat_disk", "use_gap"]},
        "sizing-policy": {"enum": ["scaled", "all"]},
        "reset-partition": {"type": ["boolean", "string", "integer"]},
        "reset-partition-only": _FLAG,
        "encrypted": _FLAG,
    },
}
_STORAGE = {
    "type": "object",
    "properties": {
        "version": {"type": "integer"},
        "layout": _LAYOUT,
        "config": {"type": "array", "items": {"type": "object", "required": ["type", "id"]}},
        "swap": _ANY_MAPPING,
        "grub": _ANY_MAPPING,
    },
}
_REPORTING = {
    "type": "object",
    "additionalProperties": {"type": "object", "required": ["type"]},
}
_ENTRIES = _mapping(
    ("version",),
    version={"const": 1},
    interactive_sections=_TEXTS,
    early_commands=_COMMANDS,
    late_commands=_COMMANDS,
    error_commands=_COMMANDS,
    locale=_TEXT,
    refresh_installer=_mapping(update=_FLAG, channel=_TEXT),
    keyboard=_KEYBOARD,
    source=_SOURCE,
    network=_NETWORK,
    proxy={"type": ["string", "null"]},
    apt=_ANY_MAPPING,
    storage=_STORAGE,
    identity=_IDENTITY,
    active_directory=_mapping(admin_name=_TEXT, domain_name=_TEXT),
    ubuntu_pro=_mapping(token=_TEXT),
    ubuntu_advantage=_mapping(token=_TEXT),
    ssh=_SSH,
    codecs=_mapping(install=_FLAG),
    drivers=_mapping(("install",), install=_FLAG),
    oem=_mapping(("install",), install={"enum": [True, False, "auto"]}),
    snaps={"type": "array", "items": _SNAP},
    debconf_selections=_TEXT,
    packages=_TEXTS,
    kernel={
        **_mapping(package=_TEXT, flavor=_TEXT),
        "minProperties": 1,
        "maxProperties": 1,
    },
    kernel_crash_dumps=_mapping(("enabled",), enabled={"type": ["boolean", "null"]}),
    timezone=_TEXT,
    updates={"enum": ["security", "all"]},
    shutdown={"enum": ["reboot", "poweroff"]},
    reporting=_REPORTING,
    user_data=_ANY_MAPPING,
    zdevs={"type": "array", "items": _ANY_MAPPING},
)
# Without a user the installed system could not be used, so the installer asks for one.
_SOMEBODY = {
    "description": "it needs `identity` or `user-data`, or the installer asks for a user",
    "anyOf": [{"required": ["identity"]}, {"required": ["user-data"]}],
}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    **_ENTRIES,
    "allOf": [_SOMEBODY],
}
