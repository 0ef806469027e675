"""A machine for the boot scripts to run on: a folder in the place of "/", and stand-in programs."""

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.boot_scripts.web import Web

PROJECT = Path(__file__).resolve().parents[2]
BOOT_SCRIPTS = PROJECT / "boot_scripts"
STANDINS = Path(__file__).with_name("standins")
PRINTERS = ("dmidecode", "lsblk", "ip", "ethtool", "lldpcli")
VERBS = ("register", "check-wiring", "firmware-plan", "firmware-report", "bmc-configured")
OTHERS = ("poweroff", "reboot", "sleep", "sync", "bearman-cli", "ipmitool", "kexec", "systemctl")

GIB = 2**30
UUID = "4c4c4544-0042-3510-8052-b4c04f4d3132"
TOKEN = "boot-token-0123456789"
PASSWORD = "Zq9!x_7+Pw=2"
# What `bearman-cli register --output-dir` writes, each with the newline at its end.
ANSWER = {
    "status": "REGISTERING",
    "node_id": "17",
    "bmc_address": "10.9.0.21",
    "bmc_netmask": "255.255.240.0",
    "bmc_prefix_length": "20",
    "bmc_gateway": "10.9.0.1",
    "bmc_vlan_id": "140",
    "bmc_channel": "1",
    "bmc_user_slot": "3",
    "bmc_username": "bearman",
    "bmc_password": PASSWORD,
    "reason": "",
    "advice": "",
    "issue": "",
}
NEW_BMC = {
    "lan.source": "DHCP Address",
    "lan.address": "0.0.0.0",
    "lan.netmask": "0.0.0.0",
    "lan.gateway": "0.0.0.0",
    "lan.vlan": "Disabled",
    "lan.access": "disabled",
    "user.2.name": "ADMIN",
    "user.2.priv": "ADMINISTRATOR",
    "user.2.ipmi": "true",
}


@dataclass
class Ended:
    """How a script ended: its exit code and all that it printed."""

    code: int
    console: str


