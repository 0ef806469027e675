"""The file server's application: boot scripts, firmware and images for machines, nothing else."""

import os
import signal
from pathlib import PurePosixPath

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bearman.lib import parent

FOLDER = "BEARMAN_FILES_FOLDER"  # in which `bearman files` tells its workers what to serve

UNVERIFIED = "incoming"  # bearman.storage.INCOMING; this process does without Django


class Files(StaticFiles):
    """Regular files below a folder, without hidden ones and uploads in progress; no listings.

    GET and HEAD, ETag, If-None-Match, ranges and If-Range (RFC 9110) are Starlette's.
    """

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Return the real path of a file and what stat says, or no stat where there is none."""
        parts = PurePosixPath(path).parts
        if parts[:1] == (UNVERIFIED,) or any(part.startswith(".") for part in parts):
            return "", None
        try:
            return super().lookup_path(path)
        except PermissionError:
            return "", None

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Send it as bytes: operators chose its name, and no file shall be a page in a browser."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["content-type"] = "application/octet-stream"
        response.headers["x-content-type-options"] = "nosniff"
        return response


def build(folder: str) -> Starlette:
    """Return the application that serves `folder` below /files, and /healthz."""
    application = Starlette(
        routes=[Route("/healthz", _healthy), Mount("/files", Files(directory=folder))],
        exception_handlers={HTTPException: _in_one_line},
    )
    application.router.redirect_slashes = False
    return application


async def _healthy(_: Request) -> Response:
    return PlainTextResponse("ok\n")


async def _in_one_line(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = "There is no such file." if error.status_code == 404 else f"{error.detail}."
    return PlainTextResponse(f"{words}\n", error.status_code, headers=error.headers)


if folder := os.environ.get(FOLDER):
    # A granian that is killed must not leave workers that answer on its port.
    parent.follow(signal.SIGKILL)
    application = build(folder)
