"""Reads public SSH keys from files."""

import re
from collections.abc import Iterable
from pathlib import Path

from bearman_cli.errors import wrong_usage

FILE_LIMIT = 64 * 1024  # bytes
KEYS_LIMIT = 100
# sshd(8), AUTHORIZED_KEYS FILE FORMAT, without options: type, Base64, comment.
KEY = re.compile(r"(ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+ [A-Za-z0-9+/]{16,}=*( .*)?")


def read(names: Iterable[str]) -> list[str]:
    """The keys of all files in turn, each once; raises CliError for what is not a public key."""
    keys = list(dict.fromkeys(key for name in names for key in _keys_of(name)))
    if len(keys) > KEYS_LIMIT:
        raise wrong_usage(f"These are {len(keys)} SSH keys; {KEYS_LIMIT} is the most.")
    return keys


def _keys_of(name: str) -> list[str]:
    try:
        with Path(name).expanduser().open("rb") as file:
            data = file.read(FILE_LIMIT + 1)
    except OSError as error:
        raise wrong_usage(f"The SSH key {name} cannot be read: {error.strerror}.") from None
    if len(data) > FILE_LIMIT:
        raise wrong_usage(f"{name} is too large for a file of SSH keys.")
    if b"PRIVATE KEY" in data:
        raise wrong_usage(f"{name} is a private key. Nothing was sent.", f"Give {name}.pub.")
    lines = [line.strip() for line in data.decode("utf-8", "replace").splitlines()]
    keys = [line for line in lines if line and not line.startswith("#")]
    if not keys:
        raise wrong_usage(f"{name} holds no SSH key.")
    if wrong := next((line for line in keys if not KEY.fullmatch(line)), None):
        raise wrong_usage(f"{name} holds a line that is no public SSH key: {wrong[:40]!r}.")
    return keys
