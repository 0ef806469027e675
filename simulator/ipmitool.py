"""The local `ipmitool` of a simulated machine: what it prints and does with the machine's BMC.

Words and formats are those of ipmitool 1.8.19: lib/ipmi_lanp.c, ipmi_user.c and ipmi_channel.c.
"""

import math
import shlex
from collections.abc import Callable, Sequence
from typing import NamedTuple

from simulator.bmc import BmcAddressError, Privilege, SimulatedBmc, Source, User
from simulator.bmc.commands import COMMANDS
from simulator.bmc.completion import CommandError

LAN_CHANNEL = "1"
IDENTIFY_SECONDS = 15  # IPMI 2.0 section 28.5, where no interval is given
# lan set CHANNEL WORDS VALUE: what stands before the value, in the spelling of LanParam.
LAN_PARAMETERS = ("ipsrc", "ipaddr", "netmask", "defgw ipaddr", "vlan id", "macaddr")
SOURCES = {
    Source.NONE: "Unspecified",
    Source.STATIC: "Static Address",
    Source.DHCP: "DHCP Address",
    Source.BIOS: "BIOS Assigned Address",
}
CHANNEL_INFO = """\
Channel 0x1 info:
  Channel Medium Type   : 802.3 LAN
  Channel Protocol Type : IPMB-1.0
  Session Support       : multi-session
  Active Session Count  : {sessions}
  Protocol Vendor ID    : 7154
  Volatile(active) Settings
    Alerting            : disabled
    Per-message Auth    : enabled
    User Level Auth     : enabled
    Access Mode         : always available
  Non-Volatile Settings
    Alerting            : disabled
    Per-message Auth    : enabled
    User Level Auth     : enabled
    Access Mode         : always available
"""


class Answer(NamedTuple):
    """Exit code and output of the program."""

    code: int
    output: str = ""


class _Refused(Exception):
    """The BMC or ipmitool refuses; the words are what it prints."""


def ipmitool(bmc: SimulatedBmc, arguments: Sequence[str]) -> Answer:
    """Run one command line, without the program's name, against the local BMC."""
    words = list(arguments)
    comma = "-c" in words[:4]
    words = _without_options(words)
    try:
        if words[:1] == ["exec"]:
            return _exec(bmc, words[1])
        return Answer(0, _run(bmc, words, comma))
    except (_Refused, ValueError, BmcAddressError) as error:
        return Answer(1, f"{error}\n")
    except (CommandError, IndexError):
        return Answer(1, "Invalid data field in request\n")


def _without_options(words: list[str]) -> list[str]:
    while words and words[0].startswith("-"):
        words = words[2:] if words[0] == "-I" else words[1:]
    return words


def _exec(bmc: SimulatedBmc, script: str) -> Answer:
    """A command a line; the first that fails ends it (ipmi_main.c: ipmi_exec_main)."""
    output = ""
    for line in script.splitlines():
        words = shlex.split(line, comments=True)
        answer = ipmitool(bmc, words) if words else Answer(0)
        output += answer.output
        if answer.code:
            return Answer(answer.code, output)
    return Answer(0, output)


def _run(bmc: SimulatedBmc, words: list[str], comma: bool) -> str:
    match words:
        case ["lan", "print", *channel]:
            _require_channel(channel)
            return _lan_print(bmc)
        case ["lan", "set", channel, *setting]:
            _require_channel([channel])
            return _lan_set(bmc, setting)
        case ["channel", "info", *channel]:
            _require_channel(channel)
            return CHANNEL_INFO.format(sessions=len(bmc.sessions))
        case ["channel", "setaccess", channel, slot, *access]:
            _require_channel([channel])
            return _set_access(bmc, int(slot), dict(word.split("=", 1) for word in access))
        case ["user", verb, *rest]:
            return USER_VERBS.get(verb, _unknown_user_verb)(bmc, rest, comma)
    return _run_without_channel(bmc, words)


def _run_without_channel(bmc: SimulatedBmc, words: list[str]) -> str:
    match words:
        case ["mc", "info"]:
            return bmc.device_id.words()
        case ["chassis", "identify", *interval]:
            return _identify(bmc, interval)
        case ["raw", *numbers]:
            return _raw(bmc, bytes(int(number, 0) for number in numbers))
    raise _Refused(f"Invalid command: {' '.join(words)}")


def _identify(bmc: SimulatedBmc, words: list[str]) -> str:
    """Seconds (15 without a number), or `force` for a light that stays on."""
    forced = words[:1] == ["force"]
    seconds = int(words[0], 0) if words and not forced else IDENTIFY_SECONDS
    bmc.light(math.inf if forced else seconds)
    interval = "indefinite" if forced else f"{seconds} seconds" if seconds else "off"
    return f"Chassis identify interval: {interval}\n"


