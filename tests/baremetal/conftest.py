"""BMCs on the network, a zone with service addresses, an image and a profile."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from ipman.models import Pool
from ipman.services import pool_save
from nodes.services.zones import zone_ensure
from profiles.models import Profile
from simulator.bmc.fleet import BmcFleet
from tests.baremetal import rig


@pytest.fixture
def fleet(settings: Settings) -> Iterator[BmcFleet]:
    """A fleet of BMCs on a free UDP port, which is also the port that Bearman asks at."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings.BMC_PORT = port
    settings.BMC_LOGIN_SECONDS, settings.BMC_COMMAND_SECONDS = 0.5, 0.5
    settings.BMC_ATTEMPTS, settings.BMC_BACKOFF_SECONDS = 1, 0.0
    settings.POWER_POLL_SECONDS = 0.01
    with BmcFleet(port) as running:
        yield running


@pytest.fixture
def room(transactional_db: None, settings: Settings, tmp_path: Path) -> Profile:
    """A zone with two service addresses, and a profile of an image; returns the profile."""
    settings.PUBLIC_URL = settings.BOOT_URL = "http://bearman.example:8000"
    settings.PUBLIC_GRPC = "bearman.example:50051"
    settings.IPMAN_REST_SECONDS = 0
    zone_ensure(name="z1", networks=["127.0.0.0/8"])
    pool = Pool(
        name="z1-service",
        zone="z1",
        purpose="service",
        first="10.20.0.10",
        last="10.20.0.12",
        prefix_length=24,
        gateway="10.20.0.1",
        vlan_id=120,
    )
    pool_save(pool=pool)
    rig.stage_one()
    rig.image(tmp_path)
    return rig.profile()
