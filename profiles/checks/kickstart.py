"""Kickstart: `ksvalidator`, of the Python package pykickstart."""

import re
from collections.abc import Mapping

from profiles.checks import program

CHECKER = "ksvalidator"
DEFAULT_VERSION = "RHEL9"
_VERSION = re.compile(r"#\s*version=([A-Z]+[0-9]+)\s*$", re.MULTILINE)
# Both it and the installer would read another file before they look at anything.
_OTHER_FILE = re.compile(r"^\s*%ksappend\b", re.MULTILINE)
_HEADING = "Checking kickstart file"


def check(files: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return the checker's name, or an empty one, and what is wrong.

    The syntax is that of the line `#version=`, such as RHEL9; `ksvalidator -l` lists them all.
    """
    text = files["ks.cfg"]
    if _OTHER_FILE.search(text):
        return "", ["`%ksappend` reads another file: put its text here."]
    if not program.installed(CHECKER):
        return "", []
    named = _VERSION.match(text)
    version = named[1] if named else DEFAULT_VERSION
    outcome = program.run([CHECKER, "-v", version, "ks.cfg"], files)
    words = " ".join(line for line in outcome.lines if not line.startswith(_HEADING))
    return CHECKER, ([words or "It is not valid."] if outcome.code else [])
