"""A running gRPC server, a zone with a pool, and BMCs."""

import socket
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from bearman.accounts.services import token_create
from bearman.lib.network import networks
from ipman.models import Pool
from ipman.services import pool_save
from nodes.services.zones import zone_ensure
from protos.bearman.v1 import nodes_pb2 as pb
from simulator.bmc.behaviour import BmcFaults
from simulator.bmc.device import SimulatedBmc
from simulator.bmc.fleet import BmcFleet
from tests.servers import Door, running_door


@pytest.fixture
def door(transactional_db: None, settings: Settings) -> Iterator[Door]:
    """gRPC, with enrolment open on loopback, and a zone with three BMC addresses."""

    settings.ENROLMENT_NETWORKS = networks(["127.0.0.0/8"])
    zone_ensure(name="z1", networks=["127.0.0.0/8"])
    pool_save(
        pool=Pool(
            name="z1-ipmi",
            zone="z1",
            purpose="ipmi",
            first="127.43.0.10",
            last="127.43.0.12",
            prefix_length=24,
            gateway="127.43.0.1",
        )
    )
    with running_door() as running:
        yield running


@pytest.fixture
def fleet(settings: Settings) -> Iterator[BmcFleet]:
    """A fleet of BMCs on a free UDP port, which is also the port that Bearman asks at."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings.BMC_PORT = port
    settings.BMC_LOGIN_SECONDS, settings.BMC_COMMAND_SECONDS = 1.0, 1.0
    with BmcFleet(port) as running:
        yield running


@pytest.fixture
def operator_token(transactional_db: None) -> str:
    """The token of a user who may do everything."""
    user = User.objects.create_superuser("olga")
    return token_create(user=user, name="tests")[1]


def configured(
    fleet: BmcFleet, settings: pb.BmcSettings, *, faults: BmcFaults | None = None
) -> SimulatedBmc:
    """A powered BMC that was set as Bearman said."""
    bmc = SimulatedBmc("bmc", powered=True, faults=faults)
    fleet.add(bmc)
    bmc.set_user(
        settings.user_slot,
        name=settings.username,
        password=settings.password,
        enabled=True,
        privilege=4,
        ipmi_messaging=True,
    )
    for name, value in (
        ("ipsrc", "static"),
        ("netmask", settings.netmask),
        ("ipaddr", settings.address),
    ):
        bmc.set_lan(name, value)
    return bmc
