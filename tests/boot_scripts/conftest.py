"""Tests of the boot scripts run under each shell that a stage-one image may have as `sh`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.boot_scripts.deployment import Deployment
from tests.boot_scripts.machine import TOKEN, UUID, Machine
from tests.boot_scripts.shells import SHELLS
from tests.boot_scripts.web import Answer, Web


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> list[str]:
    """A shell as the words that start it."""
    return SHELLS[request.param]


@pytest.fixture
def web() -> Iterator[Web]:
    """A web server that says that it is well, and takes reports; nothing else yet."""
    server = Web({"/healthz": Answer(b"ok"), f"/report/{UUID}": Answer(b"READY\n")})
    server.start()
    yield server
    server.stop()


@pytest.fixture
def machine(tmp_path: Path, shell: list[str], web: Web) -> Machine:
    """A machine that was booted by Bearman's iPXE script."""
    rehearsal = Machine(tmp_path, shell, web)
    rehearsal.boots_with(url=web.url, grpc="127.0.0.1:50051", uuid=UUID, token=TOKEN)
    return rehearsal


@pytest.fixture
def deployment(machine: Machine, web: Web) -> Deployment:
    """A deployment of the machine, with all that kexec.sh needs."""
    wanted = Deployment(machine, web)
    wanted.offer()
    return wanted
