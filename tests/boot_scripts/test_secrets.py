"""The boot token and the BMC's password reach no argument of any program, and no log."""

from pathlib import Path

import pytest

from profiles.bundle import bundle
from tests.boot_scripts.machine import BOOT_SCRIPTS, PASSWORD, TOKEN, UUID, Machine
from tests.boot_scripts.web import Web

FAULTS: dict[str, tuple[str, ...]] = {
    "none": (),
    "refused": ("refuses", "user.3.password"),
    "lost": ("ignores", "user.3.password"),
}


def files_with(secret: str, folder: Path) -> set[str]:
    """Names of the files below `folder` that hold the secret."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.name for path in files if secret.encode() in path.read_bytes()}


@pytest.mark.parametrize("fault", FAULTS)
def test_no_secret_is_in_an_argument_a_log_a_report_or_on_the_console(
    machine: Machine, web: Web, fault: str
) -> None:
    if words := FAULTS[fault]:
        machine.tell_bmc(*words)
    machine.record_every_program()
    web.publish(UUID, "register.sh", bundle("register.sh", BOOT_SCRIPTS))
    ended = machine.run("autorun")
    assert ended.code == (1 if fault != "none" else 0)
    assert {"curl", "timeout", "grep", "ipmitool", "bearman-cli", "cat"} <= {
        line.split()[0] for line in machine.argv
    }, "the recorders were not used"
    for secret in (TOKEN, PASSWORD):
        assert not [line for line in machine.argv if secret in line]
        assert secret not in ended.console
        assert secret not in str(web.posted)
        assert files_with(secret, machine.run_folder / "log") == set()
    assert files_with(TOKEN, machine.run_folder) == set()
    assert files_with(PASSWORD, machine.run_folder) == {"bmc_password"}


def test_following_register_sh_with_xtrace_does_not_show_the_password(machine: Machine) -> None:
    """People debug with `sh -x`, and the trace goes into the step's log."""
    process = machine.start(Path("-x"), str(BOOT_SCRIPTS / "register.sh"))
    output, _ = process.communicate(timeout=60)
    assert machine.is_off
    assert b"run_step bmc configure_bmc" in output
    assert "ipmi_with_password" in machine.log("bmc")
    assert PASSWORD.encode() not in output
    assert files_with(PASSWORD, machine.run_folder / "log") == set()
