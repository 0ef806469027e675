"""Files that are replaced as a whole."""

import os
import tempfile
from pathlib import Path

from bearman.lib.errors import Unavailable


def write(path: Path, content: bytes, *, secret: bool = False) -> None:
    """Replace a file atomically; a secret one is for its owner only. Raises Unavailable."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            os.fchmod(descriptor, 0o600 if secret else 0o644)
            file.flush()
            os.fsync(descriptor)
        Path(draft).replace(path)
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror}.") from error
