"""What kexec.sh does with plans that Bearman would never give."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.boot_scripts.deployment import Deployment
from tests.boot_scripts.machine import Machine
from tests.boot_scripts.shells import under_two_shells
from tests.boot_scripts.web import Web

SUM = "0" * 64
SIGNED = {
    "manifest": f"manifest {SUM} 10 http://127.0.0.1/manifest.json",
    "signature": "signature " + "A" * 86 + "==",
    "image": "image debian-12 1",
}


@under_two_shells
@pytest.mark.parametrize(
    "line",
    [
        "nonce",
        "nonce short",
        "nonce a$(touch x)bcdefghijklmnop",
        "nonce 0123456789abcdef 0123456789abcdef",
        f"kernel {SUM} 10",
        f"kernel {SUM} 0 URL/k",
        f"kernel {SUM} -1 URL/k",
        f"kernel {SUM} 1k URL/k",
        f"kernel {SUM} 999999999999 URL/k",
        f"kernel {SUM} 10 file:///etc/passwd",
        f'kernel {SUM} 10 URL/k"',
        f"kernel {SUM} 10 URL/$(touch x)",
        f"kernel {SUM} 10 URL/k more",
        f"kernel {SUM.replace('0', 'A')} 10 URL/k",
        f"kernel {SUM}0 10 URL/k",
        f"kernel  {SUM} 10 URL/k",
        f"initramfs {SUM[1:]} 10 URL/i",
        f"root {SUM} 10 ftp://host/r",
        "root",
        "seed http://elsewhere.example/seed",
        "seed URL",
        'seed URL/seed/x"\\nurl=x',
        f"manifest {SUM} 10",
        f"manifest {SUM} 10 file:///etc/passwd",
        "signature",
        "signature !!!!",
        "signature " + "A" * 88,
        "signature " + "A" * 86 + "==x",
        "signature " + "A" * 40 + " " + "A" * 45 + "==",
        "signature $(touch x)" + "A" * 76 + "==",
        "image debian-12",
        "image debian-12 1 2",
        "image ../debian 1",
        "image debian-12 $(touch x)",
        "memory",
        "memory lots",
        "memory -5",
        "memory 08",
        "memory 9999999999999999999",
        "deny-nic mlx4_en",
        "deny-nic mlx4_en $(touch x)",
        "deny-nic mlx4_en `touch x`",
        "deny-nic mlx4_en a|b;touch x",
        "deny-nic ../x *",
        "append",
        "append ",
        "append tab\there",
        "append " + "a" * 2048,
        "append nicht übertragbar",
    ],
)
def test_a_line_that_is_not_right_ends_the_step_plan(
    machine: Machine, deployment: Deployment, web: Web, line: str
) -> None:
    key = line.split(" ", maxsplit=1)[0]
    added = {key.replace("-", "_"): line.replace("URL", web.url)}
    if key in SIGNED:
        deployment.plan(*added.values())
    else:
        deployment.plan(**added)
    ended = machine.run("kexec.sh")
    assert ended.code == 1, ended.console
    step, message = deployment.failure()
    assert step == "plan"
    assert message.startswith("Bearman's plan has no usable ")
    assert deployment.fetched == []
    assert not list(machine.root.rglob("x"))


@under_two_shells
@pytest.mark.parametrize("key", ["nonce", "kernel", "initramfs", "seed", "memory", "append"])
@pytest.mark.parametrize("times", [0, 2])
def test_a_line_that_must_be_there_once_is_there_once(
    machine: Machine, deployment: Deployment, key: str, times: int
) -> None:
    line = next(line for line in deployment.lines() if line.startswith(f"{key} "))
    deployment.plan(**{key: "\n".join([line] * times) if times else None})
    assert machine.run("kexec.sh").code == 1
    assert deployment.failure() == ("plan", f"Bearman's plan has no usable {key}")


@under_two_shells
@pytest.mark.parametrize("key", SIGNED)
def test_a_line_of_the_signature_is_there_once_at_the_most(
    machine: Machine, deployment: Deployment, key: str
) -> None:
    deployment.plan(*SIGNED.values(), SIGNED[key])
    assert machine.run("kexec.sh").code == 1
    assert deployment.failure() == ("plan", f"Bearman's plan has no usable {key}")


@under_two_shells
@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"#!ipxe\nsleep 5\n",
        b"bearman-plan 2\n",
        b"bearman-plan 1 \n",
        b"\nbearman-plan 1\n",
        b"bearman-plan 1\r\n",
        b"bearman-plan 1\n\x1b[2J\n",
        b"\x00bearman-plan 1\n",
        b"<html>bearman-plan 1</html>",
    ],
)
def test_what_is_no_plan_is_not_read_as_one(
    machine: Machine, deployment: Deployment, text: bytes
) -> None:
    rest = "".join(f"{line}\n" for line in deployment.lines()[1:]).encode()
    deployment.answer_plan(text + rest)
    ended = machine.run("kexec.sh")
    assert ended.code == 1
    assert deployment.failure()[0] == "plan"
    assert "\x1b" not in ended.console
    assert deployment.fetched == []


@under_two_shells
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.binary(max_size=300))
def test_no_random_answer_is_ever_taken_for_a_plan(
    machine: Machine, deployment: Deployment, text: bytes
) -> None:
    deployment.answer_plan(text)
    assert machine.run("kexec.sh").code == 1
    assert deployment.fetched == []
