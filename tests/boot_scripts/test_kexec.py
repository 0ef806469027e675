"""kexec.sh from the first step to the jump, and the machines that it hands on to a cold boot."""

import pytest

from profiles.bundle import bundle
from tests.boot_scripts.deployment import (
    APPEND,
    INITRAMFS,
    KERNEL,
    PATHS,
    SEED,
    SYSTEM_TOKEN,
    Deployment,
)
from tests.boot_scripts.machine import BOOT_SCRIPTS, GIB, TOKEN, UUID, Machine
from tests.boot_scripts.shells import under_two_shells
from tests.boot_scripts.test_secrets import files_with
from tests.boot_scripts.web import Answer, Web

MLX4 = (
    "driver: mlx4_en\nversion: 4.0-0\nfirmware-version: 2.42.5000 (MT_1)\nbus-info: 0000:01:00.0\n"
)


def test_the_system_is_fetched_verified_and_jumped_into(
    machine: Machine, deployment: Deployment
) -> None:
    ended = machine.run("kexec.sh")
    assert (ended.code, deployment.jumped) == (0, True), ended.console
    assert (machine.state / "kernel").read_bytes() == KERNEL
    assert (machine.state / "initrd").read_bytes() == INITRAMFS + b"\0\0\0" + SEED
    assert machine.calls("systemctl") == ["kexec"]
    assert not list(machine.root.rglob("x"))


def test_the_kernel_command_line_is_one_argument_as_bearman_gave_it(
    machine: Machine, deployment: Deployment
) -> None:
    machine.run("kexec.sh")
    fetched = machine.run_folder / "fetch"
    assert (machine.state / "kexec-arguments").read_text().splitlines() == [
        "-l",
        f"{fetched}/kernel",
        f"--initrd={fetched}/initramfs",
        f"--command-line={APPEND}",
    ]


def test_bearman_and_nobody_else_is_shown_the_token(
    machine: Machine, deployment: Deployment, web: Web
) -> None:
    machine.run("kexec.sh")
    assert web.asked == [
        ("/healthz", ""),
        (f"/ipxe/{UUID}", f"Bearer {TOKEN}"),
        (PATHS["kernel"], ""),
        (PATHS["initramfs"], ""),
        (f"/seed/{UUID}", f"Bearer {TOKEN}"),
    ]


def test_each_step_is_told(machine: Machine, deployment: Deployment) -> None:
    machine.run("kexec.sh")
    told = [(report["step"], report["message"]) for report in machine.reports("progress")]
    assert told == [
        ("plan", "step plan begins"),
        ("preflight", "step preflight begins"),
        ("verify", "step verify begins"),
        ("fetch", "step fetch begins"),
        ("kexec", "step kexec begins"),
        ("kexec", "the system is loaded and verified; jumping into it"),
    ]


def test_autorun_runs_it_in_its_published_form(
    machine: Machine, deployment: Deployment, web: Web
) -> None:
    web.publish(UUID, "kexec.sh", bundle("kexec.sh", BOOT_SCRIPTS))
    assert machine.run("autorun").code == 0
    assert deployment.jumped


def test_the_optional_lines_may_be_missing_and_unknown_ones_are_left_alone(
    machine: Machine, deployment: Deployment
) -> None:
    deployment.plan("music some more", root=None, deny_nic=None, memory="memory 0")
    assert machine.run("kexec.sh").code == 0
    assert deployment.jumped


@pytest.mark.issue("DEP-004")
def test_too_little_memory_for_the_system_is_a_failure_however_it_is_booted(
    machine: Machine, deployment: Deployment
) -> None:
    machine.has_memory(total=GIB, available=GIB)
    ended = machine.run("kexec.sh")
    assert ended.code == 1
    words = "this machine has 1024 MiB of memory and the system needs 2048"
    assert deployment.failure() == ("preflight", words)
    assert "What to do    Choose a smaller image" in ended.console
    assert deployment.fetched == []
    assert machine.reports("failed")[0]["issue"] == "DEP-004"


