"""ipmi_sim of OpenIPMI: a BMC that the real ipmitool can set, on a loopback port."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simulator.demo.ports import free_udp_port

STANDINS = Path(__file__).with_name("standins")
# ipmi_lan(5); user 2 is the account that a BMC has when it leaves the factory.
CONFIGURATION = """
name "bmc"
set_working_mc 0x20
startlan 1
  addr 127.0.0.1 {port}
  priv_limit admin
  allowed_auths_callback none md2 md5 straight
  allowed_auths_user none md2 md5 straight
  allowed_auths_operator none md2 md5 straight
  allowed_auths_admin none md2 md5 straight
  guid a123456789abcdefa123456789abcdef
  lan_config_program "{program} {folder}"
endlan
user 2 true "ADMIN" "factory" admin 10 none md2 md5 straight
user 3 false "" "" admin 10 none md2 md5 straight
"""
COMMANDS = """
mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
sel_enable 0x20 1000 0x0a
mc_enable 0x20
"""


def missing() -> list[str]:
    """Names of the programs that are needed and not installed."""
    return [name for name in ("ipmi_sim", "ipmitool") if not shutil.which(name)]


def command(port: int, user: str, password: str) -> list[str]:
    """How to start ipmitool for the simulator, which knows no cipher suite after 3."""
    real = shutil.which("ipmitool") or "ipmitool"
    place = ["-I", "lanplus", "-C", "3", "-H", "127.0.0.1", "-p", str(port)]
    return [real, *place, "-U", user, "-P", password]


@contextmanager
def simulated_bmc(folder: Path) -> Iterator[int]:
    """Run a BMC that keeps its state below `folder`; gives its UDP port."""
    port = free_udp_port()
    (folder / "lan").mkdir(parents=True)
    (folder / "state").mkdir()
    program = STANDINS / "lan-parameters"
    text = CONFIGURATION.format(port=port, program=program, folder=folder / "lan")
    (folder / "lan.conf").write_text(text)
    (folder / "commands").write_text(COMMANDS)
    words = ["ipmi_sim", "-n", "-c", "lan.conf", "-f", "commands", "-s", "state"]
    process = subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL)
    try:
        _wait_until_it_answers(port)
        yield port
    finally:
        process.kill()
        process.wait()


def _wait_until_it_answers(port: int) -> None:
    for _ in range(50):
        words = [*command(port, "ADMIN", "factory"), "mc", "info"]
        if subprocess.run(words, check=False, capture_output=True, timeout=30).returncode == 0:
            return
        time.sleep(0.1)
    raise TimeoutError("ipmi_sim did not answer")
