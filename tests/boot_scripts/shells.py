"""The shells that a stage-one image may have as `sh`, each as the words that start it."""

import shutil

import pytest

SHELLS = {"dash": ["dash"], "bash": ["bash", "--posix"]}  # Debian, CentOS
if shutil.which("busybox"):
    SHELLS["busybox"] = ["busybox", "sh"]  # Alpine

# For long tables of values: what the third shell could do otherwise, other tests show.
under_two_shells = pytest.mark.parametrize("shell", ["dash", "bash"], indirect=True)
# For what other programs do than the shell.
under_one_shell = pytest.mark.parametrize("shell", ["dash"], indirect=True)
