"""Makes filesystem.squashfs out of LXD's export, the same bytes for the same content."""

import subprocess
import threading
from pathlib import Path
from typing import IO

from image_builder import bases, normal_tar, programs
from image_builder.errors import failed
from image_builder.recipe import Squashfs


def make(export: Path, target: Path, options: Squashfs, epoch: int) -> int:
    """Pack what the export has under rootfs/; returns how many files that are."""
    process = subprocess.Popen(
        ["mksquashfs", "-", str(target), *arguments(options)],
        # mksquashfs takes its own time stamp from SOURCE_DATE_EPOCH, and clamps the files'.
        env=bases.environment(epoch),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    output: list[bytes] = []
    assert process.stdin is not None
    assert process.stdout is not None
    reader = threading.Thread(target=lambda: output.append(_read(process.stdout)))
    reader.start()
    count = 0
    try:
        with export.open("rb") as file:
            count = normal_tar.write(file, process.stdin, epoch=epoch, exclude=options.exclude)
        process.stdin.close()
        process.wait()
    except BrokenPipeError:
        process.wait()
    finally:
        programs.end(process)
        reader.join()
    if process.returncode or not count:
        text = b"".join(output).decode("utf-8", "replace")
        raise failed(f"mksquashfs failed (exit code {process.returncode}).", text)
    return count


def _read(stream: IO[bytes] | None) -> bytes:
    return stream.read() if stream else b""


def arguments(options: Squashfs) -> list[str]:
    """Options of mksquashfs 4.5 and newer."""
    level = ["-Xcompression-level", str(options.level)] if options.compression == "zstd" else []
    return [
        "-tar", "-noappend", "-no-progress", "-reproducible", "-exit-on-error",
        "-root-mode", "0755", "-root-uid", "0", "-root-gid", "0",
        "-comp", options.compression, *level,
    ]  # fmt: skip
