"""kexec.sh and downloads that break off, crawl, or are not what they should be."""

import hashlib
import os

import pytest

from tests.boot_scripts.deployment import INITRAMFS, KERNEL, PATHS, SEED, Deployment
from tests.boot_scripts.machine import UUID, Machine
from tests.boot_scripts.shells import under_two_shells
from tests.boot_scripts.web import CHUNK, Answer, Web

GOOD = Answer(INITRAMFS)
FILE = PATHS["initramfs"]
SUM = hashlib.sha256(INITRAMFS).hexdigest()


def becomes_good(web: Web, bad: Answer, after: int) -> None:
    """Answer badly to the first requests for the initramfs."""
    web.answers[FILE] = bad
    left = [after]

    def count(path: str) -> None:
        if path == FILE:
            left[0] -= 1
            if left[0] < 0:
                web.answers[FILE] = GOOD

    web.on_request = count


def arrived_whole(machine: Machine) -> bool:
    """Whether kexec was given exactly what Bearman has."""
    return (machine.state / "initrd").read_bytes() == INITRAMFS + b"\0\0\0" + SEED


def test_a_transfer_that_breaks_off_goes_on_where_it_was(
    machine: Machine, deployment: Deployment, web: Web
) -> None:
    web.answers[FILE] = Answer(INITRAMFS, breaks_after=70_000)
    ended = machine.run("kexec.sh")
    assert ended.code == 0, ended.console
    assert arrived_whole(machine)
    assert web.ranges == [(FILE, "bytes=70000-"), (FILE, "bytes=140000-")]
    assert "waiting for Bearman (curl: (18)" in ended.console


def test_a_server_without_ranges_gives_it_from_the_beginning(
    machine: Machine, deployment: Deployment, web: Web
) -> None:
    becomes_good(web, Answer(INITRAMFS, breaks_after=70_000), after=1)
    GOOD.ranges = False
    try:
        machine.run("kexec.sh")
    finally:
        GOOD.ranges = True
    assert arrived_whole(machine)
    assert deployment.fetched.count(FILE) == 3


def test_a_long_download_tells_bearman_now_and_then(
    machine: Machine, deployment: Deployment, web: Web
) -> None:
    body = os.urandom(8 * CHUNK)
    web.answers[FILE] = Answer(body, pause=0.3)
    url = f"{web.url}{FILE}"
    deployment.plan(initramfs=f"initramfs {hashlib.sha256(body).hexdigest()} {len(body)} {url}")
    machine.environment["BEARMAN_FETCH_SLICE"] = "1"
    assert machine.run("kexec.sh").code == 0
    assert (machine.state / "initrd").read_bytes() == body + SEED
    told = [report for report in machine.reports("progress") if "MiB" in report["message"]]
    assert len(told) >= 2
    assert {(report["step"], report["message"]) for report in told} == {
        ("fetch", "initramfs: 0 of 0 MiB")
    }


def test_a_download_that_crawls_is_given_up_like_one_that_stands(
    machine: Machine, deployment: Deployment, web: Web
) -> None:
    web.answers[FILE] = Answer(INITRAMFS, pause=5)
    machine.environment |= {"BEARMAN_FETCH_SLICE": "1", "BEARMAN_PATIENCE": "2"}
    ended = machine.run("kexec.sh")
    assert ended.code == 3
    assert deployment.failure()[1].startswith("Bearman did not answer for 2 s: curl: (28)")
    assert not deployment.jumped


@under_two_shells
@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_busy_storage_is_asked_again_and_its_page_is_no_part_of_the_file(
    machine: Machine, deployment: Deployment, web: Web, status: int
) -> None:
    becomes_good(web, Answer(b"<html>not now</html>", status=status), after=2)
    assert machine.run("kexec.sh").code == 0
    assert arrived_whole(machine)


@pytest.mark.issue("DEP-003")
@under_two_shells
@pytest.mark.parametrize(("status", "code"), [(404, 6), (403, 4), (302, 6), (204, 6)])
def test_a_storage_that_refuses_is_named(
    machine: Machine, deployment: Deployment, web: Web, status: int, code: int
) -> None:
    web.answers[FILE] = Answer(b"", status=status)
    assert machine.run("kexec.sh").code == code
    told = machine.reports("failed")[0]["issue"]
    assert told == "DEP-003"
    assert deployment.failure() == ("fetch", f"{web.url}{FILE} answered {status}")
    assert deployment.fetched.count(FILE) == 1


