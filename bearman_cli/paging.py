"""Fetches lists page by page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bearman_cli.connection import Connection
from bearman_cli.errors import CliError
from bearman_cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from bearman_cli.connection import Method

PAGE_SIZE = 1000  # the most that a server gives at once


def pages(
    connection: Connection, method: Method[Any, Any], wanted: Any, limit: int | None
) -> Iterator[Any]:
    """The responses, each fetched when it is needed; one row more than `limit`, if there is one.

    `wanted` is a request with page_size and page_token, the responses have next_page_token.
    """
    request = type(wanted)()
    request.CopyFrom(wanted)
    request.page_size = PAGE_SIZE if limit is None else min(PAGE_SIZE, limit + 1)
    while True:
        page = connection.call(method, request)
        yield page
        if not page.next_page_token:
            return
        if page.next_page_token == request.page_token:
            raise CliError(ExitCode.UNEXPECTED, "The server gave the same page twice.")
        request.page_token = page.next_page_token
