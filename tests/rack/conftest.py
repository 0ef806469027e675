"""A rack for the tests of a module, and what is kept of it when one fails."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from simulator.demo.messages import told_by
from simulator.operator_view import OperatorView
from simulator.slack import SlackStandIn
from tests.rack import images
from tests.rack.rack import Rack, missing

ARTEFACTS = Path("var/rack-artefacts")
HERE = Path(__file__).parent
failed: set[str] = set()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave these tests out unless they are asked for: they boot machines, for many minutes."""
    if "rack" not in str(config.option.markexpr):
        items[:] = [item for item in items if HERE not in item.path.parents]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remember the modules in which a test failed."""
    outcome = yield
    if outcome.get_result().failed:  # type: ignore[attr-defined]
        failed.add(item.module.__name__)  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def built() -> None:
    """The images that machines boot, built where they are not there."""
    if reason := missing():
        pytest.skip(reason)
    images.provide()


@pytest.fixture(scope="module")
def slack() -> Iterator[SlackStandIn]:
    """Where Bearman's messages go."""
    with SlackStandIn() as slack:
        yield slack


@pytest.fixture(scope="module")
def rack(request: pytest.FixtureRequest, built: None, slack: SlackStandIn) -> Iterator[Rack]:
    """A rack without machines; its logs stay in var/rack-artefacts/MODULE when a test failed.

    A module's SETTINGS are Bearman's.
    """
    settings = told_by(slack) | getattr(request.module, "SETTINGS", {})
    way = {"slack": urlsplit(slack.url).port or 0}
    with Rack(settings=settings, ways_out=way) as rack:
        rack.prepare()
        yield rack
        name = request.module.__name__
        rack.down(keep=(ARTEFACTS / name).absolute() if name in failed else None)


@pytest.fixture(scope="module")
def operator(rack: Rack) -> Iterator[OperatorView]:
    """What Bearman says to an operator."""
    with closing(OperatorView(rack.grpc, rack.server.token)) as view:
        yield view
