"""A fleet that is interrupted in the very moment in which it makes its folder."""

import subprocess
import sys
from pathlib import Path

from simulator.demo.ports import free_udp_port
from simulator.shell_run import PROJECT

SCRIPT = """
import os, signal, sys, tempfile
from simulator.fleet import Fleet
from simulator.interrupt import interrupt_once
from simulator.lineup import FleetPlan
interrupt_once()
made = tempfile.mkdtemp
def make(*arguments, **more):
    folder = made(*arguments, **more)
    print(folder, flush=True)
    os.kill(os.getpid(), signal.SIGHUP)
    return folder
tempfile.mkdtemp = make
with Fleet(FleetPlan(nodes=1, url="http://127.0.0.1:9", bmc_port=int(sys.argv[1]))):
    sys.exit("it goes on")
"""


def test_the_folder_of_a_fleet_that_is_interrupted_as_it_is_made_is_gone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(free_udp_port())],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "KeyboardInterrupt" in done.stderr
    folders = done.stdout.splitlines()
    assert folders
    assert not [folder for folder in folders if Path(folder).exists()]
