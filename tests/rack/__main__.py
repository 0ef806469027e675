"""`make rack`: a rack of machines, and a small console to it until `down` or Ctrl-D."""

import argparse
import sys

from simulator.interrupt import interrupt_once
from tests.rack import images
from tests.rack.console import Console
from tests.rack.rack import Rack, missing
from tests.rack.server import USER
from tests.rack.shell import RackError

DONE, FAILED, INTERRUPTED = 0, 1, 130


def main() -> int:
    """Make the rack, obey, and take it down whatever happens; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.rack", description=__doc__)
    parser.add_argument("--machines", type=int, default=2, metavar="N", help="how many (2)")
    options = parser.parse_args()
    if reason := missing():
        print(f"There can be no rack: {reason}", file=sys.stderr)
        return FAILED
    interrupt_once()
    try:
        images.provide()
        print("Starting Bearman, DHCP and the switch; this takes a minute.", flush=True)
        with Rack() as rack:
            for run in rack.cleared:
                print(f"Cleared what the rack {run} had left.")
            _fill(rack, options.machines)
            Console(rack).cmdloop()
    except RackError as error:
        print(f"rack: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("\nThe rack is down.")
        return INTERRUPTED
    print("The rack is down.")
    return DONE


def _fill(rack: Rack, machines: int) -> None:
    rack.prepare()
    for _ in range(machines):
        rack.add()
    print(f"Admin: {rack.admin}/admin/  user {USER}, password {rack.server.password}")
    print(f"gRPC:  {rack.grpc}  (BEARMAN_TOKEN={rack.server.token})")
    print(f"SSH key for the deploy form: {rack.public_key}")
    print(f"Logs:  {rack.folder}")
    print(f"{len(rack.machines)} machines, all off. `help` lists what you can do.")


if __name__ == "__main__":
    sys.exit(main())
