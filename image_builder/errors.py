"""The one error of image_builder: a sentence, what to do about it, and an exit code."""

from image_builder.exit_codes import ExitCode

NO_SPACE = ("No space left on device", "Disk quota exceeded", "Write failed because")


class BuildError(Exception):
    """Ends the program with `exit_code`; `log` is output of what failed, for people to read."""

    def __init__(
        self, exit_code: ExitCode, message: str, advice: str = "", *, log: str = ""
    ) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.message = message
        self.advice = advice
        self.log = log

    def as_dict(self) -> dict[str, object]:
        """The `error` object of `--json`."""
        return {
            "exit_code": self.exit_code.value,
            "name": self.exit_code.name,
            "message": self.message,
            "advice": self.advice or None,
            "log": self.log or None,
        }


def wrong_usage(message: str, advice: str = "") -> BuildError:
    """An error that the caller can mend by typing something else."""
    return BuildError(ExitCode.USAGE, message, advice)


def not_found(message: str, advice: str = "") -> BuildError:
    """There is no such thing."""
    return BuildError(ExitCode.NOT_FOUND, message, advice)


def failed(message: str, output: str, advice: str = "") -> BuildError:
    """A step failed; a full disk is told from other reasons by what the program wrote."""
    if any(words in output for words in NO_SPACE):
        return no_space(message, log=output)
    return BuildError(ExitCode.FAILED, message, advice, log=output)


def no_space(message: str, *, log: str = "") -> BuildError:
    """A disk is full."""
    return BuildError(
        ExitCode.NO_SPACE,
        f"{message.rstrip('.')}: no space is left.",
        "Free some (`python -m image_builder prune`), or point BEARMAN_IMAGES_DIR and "
        "BEARMAN_IMAGES_WORK_DIR at a larger disk.",
        log=log,
    )
