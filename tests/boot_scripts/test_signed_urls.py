"""Addresses that a storage has signed: used as they are, and shown without their secret half."""

import hashlib

import pytest

from profiles.bundle import bundle
from tests.boot_scripts.deployment import APPEND, INITRAMFS, KERNEL, Deployment
from tests.boot_scripts.machine import BOOT_SCRIPTS, UUID, Machine
from tests.boot_scripts.shells import under_one_shell
from tests.boot_scripts.test_secrets import files_with
from tests.boot_scripts.web import Answer, Web

SECRET = "5ecre7b1t"
FILES_FOR_ROOT = {"plan", "due", "values", "script.part"}
# Both kinds of signature that S3 knows, with all that may stand in their parts.
QUERIES = [
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK%2F20261124%2Fdefault%2Fs3%2Faws4_request"
    f"&X-Amz-Date=20261124T220000Z&X-Amz-Expires=3600&X-Amz-Signature={SECRET}",
    f"AWSAccessKeyId=AK&Signature={SECRET}%2Bx/y+z%3D&Expires=1795600000&a[1-3]=b,c;d:@~_-.",
]
REFUSAL = f"<Error><SignatureProvided>{SECRET}</SignatureProvided></Error>".encode()


def file_line(web: Web, kind: str, content: bytes, query: str) -> str:
    """A line of a plan for a file at a signed address; the file is there."""
    path = f"/files/{kind}?{query}"
    web.answers[path] = Answer(content)
    return f"{kind} {hashlib.sha256(content).hexdigest()} {len(content)} {web.url}{path}"


def is_told_nowhere(machine: Machine, web: Web, console: str) -> None:
    assert SECRET not in console
    assert SECRET not in str(web.posted)
    assert files_with(SECRET, machine.run_folder / "log") == set()
    assert files_with(SECRET, machine.run_folder) <= FILES_FOR_ROOT


@pytest.mark.parametrize("query", QUERIES)
def test_a_system_is_fetched_from_signed_addresses(
    machine: Machine, deployment: Deployment, web: Web, query: str
) -> None:
    machine.record_every_program()
    deployment.plan(
        kernel=file_line(web, "kernel", KERNEL, query),
        initramfs=file_line(web, "initramfs", INITRAMFS, query),
        append=f"append fetch={web.url}/files/root?{query} {APPEND}",
    )
    ended = machine.run("kexec.sh")
    assert (ended.code, deployment.jumped) == (0, True), ended.console
    assert deployment.fetched == [f"/files/{kind}?{query}" for kind in ("kernel", "initramfs")]
    is_told_nowhere(machine, web, ended.console)
    assert f"fetching kernel: {web.url}/files/kernel?...\n" in ended.console
    assert f"fetch={web.url}/files/root?... boot=live" in ended.console
    shown = [line for line in machine.argv if SECRET in line]
    assert [line for line in shown if " -l " not in line] == []


@under_one_shell
@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_refusal_of_a_signed_address_is_told_without_it(
    machine: Machine, deployment: Deployment, web: Web, status: int
) -> None:
    line = file_line(web, "kernel", KERNEL, QUERIES[0])
    web.answers[f"/files/kernel?{QUERIES[0]}"] = Answer(REFUSAL, status=status)
    deployment.plan(kernel=line)
    machine.environment["BEARMAN_PATIENCE"] = "0"
    ended = machine.run("kexec.sh")
    assert ended.code != 0
    assert f"{web.url}/files/kernel?... answered {status}" in deployment.failure()[1]
    is_told_nowhere(machine, web, ended.console)


@pytest.mark.parametrize("status", [200, 403])
def test_a_script_comes_from_a_signed_address(machine: Machine, web: Web, status: int) -> None:
    script = bundle("register.sh", BOOT_SCRIPTS)
    path = f"/scripts/register.sh?{QUERIES[0]}"
    web.answers[path] = Answer(script if status == 200 else REFUSAL, status=status)
    due = f"register.sh {hashlib.sha256(script).hexdigest()} {web.url}{path}\n"
    web.answers[f"/autorun/{UUID}"] = Answer(due.encode())
    ended = machine.run("autorun")
    assert ended.code == (0 if status == 200 else 4)
    is_told_nowhere(machine, web, ended.console)
    if status != 200:
        assert f"{web.url}/scripts/register.sh?... answered 403" in ended.console


@under_one_shell
@pytest.mark.parametrize("place", ["$(touch x)", "`touch x`", '"', "\\", "{a,b}", "#x", "a b", "'"])
def test_what_a_shell_or_curl_would_take_for_its_own_is_in_no_address(
    machine: Machine, deployment: Deployment, web: Web, place: str
) -> None:
    line = next(line for line in deployment.lines() if line.startswith("kernel "))
    deployment.plan(kernel=f"{line}?a={place}")
    assert machine.run("kexec.sh").code == 1
    assert deployment.failure() == ("plan", "Bearman's plan has no usable kernel")
    assert not list(machine.root.rglob("x"))
