"""Whether a shell script can be read at all; no Django here."""

import subprocess

SECONDS = 5
MAX_SCRIPT = 256 * 1024  # bytes


def syntax_problem(script: str) -> list[str]:
    """Return what `sh -n` says against a script, as a list with one sentence; empty for nothing.

    `sh -n` reads a script and runs none of it (POSIX.1-2024, utility sh, option -n).
    """
    if not script.strip():
        return []
    text = script.replace("\r\n", "\n").encode()
    if len(text) > MAX_SCRIPT:
        return [f"The install script is over {MAX_SCRIPT // 1024} KiB."]
    if b"\0" in text:
        return ["The install script has a NUL byte in it."]
    try:
        done = subprocess.run(
            ["/bin/sh", "-n"], input=text, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return [f"`sh -n` did not read the install script within {SECONDS} s."]
    if done.returncode == 0:
        return []
    words = done.stderr.decode("utf-8", "replace").strip().splitlines()
    last = words[-1] if words else "without a word"
    return [f"The install script is no valid shell: {last[:300]}."]
