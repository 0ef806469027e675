"""A rack for the tests of a module, and what is kept of it when one fails."""

from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from simulator.demo.messages import told_by
from simulator.operator_view import OperatorError, OperatorView
from simulator.slack import SlackStandIn
from tests.rack import images
from tests.rack.layout import ARTEFACTS
from tests.rack.rack import Rack, missing
from tests.rack.shell import RackError
from tests.rack.timeline import timeline

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
    """A rack without machines.

    When a test failed, its logs and events stay in var/rack-artefacts/MODULE. A module's
    SETTINGS are Bearman's.
    """
    settings = told_by(slack) | getattr(request.module, "SETTINGS", {})
    way = {"slack": urlsplit(slack.url).port or 0}
    with Rack(settings=settings, ways_out=way) as rack:
        name = request.module.__name__
        try:
            rack.prepare()
        except RackError:
            rack.down(keep=ARTEFACTS / name)
            raise
        yield rack
        if name in failed:
            _note_events(rack)
        rack.down(keep=ARTEFACTS / name if name in failed else None)


@pytest.fixture(scope="module")
def operator(rack: Rack) -> Iterator[OperatorView]:
    """What Bearman says to an operator."""
    with closing(OperatorView(rack.grpc, rack.server.token)) as view:
        yield view


def _note_events(rack: Rack) -> None:
    """Put the events beside the logs, if Bearman still answers."""
    with suppress(OperatorError), closing(OperatorView(rack.grpc, rack.server.token)) as view:
        (rack.folder / "events.log").write_text(timeline(view))
