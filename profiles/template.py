"""Templates of the `{{ name }}` kind: names are replaced by values, and nothing else happens."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from string import Template

from profiles.facts import Facts

# The variables that every template may use.
VARIABLES: dict[str, str] = {
    "hostname": "Host name without domain.",
    "domain": "Domain; may be empty.",
    "fqdn": "Host name with the domain.",
    "uuid": "SMBIOS UUID; empty where the machine has none.",
    "serial": "Serial number of the machine, as plain text.",
    "vendor": "Vendor of the machine, as plain text.",
    "product_name": "Product name of the machine, as plain text.",
    "zone": "Availability zone.",
    "address": "First address, without prefix length.",
    "prefix_length": "Prefix length of its network.",
    "netmask": "The same as a netmask.",
    "gateway": "Its default gateway; may be empty.",
    "vlan_id": "Its VLAN; 0 for none.",
    "interface": "First network interface, by its name in stage one.",
    "mac": "MAC address of that interface.",
    "dns": "Name servers, with blanks between them.",
    "disk": "Disk to install on, such as /dev/sda; may be empty.",
    "url": "Address of Bearman, as machines see it.",
    "baremetal_id": "Number of the deployment.",
    "nonce": "Public number of this boot, by which Bearman knows what booted.",
}
WORDS = ("vendor", "product_name", "serial", "zone")  # free text
_NOT_IN_APPEND = re.compile(r"[^A-Za-z0-9._:/@,+=-]")
_IPXE = ("${", "||", "&&")  # would be iPXE's own syntax: https://ipxe.org/scripting


class _Body(Template):
    delimiter = "{{"
    pattern = r"""
        (?P<escaped>\{\{\{\{) |
        \{\{[ ]*(?P<named>[a-z][a-z0-9_]*)[ ]*\}\} |
        (?P<braced>(?!)) |
        (?P<invalid>\{\{)
    """  # type: ignore[assignment]  # Template makes a compiled pattern of it
    flags = re.VERBOSE


def values_of(facts: Facts) -> dict[str, str]:
    """Return the value of every variable."""
    first, link = facts.addresses[0], facts.links[0]
    same = ("hostname", "domain", "fqdn", "uuid", "disk", "url", "baremetal_id", "nonce", *WORDS)
    return {
        **{name: str(getattr(facts, name)) for name in same},
        "address": first.address,
        "prefix_length": str(first.prefix_length),
        "netmask": first.netmask,
        "gateway": first.gateway,
        "vlan_id": str(first.vlan_id),
        "interface": link.name,
        "mac": link.mac,
        "dns": " ".join(facts.dns),
    }


def single_words(values: Mapping[str, str]) -> dict[str, str]:
    """Return the values with free text as one word each, so that it cannot become arguments."""
    return {k: v.replace(" ", "_") if k in WORDS else v for k, v in values.items()}


def render(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with each `{{ name }}` replaced, and `{{{{` by two braces.

    Raises ValueError with the first of its problems.
    """
    problems = check(text, values)
    if problems:
        raise ValueError(problems[0])
    return _Body(text).substitute(values)


def check(text: str, allowed: Iterable[str]) -> list[str]:
    """Return what is wrong with a template as sentences; `allowed` are the variables it may use."""
    names = list(allowed)
    problems = []
    for match in _Body.pattern.finditer(text):  # type: ignore[attr-defined]
        line = text.count("\n", 0, match.start()) + 1
        name = match["named"]
        if match["invalid"] is not None:
            problems.append(
                f"Line {line} has `{{{{` that begins no variable: close it as in "
                "`{{ hostname }}`, or write `{{{{` for two braces."
            )
        elif name is not None and name not in names:
            close = get_close_matches(name, names, n=1)
            hint = f"did you mean `{close[0]}`?" if close else f"there are {', '.join(names)}."
            problems.append(f"Line {line} has the unknown variable `{name}`: {hint}")
    return problems


def uses(text: str, name: str) -> bool:
    """Say whether a template has this variable in it."""
    return any(match["named"] == name for match in _Body.pattern.finditer(text))  # type: ignore[attr-defined]


def check_append(text: str) -> list[str]:
    """Return what is wrong with a template of a kernel command line, as sentences."""
    problems = check(text, VARIABLES)
    if not all(" " <= char <= "~" for char in text):
        problems.append("It must be one line of printable ASCII.")
    if any(word.startswith("#") for word in text.split()):
        problems.append("To iPXE a word that begins with `#` is the end of the line.")
    problems += [f"`{sign}` has a meaning to iPXE and cannot be in it." for sign in _ipxe(text)]
    return problems


def append(text: str, facts: Facts) -> str:
    """Return a kernel command line from its template; raises ValueError.

    A value never adds an argument: what is not `[A-Za-z0-9._:/@,+=-]` in it becomes `_`.
    """
    problems = check_append(text)
    if problems:
        raise ValueError(problems[0].rstrip("."))
    values = {name: _NOT_IN_APPEND.sub("_", value) for name, value in values_of(facts).items()}
    line = _Body(text).substitute(values)
    if _ipxe(line):  # as where an empty value stands between two bars
        raise ValueError(f"it becomes {line!r}, which iPXE would not take as it is")
    return line


def _ipxe(text: str) -> list[str]:
    return [sign for sign in _IPXE if sign in text]
