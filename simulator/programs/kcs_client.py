"""Hands a program's name and arguments to the simulator; what comes back it prints.

Started with `-SEI` and without any library but the built-in socket: a machine calls it twenty
times, and so it takes 10 ms instead of 50.
"""

import _socket
import os
import sys

AF_UNIX = _socket.AF_UNIX
MAX_FILE = 65536  # bytes of a script for `ipmitool exec`


def main() -> int:
    """Send NUL-separated words, receive the exit code, a newline and the output."""
    words = [os.environ["SIMULATED_NUMBER"], *sys.argv[1:]]
    if words[1:3] == ["ipmitool", "exec"]:
        with open(words[3], "rb") as script:
            words[3] = script.read(MAX_FILE).decode("utf-8", "surrogateescape")
    # The simulator stands in another folder.
    words[2:] = [os.path.abspath(word) if os.path.isfile(word) else word for word in words[2:]]
    connection = _socket.socket(AF_UNIX)
    connection.connect(os.environ["SIMULATED_KCS"])
    connection.sendall("\0".join(words).encode("utf-8", "surrogateescape"))
    connection.shutdown(_socket.SHUT_WR)
    answer = b""
    while piece := connection.recv(65536):
        answer += piece
    code, _, output = answer.partition(b"\n")
    stream = sys.stdout if code == b"0" else sys.stderr
    stream.buffer.write(output)
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
