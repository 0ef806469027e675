"""The `bearman-cli` program: its options, its verbs, and how it ends."""

import os
import sys
from typing import Annotated

import typer

from bearman_cli import (
    __version__,
    baremetal_verbs,
    check_verbs,
    deploy_verbs,
    exit_codes,
    identity_verbs,
    image_verbs,
    issue_verbs,
    node_verbs,
    operator_verbs,
    power_verbs,
    profile_verbs,
    round_up_verbs,
)
from bearman_cli.errors import CliError
from bearman_cli.exit_codes import ExitCode
from bearman_cli.options import Options, of

# Plain help: a machine's console has no use for boxes, and rich costs 50 ms.
app = typer.Typer(
    name="bearman-cli",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=exit_codes.help_text(),
)
node_verbs.add_to(app)
check_verbs.add_to(app)
deploy_verbs.add_to(app)
round_up_verbs.add_to(app)
app.add_typer(operator_verbs.app, name="node")
app.add_typer(baremetal_verbs.app, name="baremetal")
app.add_typer(profile_verbs.app, name="profile")
app.add_typer(image_verbs.app, name="image")
app.add_typer(power_verbs.app, name="power")
app.add_typer(issue_verbs.app, name="issue")
app.add_typer(identity_verbs.app, name="identity")


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"bearman-cli {__version__}")
        raise typer.Exit


@app.callback()
def options_before_the_verb(
    context: typer.Context,
    *,
    server: Annotated[
        str, typer.Option(envvar="BEARMAN_GRPC", metavar="HOST:PORT", help="Where Bearman is.")
    ] = "",
    ca: Annotated[
        str,
        typer.Option(
            envvar="BEARMAN_CA", metavar="FILE", help="Use TLS, and trust the certificates in FILE."
        ),
    ] = "",
    tls: Annotated[
        bool,
        typer.Option(
            "--tls", envvar="BEARMAN_TLS", help="Use TLS with the system's trusted roots."
        ),
    ] = False,
    plaintext: Annotated[
        bool,
        typer.Option(
            "--plaintext",
            envvar="BEARMAN_PLAINTEXT",
            help="Do without TLS also where the server is on another machine.",
        ),
    ] = False,
    timeout: Annotated[
        float | None,
        typer.Option(
            min=0.1, metavar="SECONDS", help="Time for one call; 30, or 120 for bmc-configured."
        ),
    ] = None,
    retry_for: Annotated[
        float | None,
        typer.Option(
            min=0,
            metavar="SECONDS",
            help="Time for retries while the server is away; 300 for nodes and watch, else 10.",
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only errors on stderr.")] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Bearman's command line, for machines that register and for operators.

    The token is never an option, for others could read it: set BEARMAN_TOKEN or
    BEARMAN_TOKEN_FILE; operators can keep it in ~/.config/bearman/token.
    """
    options = of(context)
    options.server, options.ca = server, ca
    options.tls, options.plaintext = tls, plaintext
    options.timeout, options.retry_for = timeout, retry_for
    options.notes.quiet = quiet


def main() -> None:
    """Run the program; exits with one of exit_codes.ExitCode, and shows nobody a traceback."""
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # its own log lines say nothing that we don't
    _write_what_the_terminal_can()
    options = Options()
    try:
        app(prog_name="bearman-cli", obj=options)
    except CliError as error:
        options.notes.fail(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
    except Exception as error:
        options.notes.fail(_unforeseen(error))
        sys.exit(ExitCode.UNEXPECTED)


def _write_what_the_terminal_can() -> None:
    """A console without Unicode gets escapes for what it cannot show, rather than an error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _unforeseen(error: Exception) -> CliError:
    return CliError(
        ExitCode.UNEXPECTED,
        f"This should not have happened: {type(error).__name__}: {error}.",
        f"Please report it with the command that you typed (bearman-cli {__version__}).",
    )
