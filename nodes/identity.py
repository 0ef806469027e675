"""Whether two descriptions are of one machine. Pure arithmetic; no Django here.

A UUID alone proves little: vendors clone it, sleds share it, firmware loses it. So a machine that
says a known UUID is compared with the one that owns it, part by part. Each kind of part that both
have speaks for or against; what one of them lacks says nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

# What each kind of part weighs. The board and the interfaces on it are the machine; serials of
# the system are also shared by the sleds of one chassis; memory moves between machines.
BOARD, SERIAL, MACS, MEMORY = 3, 2, 3, 2
A_FEW_SHARED = 1
OTHER_MEMORY = -1


@dataclass(frozen=True, slots=True)
class Evidence:
    """What can be recognised of a machine besides its UUID; empty values are unknown."""

    serial: str = ""
    board_serial: str = ""
    macs: frozenset[str] = frozenset()
    memory_serials: frozenset[str] = frozenset()
    build: tuple[str, ...] = ()  # vendor, product, board, CPU, memory: the same for a whole batch


class Sign(NamedTuple):
    """One kind of part, what it weighs here, and the words for it."""

    weight: int
    words: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it is the same machine, and every sign for and against."""

    same: bool
    score: int
    signs: list[Sign] = field(default_factory=list)

    @property
    def against(self) -> str:
        """Return the signs that it is another machine, as words."""
        return "; ".join(sign.words for sign in self.signs if sign.weight < 0)

    @property
    def speaking_for(self) -> str:
        """Return the signs that it is the same machine, as words."""
        return "; ".join(sign.words for sign in self.signs if sign.weight > 0)


def telling_macs(macs: Iterable[str]) -> frozenset[str]:
    """Return the MAC addresses that tell a machine from others: those that a vendor assigned.

    Locally administered ones (IEEE 802 section 8.4: bit 1 of the first octet) may be the same in
    many machines, such as that of the USB link to the BMC. Where there are no others, as in
    virtual machines, they must do.
    """
    every = frozenset(macs)
    return frozenset(mac for mac in every if not int(mac[:2], 16) & 2) or every


def compare(known: Evidence, newcomer: Evidence) -> Verdict:
    """Judge whether `newcomer` is the machine that `known` describes.

    It is, if what speaks for it outweighs what speaks against it; but another board (where boards
    have no serial, another serial) is never outweighed: whether that was swapped or the parts
    moved, a person knows. Where the two have no kind of part in common to compare, only the very
    same build counts.
    """
    signs = [
        *_text("board serial", known.board_serial, newcomer.board_serial, BOARD),
        *_text("system serial", known.serial, newcomer.serial, SERIAL),
        *_parts("MAC addresses", known.macs, newcomer.macs, MACS, -MACS),
        *_parts(
            "memory modules", known.memory_serials, newcomer.memory_serials, MEMORY, OTHER_MEMORY
        ),
    ]
    if not signs:
        same_build = known.build == newcomer.build
        words = "same build, nothing else to compare" if same_build else "another build"
        signs = [Sign(1 if same_build else -1, words)]
    score = sum(sign.weight for sign in signs)
    return Verdict(score > 0 and not _another(known, newcomer), score, signs)


def _another(known: Evidence, newcomer: Evidence) -> bool:
    """Say whether board, or where one has no serial the whole machine, is another one."""
    pairs = ((known.board_serial, newcomer.board_serial), (known.serial, newcomer.serial))
    compared = next(((one, two) for one, two in pairs if one and two), ("", ""))
    return compared[0] != compared[1]


def _text(name: str, known: str, newcomer: str, weight: int) -> list[Sign]:
    if not known or not newcomer:
        return []
    if known == newcomer:
        return [Sign(weight, f"same {name} {known}")]
    return [Sign(-weight, f"{name} {newcomer} instead of {known}")]


def _parts(
    name: str, known: frozenset[str], newcomer: frozenset[str], many: int, none: int
) -> list[Sign]:
    if not known or not newcomer:
        return []
    shared = len(known & newcomer)
    if not shared:
        return [Sign(none, f"no {name} in common")]
    words = f"{shared} of {len(known)} {name} in common"
    return [Sign(many if 2 * shared >= min(len(known), len(newcomer)) else A_FEW_SHARED, words)]
