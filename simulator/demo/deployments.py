"""Deploys some of a demo's servers, and looks whether they became what was promised."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_interface

from protos.bearman.v1 import baremetal_pb2
from simulator.demo.system import PROFILE
from simulator.deployments import Deployed, deploy, ready, wait_deployed
from simulator.fault import INSTALLED, UNRECOVERABLE_ERROR, Trick
from simulator.machine import Machine
from simulator.operator_view import OperatorView
from simulator.plain import one_line

SYSTEMS = 5
WAIT_SECONDS = 120.0
OWN_WORDS = "failed: "  # how bearman-install itself ends a log
NEEDS_THE_NET = (Trick.SILENT_AFTER_KEXEC, Trick.KEXEC_HANGS)


@dataclass(frozen=True, slots=True)
class Failure:
    """A deployment that Bearman gave up, in its words, with the end of the script's log."""

    hostname: str
    label: str
    step: str
    reason: str
    advice: str
    log: str
    baremetal_id: str


@dataclass(frozen=True, slots=True)
class DeploymentOutcome:
    """How many systems are INSTALLED, which were given up, and whatever should not be."""

    deployed: int
    installed: int
    failures: tuple[Failure, ...]
    differences: tuple[str, ...]


def chosen(machines: Sequence[Machine], operator: OperatorView) -> list[Machine]:
    """The machines to deploy: of those that are READY, first the ones with a surprise in them.

    Raises OperatorError.
    """
    found = ready(machines, operator)
    return sorted(found, key=lambda machine: machine.board.fault is None)[:SYSTEMS]


def deploy_and_look(
    machines: Sequence[Machine], operator: OperatorView, changed: Callable[[Deployed], None]
) -> DeploymentOutcome:
    """Deploy them and wait for their ends; `changed` is told on the way. Raises OperatorError."""
    deploy(machines, operator, PROFILE)
    found = wait_deployed(machines, operator, time.monotonic() + WAIT_SECONDS, changed)
    failures = tuple(
        _failure(each, each.row, operator)
        for each in found
        if each.row and each.seen.status == UNRECOVERABLE_ERROR
    )
    differences = [each.words for each in found if not each.as_expected]
    differences += [words for each in found if each.row for words in _missing(each, each.row)]
    differences += [f"{f.hostname} has no end of its log" for f in failures if not f.log]
    return DeploymentOutcome(
        deployed=len(found),
        installed=sum(each.seen.status == INSTALLED for each in found),
        failures=failures,
        differences=(*differences, *_shared([each.row for each in found if each.row])),
    )


def _missing(each: Deployed, row: baremetal_pb2.Baremetal) -> list[str]:
    """What the row or the machine must have and has not."""
    wanted = ["hostname", "service_address", "profile", "image", "vlan_id"]
    if each.seen.status == UNRECOVERABLE_ERROR:
        wanted += ["step", "reason", "advice"]
    elif each.machine.board.trick in NEEDS_THE_NET:
        wanted += ["cold_boot"]
    words = [f"{row.hostname} has no {name}" for name in wanted if not getattr(row, name)]
    if each.seen.status == INSTALLED and not _knows_itself(each.machine, row):
        words.append(f"{row.hostname} does not know its host name and its address")
    return words


def _knows_itself(machine: Machine, row: baremetal_pb2.Baremetal) -> bool:
    """Whether the system on the machine has the host name and the addresses of its row."""
    etc = machine.board.folder / "root" / "etc"
    name = etc / "hostname"
    if not name.exists() or name.read_text().strip() != row.hostname:
        return False
    settings = "".join(path.read_text() for path in etc.glob("systemd/network/*.network"))
    return all(f"Address={ip_interface(address)}\n" in settings for address in row.addresses)


def _shared(rows: Sequence[baremetal_pb2.Baremetal]) -> list[str]:
    words = []
    for name in ("hostname", "service_address"):
        values = [getattr(row, name) for row in rows if getattr(row, name)]
        twice = {value for value in values if values.count(value) > 1}
        words += [f"the {name} {value} is of two machines" for value in sorted(twice)]
    return words


def _failure(each: Deployed, row: baremetal_pb2.Baremetal, operator: OperatorView) -> Failure:
    logs = [event.log_tail for event in operator.events(row.id) if event.log_tail]
    said = [line for line in "".join(logs).splitlines() if line and not line.startswith(OWN_WORDS)]
    return Failure(
        hostname=row.hostname,
        label=each.machine.board.identity.label,
        step=row.step,
        reason=one_line(row.reason, 300),
        advice=one_line(row.advice, 300),
        log=one_line(said[-1], 200) if said else "",
        baremetal_id=row.id,
    )