class Machine:
    """A rehearsal: `root` is the machine's "/", `state` is where tests talk to the stand-ins."""

    def __init__(self, folder: Path, shell: list[str], web: Web) -> None:
        self.web = web
        self.root, self.state, self.bin = folder / "root", folder / "state", folder / "bin"
        self.run_folder = self.root / "run/bearman"
        self.environment = {"BEARMAN_PATIENCE": "60"}
        for path in (self.bin, self.root / "proc", self.state):
            path.mkdir(parents=True)
        self._install_programs(shell)
        self._install_hardware()
        self._fill("answer", {name: f"{value}\n" for name, value in ANSWER.items()})
        self._fill("bmc", {name: f"{value}\n" for name, value in NEW_BMC.items()})
        self._fill("bmc-before", {name: f"{value}\n" for name, value in NEW_BMC.items()})
        self.boots_with(url="http://127.0.0.1:9", grpc="127.0.0.1:9", uuid=UUID, token=TOKEN)

    def _install_programs(self, shell: list[str]) -> None:
        for name in PRINTERS:
            (self.bin / name).symlink_to(STANDINS / "printer")
        for name in OTHERS:
            (self.bin / name).symlink_to(STANDINS / name)
        launcher = self.bin / "sh"
        launcher.write_text(f'#!/bin/sh\nexec {" ".join(shell)} "$@"\n')
        launcher.chmod(0o755)

    def _install_hardware(self) -> None:
        self._fill(".", {f"{name}.prints": f"what {name} prints\n" for name in PRINTERS})
        for verb in VERBS:
            self.bearman_answers(verb)
        for name, up, physical in (("eth0", "up", True), ("eth1", "down", True), ("lo", "", False)):
            folder = self.root / "sys/class/net" / name
            folder.mkdir(parents=True)
            (folder / "operstate").write_text(f"{up}\n")
            if physical:
                (folder / "device").mkdir()
        firmware = self.root / "sys/class/dmi/id"
        firmware.mkdir(parents=True)
        for name, value in (
            ("sys_vendor", "Supermicro"),
            ("product_name", "SYS-1029P-WTR"),
            ("product_serial", "A263141X8A03210"),
        ):
            (firmware / name).write_text(f"{value}\n")

        self.has_memory(total=16 * GIB, available=15 * GIB)

    def has_memory(self, *, total: int, available: int) -> None:
        """Set what /proc/meminfo says, in bytes."""
        lines = [f"MemTotal:  {total // 1024:9} kB", f"MemAvailable: {available // 1024} kB"]
        (self.root / "proc/meminfo").write_text("\n".join(lines) + "\n")

    def _fill(self, folder: str, files: dict[str, str]) -> None:
        (self.state / folder).mkdir(exist_ok=True)
        for name, text in files.items():
            (self.state / folder / name).write_text(text)

    def boots_with(self, **values: str) -> None:
        """Set the kernel command line: bearman.NAME=VALUE for each, among what is always there."""
        words = [f"bearman.{name}={value}" for name, value in values.items()]
        line = " ".join(["BOOT_IMAGE=vmlinuz", "quiet", *words, "console=ttyS0"])
        (self.root / "proc/cmdline").write_bytes(line.encode("utf-8", "surrogateescape") + b"\n")

    def record_every_program(self) -> None:
        """Put a recorder before each program that the scripts call, so that `argv` has them all."""
        for name in (
            *("awk", "cat", "chmod", "curl", "cut", "df", "flock", "fold", "grep", "head", "mkdir"),
            *("mv", "od", "readlink", "rm", "sed", "sha256sum", "sort", "tail"),
            *("timeout", "tr", "wc"),
        ):
            (self.bin / name).symlink_to(STANDINS / "passer")

    def start(
        self, script: Path, *arguments: str, stdout: int = subprocess.PIPE
    ) -> "subprocess.Popen[bytes]":
        """Start a script in a process group of its own."""
        return subprocess.Popen(
            [str(self.bin / "sh"), str(script), *arguments],
            env={
                "PATH": f"{self.bin}:/usr/sbin:/usr/bin:/sbin:/bin",
                "ROOT": str(self.root),
                "STANDINS": str(STANDINS),
                "STANDIN_STATE": str(self.state),
                **self.environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def run(self, script: str, *arguments: str) -> Ended:
        """Run a script of boot_scripts to its end, within a minute."""
        process = self.start(BOOT_SCRIPTS / script, *arguments)
        try:
            output, _ = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return Ended(process.returncode, output.decode("utf-8", "replace"))

    def run_at_terminal(self, script: str) -> tuple[int, str]:
        """Run a script whose console is a terminal; its exit code, and what a person sees."""
        ours, theirs = os.openpty()
        process = self.start(BOOT_SCRIPTS / script, stdout=theirs)
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # EIO: the other end is closed
            while piece := os.read(ours, 65536):
                shown += piece
        os.close(ours)
        return process.wait(timeout=60), shown.decode()

    def shorten_timeouts(self) -> None:
        """Let `timeout` end after a second, and kill a second later, whatever it was told."""
        launcher = self.bin / "timeout"
        launcher.write_text(
            "#!/bin/sh\n"
            'if [ "$1" = -k ]; then shift 3; set -- -k 1 1 "$@"; else shift; set -- 1 "$@"; fi\n'
            'exec /usr/bin/timeout "$@"\n'
        )
        launcher.chmod(0o755)

    def shorten_kills(self) -> None:
        """Let `timeout -k` kill after a second."""
        launcher = self.bin / "timeout"
        launcher.write_text(
            "#!/bin/sh\n"
            'if [ "$1" = -k ]; then shift 2; set -- -k 1 "$@"; fi\n'
            'exec /usr/bin/timeout "$@"\n'
        )
        launcher.chmod(0o755)

    def breaks(self, program: str, complaint: str) -> None:
        """Make a stand-in fail from now on."""
        (self.state / f"{program}.fails").write_text(f"{complaint}\n")

    def repairs(self, program: str) -> None:
        """Make a stand-in work again."""
        (self.state / f"{program}.fails").unlink()

    def bearman_answers(
        self, verb: str, *codes: int, says: str = "", advice: str = "", issue: str = ""
    ) -> None:
        """Let the next calls of a bearman-cli verb end with these codes; the ones after with 0."""
        (self.state / f"{verb}.codes").write_text("".join(f"{code}\n" for code in codes))
        (self.state / f"{verb}.says").write_text(f"bearman-cli: {says}\n")
        self._fill(f"{verb}.told", {"advice": f"{advice}\n", "issue": f"{issue}\n"})

    def bearman_gives(self, **values: str) -> None:
        """Change the files that `register` puts into its output folder."""
        for name, value in values.items():
            (self.state / "answer" / name).write_text(value)

    def bmc(self, name: str) -> str:
        """A value that the BMC has; empty where it never got one."""
        path = self.state / "bmc" / name
        return path.read_text().strip() if path.exists() else ""

    def tell_bmc(self, name: str, *lines: str) -> None:
        """Change a value of the BMC, or a word for its stand-in (see standins/ipmitool)."""
        (self.state / "bmc" / name).write_text("".join(f"{line}\n" for line in lines))

    @property
    def argv(self) -> list[str]:
        """Every call of a stand-in so far: its name and its arguments."""
        return [
            line
            for path in sorted(self.state.glob("argv*"))
            for line in path.read_text().splitlines()
        ]

    def calls(self, program: str) -> list[str]:
        """The arguments of each call of one program."""
        return [line.partition(" ")[2] for line in self.argv if line.split(" ")[0] == program]

    @property
    def bmc_calls(self) -> list[str]:
        """The calls of ipmitool that set or read the BMC's own settings."""
        others = ("mc info", "chassis identify")
        return [call for call in self.calls("ipmitool") if not call.startswith(others)]

    def reports(self, outcome: str) -> list[dict[str, str]]:
        """The reports with this outcome that reached Bearman, in order."""
        posted = [post.form for post in self.web.posted if post.path == f"/report/{UUID}"]
        return [report for report in posted if report["outcome"] == outcome]

    @property
    def is_off(self) -> bool:
        """Whether the machine was switched off."""
        return (self.state / "powered-off").exists()

    @property
    def restarts(self) -> bool:
        """Whether the machine was told to restart."""
        return (self.state / "restarted").exists()

    @property
    def light(self) -> str:
        """What the identify light was last told; empty for nothing."""
        return self.bmc("identify")

    def log(self, step: str) -> str:
        """The log of a step."""
        return (self.run_folder / "log" / f"{step}.log").read_text()

    def run_from_bmc(self) -> Ended:
        """Run register.sh as if all before step `bmc` had passed: most of the time goes there."""
        node = self.run_folder / "node"
        shutil.rmtree(node, ignore_errors=True)
        shutil.copytree(self.state / "answer", node)
        (self.run_folder / "passed").write_text("network\ninventory\nregister\nwiring\nfirmware\n")
        return self.run("register.sh", "--from", "bmc")

    def restart(self) -> None:
        """Start anew: all that a reboot forgets is forgotten."""
        shutil.rmtree(self.root / "run")
        for mark in ("powered-off", "restarted"):
            (self.state / mark).unlink(missing_ok=True)
