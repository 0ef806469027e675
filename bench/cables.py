"""What machines say of their cables, and the clients that send it; no Django here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.clients import Operation
from bench.machine import token_of, uuid_of
from bench.rpc import CALL_SECONDS, bearer, channel
from protos.bearman.v1 import wiring_pb2 as pb
from simulator.fabric import Stand, cabling
from simulator.hardware import ethtool, linux
from simulator.hardware.identity import Identity, IdentityFactory
from simulator.hardware.lldp import lldpcli

MACHINES_A_RACK = 20


@dataclass(frozen=True, slots=True)
class Checking:
    """Machines that check their cables; those of a block of `swapped` are in each other's ports."""

    target: str
    swapped: int

    def jobs(self, numbers: range) -> Sequence[Any]:
        """Return the requests of these machines, and their tokens."""
        identity = identity_with_fibres()
        jobs = []
        for number in numbers:
            block = number - number % self.swapped
            request = _request(identity, number, 2 * block + self.swapped - 1 - number)
            jobs.append((request.SerializeToString(), bearer(token_of(number))))
        return jobs

    def operation(self) -> Operation:
        """Return the call; it must find what is there and nothing else."""
        call: Any = channel(self.target).unary_unary(
            "/bearman.v1.WiringService/CheckWiring",
            response_deserializer=pb.CheckWiringResponse.FromString,
        )

        def check(job: tuple[bytes, Any]) -> None:
            request, metadata = job
            answer = call(request, metadata=metadata, timeout=CALL_SECONDS)
            if not answer.passed or len(answer.findings) != self.swapped - 1:
                raise RuntimeError(f"{answer.reason} {[each.code for each in answer.findings]}")

        return check


def identity_with_fibres() -> Identity:
    """Return a machine with two fibres; all others have the same interfaces."""
    factory = IdentityFactory(1)
    while True:
        identity = factory.make()
        if identity.uplinks[0].nic.cable == "fibre":
            return identity


def place_of(number: int) -> Stand:
    """Return where the machine with that number stands."""
    return Stand(f"r{number // MACHINES_A_RACK}", 1 + number % MACHINES_A_RACK)


def _request(identity: Identity, number: int, other: int) -> pb.CheckWiringRequest:
    """Return what a machine sends whose first cable is in the place of another's."""
    cables = dict(cabling(identity, place_of(number)))
    first = next(iter(cables))
    cables[first] = cabling(identity, place_of(other))[first]
    links = []
    for port in identity.ports:
        answer = ethtool.module(port, cables.get(port.name))
        links.append(
            pb.LinkReading(
                interface=port.name,
                settings=ethtool.settings(port, cables.get(port.name)),
                module=answer.output.encode(),
                module_error=answer.complaint.encode(),
            )
        )
    return pb.CheckWiringRequest(
        uuid=uuid_of(number),
        lldp=lldpcli(cables),
        ip_link=linux.ip_link(identity, cables),
        links=links,
    )