def test_what_is_damaged_once_is_fetched_anew(
    machine: Machine, deployment: Deployment, web: Web
) -> None:
    becomes_good(web, Answer(b"?" + INITRAMFS[1:]), after=1)
    ended = machine.run("kexec.sh")
    assert arrived_whole(machine)
    assert "fetching it once more" in ended.console
    assert web.ranges == []


@pytest.mark.issue("DEP-002")
def test_what_stays_damaged_is_never_booted_and_both_sums_are_told(
    machine: Machine, deployment: Deployment, web: Web
) -> None:
    damaged = b"?" + INITRAMFS[1:]
    web.answers[FILE] = Answer(damaged)
    assert machine.run("kexec.sh").code == 1
    assert not deployment.jumped
    found = hashlib.sha256(damaged).hexdigest()
    words = f"initramfs came with SHA-256 {found}, not {SUM}, also at the second try"
    assert deployment.failure() == ("fetch", words)
    assert deployment.fetched.count(FILE) == 2
    assert machine.calls("kexec") == []
    assert machine.reports("failed")[0]["issue"] == "DEP-002"


@pytest.mark.parametrize("name", PATHS)
def test_each_of_the_files_is_verified(
    machine: Machine, deployment: Deployment, web: Web, name: str
) -> None:
    whole = {"kernel": KERNEL, "initramfs": INITRAMFS}[name]
    web.answers[PATHS[name]] = Answer(b"?" + whole[1:])
    assert machine.run("kexec.sh").code == 1
    assert f"{name} came with SHA-256" in deployment.failure()[1]


def test_a_file_that_is_too_short_is_refused(
    machine: Machine, deployment: Deployment, web: Web
) -> None:
    web.answers[FILE] = Answer(INITRAMFS[:-7])
    assert machine.run("kexec.sh").code == 1
    size = len(INITRAMFS)
    words = f"initramfs came with {size - 7} bytes, not {size}, also at the second try"
    assert deployment.failure()[1] == words


@pytest.mark.parametrize("length", [-1, None], ids=["announced", "unannounced"])
def test_a_file_that_is_too_long_is_cut_off_and_refused(
    machine: Machine, deployment: Deployment, web: Web, length: int | None
) -> None:
    web.answers[FILE] = Answer(INITRAMFS * 100, length=length)
    assert machine.run("kexec.sh").code == 1
    words = f"initramfs came with more than {len(INITRAMFS)} bytes, not {len(INITRAMFS)}"
    assert deployment.failure()[1].startswith(words)
    sizes = [path.stat().st_size for path in machine.root.rglob("*") if path.is_file()]
    assert max(sizes) < len(INITRAMFS) + 512


def test_a_file_that_shrinks_in_the_middle_of_a_download_is_fetched_anew(
    machine: Machine, deployment: Deployment, web: Web
) -> None:
    becomes_good(web, Answer(INITRAMFS, breaks_after=90_000), after=1)
    GOOD.body = INITRAMFS[:80_000]  # answers 416 to a range that begins at 90,000
    try:
        assert machine.run("kexec.sh").code == 1
    finally:
        GOOD.body = INITRAMFS
    assert "initramfs came with 80000 bytes" in deployment.failure()[1]


@pytest.mark.parametrize("seed", [b"", b"<html>", b"\x00" * 512])
def test_a_seed_that_is_no_archive_is_refused(
    machine: Machine, deployment: Deployment, web: Web, seed: bytes
) -> None:
    web.answers[f"/seed/{UUID}"] = Answer(seed)
    assert machine.run("kexec.sh").code == 1
    assert deployment.failure() == ("fetch", "Bearman's seed is no newc archive")
    assert not deployment.jumped


def test_a_bearman_that_is_away_in_the_middle_is_waited_for(
    machine: Machine, deployment: Deployment, web: Web
) -> None:
    for path in (f"/ipxe/{UUID}", f"/seed/{UUID}"):
        good = web.answers[path]
        web.answers[path] = Answer(b"restarting", status=503)
        web.answers[f"{path}#good"] = good

    def mend(path: str) -> None:
        seen = [asked for asked, _ in web.asked if asked == path]
        if len(seen) == 3 and f"{path}#good" in web.answers:
            web.answers[path] = web.answers[f"{path}#good"]

    web.on_request = mend
    assert machine.run("kexec.sh").code == 0
    assert deployment.jumped