def test_memory_that_the_firmware_keeps_is_forgiven(
    machine: Machine, deployment: Deployment
) -> None:
    machine.has_memory(total=GIB * 19 // 10, available=GIB)
    assert machine.run("kexec.sh").code == 0
    assert deployment.jumped


@pytest.mark.issue("DEP-005")
@under_two_shells
@pytest.mark.parametrize(
    "pattern",
    ["mlx4_en 2.42.5000*", "mlx4_en *", "mlx4_en 2.4[0-2].*", "mlx4_en 2.42.5000 (MT_1)"],
)
def test_a_nic_on_the_list_leads_to_a_cold_boot_with_the_machine_still_on(
    machine: Machine, deployment: Deployment, pattern: str
) -> None:
    (machine.state / "ethtool.prints").write_text(MLX4)
    deployment.plan("deny-nic other *", f"deny-nic {pattern}", deny_nic=None)
    ended = machine.run("kexec.sh")
    assert (ended.code, deployment.jumped, machine.is_off) == (0, False, False)
    assert deployment.cold_boot() == (
        "eth0 has driver mlx4_en with firmware 2.42.5000 (MT_1), "
        "which is on the list of those that do not survive a kexec"
    )
    assert "bearman: Bearman has been told; it will switch this machine off and on" in ended.console
    assert deployment.fetched == []
    assert machine.reports("cold_boot")[0]["issue"] == "DEP-005"


@under_two_shells
@pytest.mark.parametrize("pattern", ["mlx4_en 2.42.5000", "mlx4 *", "mlx5_core *", "mlx4_en [2.42"])
def test_a_nic_that_is_not_on_the_list_is_no_hindrance(
    machine: Machine, deployment: Deployment, pattern: str
) -> None:
    (machine.state / "ethtool.prints").write_text(MLX4)
    deployment.plan(deny_nic=f"deny-nic {pattern}")
    machine.run("kexec.sh")
    assert deployment.jumped


def test_a_nic_that_says_nothing_is_no_hindrance(machine: Machine, deployment: Deployment) -> None:
    machine.breaks("ethtool", "Operation not supported")
    machine.run("kexec.sh")
    assert deployment.jumped


@pytest.mark.issue("DEP-007")
def test_a_kernel_that_kexec_does_not_take_is_booted_cold(
    machine: Machine, deployment: Deployment
) -> None:
    (machine.state / "loads.fails").write_text("kexec_load failed: Operation not permitted\n")
    ended = machine.run("kexec.sh")
    assert (ended.code, deployment.jumped) == (0, False)
    words = "kexec -l ended with code 255: kexec_load failed: Operation not permitted"
    assert deployment.cold_boot() == words
    assert f"bearman: no kexec here: {words}\n" in ended.console
    assert files_with(SYSTEM_TOKEN, machine.root) == set()
    assert machine.reports("cold_boot")[0]["issue"] == "DEP-007"


def test_where_systemctl_cannot_kexec_the_kernel_is_asked_to(
    machine: Machine, deployment: Deployment
) -> None:
    machine.breaks("systemctl", "Failed to connect to bus")
    machine.run("kexec.sh")
    assert machine.calls("kexec")[-1] == "-e"
    assert deployment.jumped


@pytest.mark.issue("DEP-006")
def test_a_run_folder_without_room_leads_to_a_cold_boot(
    machine: Machine, deployment: Deployment
) -> None:
    table = "Filesystem 1024-blocks Used Available Capacity Mounted\ntmpfs 99 9 90 1% /run\n"
    (machine.state / "df.prints").write_text(table)
    (machine.bin / "df").symlink_to(machine.bin / "ethtool")
    assert machine.run("kexec.sh").code == 0
    words = f"{machine.run_folder} has room for 0 MiB and the system's files are 2 MiB"
    assert deployment.cold_boot() == words
    assert machine.reports("cold_boot")[0]["issue"] == "DEP-006"


def test_too_little_free_memory_for_kexec_leads_to_a_cold_boot(
    machine: Machine, deployment: Deployment
) -> None:
    machine.has_memory(total=16 * GIB, available=4 * 2**20)
    assert machine.run("kexec.sh").code == 0
    assert deployment.cold_boot() == "4 MiB of memory are free and kexec needs 4"


def test_a_cold_boot_that_cannot_be_told_is_left_to_bearmans_deadline(
    machine: Machine, deployment: Deployment, web: Web
) -> None:
    (machine.state / "loads.fails").write_text("no\n")
    web.answers[f"/report/{UUID}"] = Answer(b"Nothing is deployed here.", status=409)
    ended = machine.run("kexec.sh")
    assert ended.code == 0
    assert "Nothing is deployed here.); it will find out by itself" in ended.console


@under_two_shells
@pytest.mark.parametrize(("status", "code"), [(401, 4), (403, 4), (404, 6), (409, 6)])
def test_without_a_plan_the_machine_stays_lit(
    machine: Machine, deployment: Deployment, web: Web, status: int, code: int
) -> None:
    web.answers[f"/ipxe/{UUID}"] = Answer(b"Nothing is to be deployed here.", status=status)
    ended = machine.run("kexec.sh")
    assert ended.code == code
    step, message = deployment.failure()
    assert (step, message.partition(": ")[2]) == ("plan", "Nothing is to be deployed here.")


@under_two_shells
@pytest.mark.parametrize(
    ("told", "shown"),
    [("PROF-001", "PROF-001"), ("", "DEP-019"), ("nonsense", "DEP-019"), ("DEP-0199", "DEP-019")],
)
def test_the_code_of_a_refusal_is_bearmans_where_it_has_one(
    machine: Machine, deployment: Deployment, web: Web, told: str, shown: str
) -> None:
    web.answers[f"/ipxe/{UUID}"] = Answer(b"Not this one.", status=409, issue=told)
    ended = machine.run("kexec.sh")
    assert ended.code == 6
    assert machine.reports("failed")[0]["issue"] == shown
    assert f"Step          plan, code {shown}" in ended.console


@pytest.mark.parametrize("program", ["kexec", "systemctl"])
def test_a_rehearsal_never_reaches_for_the_machines_own_programs(
    machine: Machine, deployment: Deployment, program: str
) -> None:
    (machine.bin / program).unlink()
    ended = machine.run("kexec.sh")
    assert (ended.code, deployment.jumped) == (2, False)
    assert f"PATH has no stand-in for {program}" in ended.console


def test_it_can_be_gone_on_with_and_run_again(machine: Machine, deployment: Deployment) -> None:
    machine.breaks("kexec", "out of order")
    assert machine.run("kexec.sh").code == 0
    machine.repairs("kexec")
    ended = machine.run("kexec.sh", "--from", "fetch")
    assert (ended.code, deployment.jumped) == (0, True), ended.console
    assert machine.run("kexec.sh").code == 0
    assert (machine.state / "initrd").read_bytes() == INITRAMFS + b"\0\0\0" + SEED


def test_no_secret_is_in_an_argument_a_log_a_report_or_on_the_console(
    machine: Machine, deployment: Deployment, web: Web
) -> None:
    machine.record_every_program()
    ended = machine.run("kexec.sh")
    assert deployment.jumped
    for secret in (TOKEN, SYSTEM_TOKEN):
        assert not [line for line in machine.argv if secret in line]
        assert secret not in ended.console
        assert secret not in str(web.posted)
        assert files_with(secret, machine.run_folder / "log") == set()
    assert files_with(TOKEN, machine.run_folder) == set()
    assert files_with(SYSTEM_TOKEN, machine.run_folder) == {"initramfs"}
