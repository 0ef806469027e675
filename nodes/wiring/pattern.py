"""Patterns of cables: `eno1 -> leaf-{rack}a:{unit}`, with what they mean for one machine."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from nodes.inventory.iplink import INTERFACE_NAME
from nodes.wiring.names import MAC, short_switch, switch_key
from nodes.wiring.plan import End

MAX_LINES: Final = 64
MAX_LINE: Final = 300
MAX_NAME: Final = 100

_ARROW = re.compile(r"\s*(?:->|→)\s*")
_VARIABLE = re.compile(r"\{(rack|unit)([+-][0-9]{1,3})?(?::0?([1-9]))?\}")
_UNITS = re.compile(r"\\\{unit.*?\\\}")  # escaped for a regular expression
_BRACE = re.compile(r"[{}]")
_OPTION = re.compile(r"(speed|vlan|mtu)=([0-9]{1,5})")
LIMITS: Final = {"speed": (1, 1600), "vlan": (1, 4094), "mtu": (576, 65535)}


class PatternError(ValueError):
    """One sentence that names the line and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line: an interface, and templates of the switch and of its port.

    `{rack}` and `{unit}` stand for the machine's place. `{unit:02}` has a zero in front, and
    `{unit+24}` counts from there on.
    """

    interface: str
    switch: str
    port: str
    speed: int | None = None
    vlan: int | None = None
    mtu: int | None = None

    @property
    def needs(self) -> frozenset[str]:
        """Return which of `rack` and `unit` have to be known."""
        return frozenset(found[1] for found in _VARIABLE.finditer(self.switch + self.port))

    def end(self, *, rack: str, unit: int | None, source: str) -> End | None:
        """Return where the cable of a machine at this place must lead; None if that needs more."""
        switch, port = _filled(self.switch, rack, unit), _filled(self.port, rack, unit)
        if switch is None or port is None:
            return None
        return End(switch, port, self.speed, self.vlan, self.mtu, source)

    def places(self, switch: str, port: str, *, rack: str) -> set[tuple[str, int]]:
        """Return whose port that is: rack (in small letters) and unit; `rack` is ours.

        A pattern without a rack or a unit in it says nothing about other machines.
        """
        names = {switch_key(switch), short_switch(switch)}
        if "unit" not in self.needs or not any(_shape(self.switch).fullmatch(n) for n in names):
            return set()
        racks = {rack}.union(*(self._racks(name) for name in names))
        units = {
            int(number) - int(found[2] or 0)
            for number in _numbers(switch, port)
            for found in _VARIABLE.finditer(self.switch + self.port)
            if found[1] == "unit"
        }
        places = ((one, unit) for one in racks for unit in units if 0 < unit < 1000)
        return {place for place in places if self._leads(*place, switch, port)}

    def _leads(self, rack: str, unit: int, switch: str, port: str) -> bool:
        end = self.end(rack=rack, unit=unit, source="")
        return end is not None and end.is_at(switch, port)

    def _racks(self, name: str) -> set[str]:
        """Return what stands for {rack} in the name of a switch, where it stands there once."""
        if self.switch.count("{rack}") != 1:
            return set()
        around = re.split(r"\{rack\}", self.switch.casefold())
        before, after = (_UNITS.sub("[0-9]+", re.escape(part)) for part in around)
        found = re.fullmatch(f"{before}(.{{1,32}}){after}", name)
        return {found[1]} if found else set()

    def __str__(self) -> str:
        options = (("speed", self.speed), ("vlan", self.vlan), ("mtu", self.mtu))
        words = (f"{name}={value}" for name, value in options if value)
        return " ".join((f"{self.interface} -> {self.switch}:{self.port}", *words))


def parse_patterns(text: str) -> tuple[Pattern, ...]:
    """Return the patterns, one a line; empty lines and those that begin with # are none.

    Raises PatternError.
    """
    found: dict[str, Pattern] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if len(found) == MAX_LINES:
            raise PatternError(f"A plan has at most {MAX_LINES} patterns.")
        try:
            pattern = _parse(line.strip())
        except PatternError as error:
            raise PatternError(f"Line {number}: {error}") from None
        if pattern.interface in found:
            raise PatternError(f"Line {number}: {pattern.interface} has a pattern already.")
        found[pattern.interface] = pattern
    _require_different_ends(found.values())
    return tuple(found.values())


def _require_different_ends(patterns: Iterable[Pattern]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for pattern in patterns:
        other = seen.setdefault((pattern.switch, pattern.port), pattern.interface)
        if other != pattern.interface:
            raise PatternError(
                f"{other} and {pattern.interface} both lead to {pattern.switch}:{pattern.port}."
            )


def _parse(line: str) -> Pattern:
    interface, *rest = _ARROW.split(line[:MAX_LINE], maxsplit=1)
    if not rest or len(line) > MAX_LINE:
        raise PatternError("Write INTERFACE -> SWITCH:PORT, such as eno1 -> leaf-{rack}a:{unit}.")
    if not INTERFACE_NAME.fullmatch(interface):
        raise PatternError(f"{interface[:64]!r} is not the name of an interface.")
    target, options = split_options(rest[0])
    switch, port = split_target(target)
    if not switch or not port:
        raise PatternError(f"{target[:64]!r} is not SWITCH:PORT.")
    for part in (switch, port):
        _require_variables(part)
    return Pattern(interface, switch, port, **options)


def split_target(target: str) -> tuple[str, str]:
    """Return switch and port of `SWITCH:PORT`; the switch may be its MAC address."""
    found = MAC.match(target.lower())
    if found and target[found.end() : found.end() + 1] == ":":
        return target[: found.end()], target[found.end() + 1 :].strip()
    depth = 0
    for place, character in enumerate(target):
        depth += (character == "{") - (character == "}")
        if character == ":" and depth == 0:
            return target[:place].strip(), target[place + 1 :].strip()
    return target.strip(), ""


def split_options(text: str) -> tuple[str, dict[str, int]]:
    """Return a text without the `speed=`, `vlan=` and `mtu=` at its end, and these."""
    words = text.split()
    options: dict[str, int] = {}
    while words and "=" in words[-1]:
        word = words.pop()
        found = _OPTION.fullmatch(word)
        if found is None or found[1] in options:
            raise PatternError(f"{word[:64]!r}: after the port there may be speed=, vlan=, mtu=.")
        options[found[1]] = checked(found[1], int(found[2]))
    return " ".join(words), options


def checked(name: str, value: int) -> int:
    """Return the value of speed (Gb/s), vlan or mtu (bytes); raises PatternError out of range."""
    least, most = LIMITS[name]
    if not least <= value <= most:
        raise PatternError(f"{name} is from {least} to {most}, not {value}.")
    return value


def _require_variables(template: str) -> None:
    rest = _VARIABLE.sub("", template)
    if _BRACE.search(rest):
        raise PatternError(
            f"{template[:64]!r}: the variables are {{rack}}, {{unit}}, {{unit:02}} and {{unit+24}}."
        )
    for found in _VARIABLE.finditer(template):
        if found[1] == "rack" and (found[2] or found[3]):
            raise PatternError(f"{found[0]}: a rack's name is neither counted nor padded.")


@lru_cache(maxsize=4096)
def _shape(template: str) -> re.Pattern[str]:
    """Return what all names that a template can stand for look like, in small letters."""
    template = switch_key(template)
    parts = (re.escape(part) for part in re.split(r"\{[^}]*\}", template))
    return re.compile(".{0,40}".join(parts) + r"(\..*)?")


def _numbers(*names: str) -> list[str]:
    """Return the last numbers of each name; a name that is all numbers must not cost time."""
    return [number for name in names for number in re.findall(r"[0-9]{1,5}", name)[-4:]]


def _filled(template: str, rack: str, unit: int | None) -> str | None:
    """Return the template with a place filled in; None where it is not known or gives no name."""
    for found in _VARIABLE.finditer(template):
        known = rack if found[1] == "rack" else unit is not None
        if not known or (found[1] == "unit" and (unit or 0) + int(found[2] or 0) < 0):
            return None

    def value(found: re.Match[str]) -> str:
        if found[1] == "rack":
            return rack
        return str((unit or 0) + int(found[2] or 0)).zfill(int(found[3] or 1))

    return _VARIABLE.sub(value, template)[:MAX_NAME] or None
