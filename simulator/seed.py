"""What Bearman hands to a system that boots: its secret, its nonce, and configuration files."""

import re
from dataclasses import dataclass, field

from simulator import newc

SEED = "bearman/seed"
KEYS = ("url", "grpc", "uuid", "token", "nonce")
CONFIGURATIONS = ("preseed.cfg", "ks.cfg")


class SeedError(Exception):
    """A system that gets this cannot call back; the words say why."""


@dataclass(frozen=True, slots=True)
class Seed:
    """The lines of `/bearman/seed`, and all files of the archive by their path."""

    url: str
    grpc: str
    uuid: str
    token: str = field(repr=False)
    nonce: str
    files: dict[str, newc.Entry] = field(repr=False)

    def configuration(self) -> str | None:
        """The text of an installer's answers, if the archive has some."""
        for name in CONFIGURATIONS:
            if name in self.files:
                return self.files[name].content.decode("utf-8", "replace")
        return None


def read(entries: dict[str, newc.Entry]) -> Seed:
    """Read the entries of an initramfs; raises SeedError."""
    found = newc.files(entries)
    if SEED not in found:
        raise SeedError(f"the initramfs has no /{SEED}")
    if found[SEED].mode & 0o777 != 0o600:
        raise SeedError(f"/{SEED} has mode {found[SEED].mode & 0o777:o}: others could read it")
    lines = found[SEED].content.decode("utf-8", "replace").splitlines()
    values = dict(re.findall(r"^(\S+) (.*)$", "\n".join(lines), re.MULTILINE))
    missing = [key for key in KEYS if not values.get(key)]
    if missing:
        raise SeedError(f"/{SEED} does not say {', '.join(missing)}")
    return Seed(**{key: values[key] for key in KEYS}, files=found)
