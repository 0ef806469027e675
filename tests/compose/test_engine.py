"""An engine that does not start: a reason to skip where the computer forbids it, else a failure."""

import pytest

from tests.compose.engine import NoEngine, refusal

FAILED = "failed to start daemon: "
BEGUN = 'level=info msg="Starting up"\nlevel=warning msg="overlay2: operation not permitted"\n'


@pytest.mark.parametrize(
    "last",
    [
        "unshare: unshare failed: Operation not permitted",
        "RTNETLINK answers: Operation not supported",
        f"{FAILED}Devices cgroup isn't mounted",
        f"{FAILED}open /proc/sys/net/ipv4/ip_forward: read-only file system",
        f"{FAILED}error initializing graphdriver: driver not supported: overlay2",
    ],
)
def test_where_no_dockerd_may_run_that_is_the_reason_to_skip(last: str) -> None:
    found = refusal(f"{BEGUN}{last}\n", ended=True)
    assert isinstance(found, NoEngine)
    assert last in str(found)


@pytest.mark.parametrize(
    ("last", "ended"),
    [
        (f"{FAILED}error while opening volume store metadata database: timeout", True),
        ("sh: 5: exec: dockerd: not found", True),
        (f"{FAILED}failed to load listeners: no socket at unix:///x/docker.sock", True),
        ("", True),
        ('level=info msg="operation not permitted"', False),
    ],
)
def test_a_dockerd_that_is_broken_or_silent_fails(last: str, ended: bool) -> None:
    found = refusal(f"{BEGUN}{last}\n" if last else "", ended=ended)
    assert isinstance(found, RuntimeError)
    assert "dockerd is installed" in str(found)
    assert last in str(found)
