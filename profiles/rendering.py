"""A profile's configuration as files, and what its checker says; no Django here."""

from profiles import checks, formats
from profiles.facts import Facts


def config_files(config_format: str, body: str, facts: Facts) -> dict[str, str]:
    """Return the configuration's files by name; none for the format `none`.

    Raises ValueError with what cannot be rendered.
    """
    if config_format == "none":
        return {}
    text = body.replace("\r\n", "\n")
    return formats.render(config_format, text or formats.default_body(config_format), facts)


def problems_of(config_format: str, body: str, facts: Facts) -> list[str]:
    """Return what is wrong with the rendered configuration, in the checker's words."""
    try:
        files = config_files(config_format, body, facts)
    except ValueError as error:
        return [str(error)]
    return checks.check(config_format, files).problems if files else []
