"""Where Debian's Chromium is, and how it is started without a display and as root."""

import os
import shutil

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
WHY_NOT = "there is no chromium on this machine; `make browser` installs it"


def chromium() -> str | None:
    """Return the path of the browser, or None."""
    usual = "/usr/bin/chromium"
    return usual if os.access(usual, os.X_OK) else shutil.which("chromium")
