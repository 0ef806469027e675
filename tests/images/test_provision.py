"""Names that a build gives to what it makes in LXD."""

import re

import pytest

from image_builder.provision import container_name


@pytest.mark.parametrize("build", ["x1y2z3ab", "_1y2z3ab", "x1y2z3a_", "________"])
def test_a_container_has_a_name_that_lxd_takes_whatever_the_build_is_called(build: str) -> None:
    # LXD: letters, digits and dashes, no dash at the end, at most 63 characters.
    assert re.fullmatch(r"[a-z][a-z0-9-]{0,61}[a-z0-9]", container_name(build))
