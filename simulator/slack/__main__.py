"""`python -m simulator.slack`: a stand-in for Slack until Ctrl-C."""

import argparse
import threading

from simulator.interrupt import interrupt_once
from simulator.slack.server import SlackStandIn


def main() -> None:
    """Run one, and print what Bearman must be set to."""
    interrupt_once()
    parser = argparse.ArgumentParser(prog="python -m simulator.slack", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of loopback (default: any)")
    with SlackStandIn(parser.parse_args().port) as slack:
        print(f"Page     {slack.url}/")
        print(f"Web API  {slack.api_url}  token {slack.token}  channel #bearman")
        print(f"Webhook  {slack.webhook_url}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("Ended.")


if __name__ == "__main__":
    main()