def _require_channel(words: list[str]) -> None:
    if words and words[0] != LAN_CHANNEL:
        raise _Refused(f"Channel {words[0]} is not a LAN channel")


def _lan_print(bmc: SimulatedBmc) -> str:
    lan = bmc.lan
    rows = {
        "Set in Progress": "Set Complete",
        "IP Address Source": SOURCES[lan.source],
        "IP Address": str(lan.address),
        "Subnet Mask": str(lan.netmask),
        "MAC Address": lan.mac,
        "Default Gateway IP": str(lan.gateway),
        "802.1q VLAN ID": str(lan.vlan_id or "Disabled"),
    }
    return "".join(f"{name:<24}: {value}\n" for name, value in rows.items())


def _lan_set(bmc: SimulatedBmc, words: list[str]) -> str:
    name, value = " ".join(words[:-1]), words[-1]
    if name in LAN_PARAMETERS:
        bmc.set_lan(name, value)
        return ""
    if words == ["access", "on"]:
        return ""  # it always is
    raise _Refused("Invalid LAN parameter")


def _set_access(bmc: SimulatedBmc, slot: int, access: dict[str, str]) -> str:
    user = bmc.users.get(slot)
    if "privilege" in access:
        bmc.set_user(slot, privilege=int(access["privilege"], 0))
    if "ipmi" in access:
        bmc.set_user(slot, ipmi_messaging=access["ipmi"] == "on")
    user.link_authentication = access.get("link", _on(user.link_authentication)) == "on"
    user.callback_only = access.get("callin", _on(not user.callback_only)) != "on"
    return f"Set User Access (channel 1 id {slot}) successful.\n"


def _on(state: bool) -> str:
    return "on" if state else "off"


UserVerb = Callable[[SimulatedBmc, list[str], bool], str]


def _user_list(bmc: SimulatedBmc, _words: list[str], comma: bool) -> str:
    """`ipmitool -c user list` is what programs read; people get the columns."""
    if comma:
        return "".join(",".join(_user_row(user)) + "\n" for user in bmc.users)
    head = "ID  Name             Callin  Link Auth  IPMI Msg   Channel Priv Limit\n"
    form = "{:<4}{:<17}{:<8}{:<11}{:<11}{}\n"
    return head + "".join(form.format(*_user_row(user)) for user in bmc.users)


def _user_row(user: User) -> tuple[str, ...]:
    privilege = "NO ACCESS" if user.privilege == Privilege.NO_ACCESS else user.privilege.name
    flags = (not user.callback_only, user.link_authentication, user.ipmi_messaging)
    return (str(user.slot), user.name, *(str(flag).lower() for flag in flags), privilege)


def _user_set(bmc: SimulatedBmc, words: list[str], _comma: bool) -> str:
    match words:
        case ["name", slot, name]:
            bmc.set_user(int(slot), name=name)
            return ""
        case ["password", slot, password, *_size]:
            bmc.set_user(int(slot), password=password)
            return f"Set User Password command successful (user {slot})\n"
    raise _Refused("Invalid user set command")


def _user_test(bmc: SimulatedBmc, words: list[str], _comma: bool) -> str:
    slot, _size, password = words
    if bmc.users.get(int(slot)).password != password.encode():
        raise _Refused("Set User Password command failed\nFailure: password incorrect")
    return "Success\n"


def _user_enable(bmc: SimulatedBmc, words: list[str], _comma: bool) -> str:
    bmc.set_user(int(words[0]), enabled=True)
    return ""


def _user_disable(bmc: SimulatedBmc, words: list[str], _comma: bool) -> str:
    bmc.set_user(int(words[0]), enabled=False)
    return ""


def _user_priv(bmc: SimulatedBmc, words: list[str], _comma: bool) -> str:
    bmc.set_user(int(words[0]), privilege=int(words[1], 0))
    return f"Set Privilege Level command successful (user {words[0]})\n"


def _unknown_user_verb(_bmc: SimulatedBmc, words: list[str], _comma: bool) -> str:
    raise _Refused(f"Invalid user command: {' '.join(words)}")


USER_VERBS: dict[str, UserVerb] = {
    "list": _user_list,
    "set": _user_set,
    "test": _user_test,
    "enable": _user_enable,
    "disable": _user_disable,
    "priv": _user_priv,
}


def _raw(bmc: SimulatedBmc, request: bytes) -> str:
    """NETFN COMMAND DATA...: the system interface may use every command (IPMI 2.0 section 5.2)."""
    command = COMMANDS.get((request[0], request[1]))
    if command is None or len(request) - 2 < command.min_length:
        raise _Refused("Unable to send RAW command (rsp=0xc1): Invalid command")
    return " " + command.handler(bmc, None, request[2:]).hex(" ") + "\n"
