"""Where the token comes from; never from the command line, which other users can read."""

import os
import re
from pathlib import Path

from bearman_cli.errors import CliError
from bearman_cli.exit_codes import ExitCode
from bearman_cli.notes import Notes

# What may stand in an HTTP Bearer credential: RFC 6750 section 2.1, b64token.
TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
FILE_LIMIT = 4096  # bytes


def read(notes: Notes, *, home_file: bool) -> str:
    """The token from BEARMAN_TOKEN, the file BEARMAN_TOKEN_FILE, or (operators) the home file."""
    text = os.environ.get("BEARMAN_TOKEN", "").strip()
    source = "BEARMAN_TOKEN"
    if not text:
        path = _file(home_file)
        text, source = _text_of(path, notes), str(path)
    if not TOKEN.fullmatch(text):
        raise _denied(f"What {source} holds is not a token.")
    return text


def _file(home_file: bool) -> Path:
    """The file to read; XDG Base Directory Specification 0.8 for the one in the home."""
    if named := os.environ.get("BEARMAN_TOKEN_FILE"):
        return Path(named)
    if home_file:
        config = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
        path = Path(config).expanduser() / "bearman" / "token"
        if path.exists():
            return path
        raise _denied("There is no token.", f"Put one into {path}, or set BEARMAN_TOKEN.")
    raise _denied("There is no token.", "Set BEARMAN_TOKEN or BEARMAN_TOKEN_FILE.")


def _text_of(path: Path, notes: Notes) -> str:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(FILE_LIMIT)
    except OSError as error:
        raise _denied(f"The token file {path} cannot be read: {error.strerror}.") from None
    if mode & 0o077:
        notes.say(f"Others can read the token file {path}: run `chmod 600 {path}`.")
    return data.decode("utf-8", "replace").strip()


def _denied(message: str, advice: str = "") -> CliError:
    return CliError(ExitCode.DENIED, message, advice)
