"""The program `python -m image_builder`: its commands, and how it ends."""

import json
import os
import sys

import typer

from bearman_cli.errors import CliError
from image_builder import (
    build_verbs,
    exit_codes,
    programs,
    publish,
    sign_verbs,
    signals,
    store_verbs,
)
from image_builder.errors import BuildError, no_space
from image_builder.exit_codes import ExitCode
from image_builder.options import Wishes

LOG_LINES = 60

app = typer.Typer(
    name="image_builder",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=exit_codes.help_text(),
    help="Make images that machines boot, from recipes, and publish them to Bearman. "
    "docs/images.md has the rest.",
)
build_verbs.add_to(app)
store_verbs.add_to(app)
sign_verbs.add_to(app)


def main() -> None:
    """Run the program; exits with one of exit_codes.ExitCode, and shows nobody a traceback."""
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    programs.extend_path()
    try:
        with signals.caught():
            app(prog_name="python -m image_builder")
    except BuildError as error:
        _fail(error)
    except CliError as error:
        _fail(publish.translated(error))
    except signals.Interrupted:
        _fail(BuildError(ExitCode.INTERRUPTED, "Interrupted; everything was cleared away."))
    except OSError as error:
        _fail(_of_the_system(error))
    except Exception as error:
        _fail(_unforeseen(error))


def _of_the_system(error: OSError) -> BuildError:
    if error.errno in {28, 122}:  # ENOSPC, EDQUOT of errno(3)
        return no_space(f"{error.filename or 'A file'} cannot be written")
    words = f"{error.filename or 'A file'}: {error.strerror or error}"
    return BuildError(ExitCode.USAGE, f"{words}.", "Check that it is there and may be used.")


def _unforeseen(error: Exception) -> BuildError:
    return BuildError(
        ExitCode.UNEXPECTED,
        f"This should not have happened: {type(error).__name__}: {error}.",
        "Please report it with the command that you typed.",
    )


def _fail(error: BuildError) -> None:
    if Wishes.as_json:
        print(json.dumps({"error": error.as_dict()}), file=sys.stderr)
    else:
        for line in error.log.splitlines()[-LOG_LINES:]:
            print(f"  {line}", file=sys.stderr)
        print(f"image_builder: {error.message} {error.advice}".rstrip(), file=sys.stderr)
    sys.exit(error.exit_code)
