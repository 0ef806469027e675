"""Where a BMC is and how to log in to it."""

import pytest

from nodes.bmc import BmcEndpoint, driver_for


def test_the_password_is_not_shown() -> None:
    assert "secret" not in repr(BmcEndpoint("127.0.0.1", "bearman", "secret"))


@pytest.mark.parametrize(
    ("host", "username", "password", "port"),
    [
        ("bmc.example.org", "bearman", "secret", 623),
        ("", "bearman", "secret", 623),
        ("127.0.0.1", "", "secret", 623),
        ("127.0.0.1", "u" * 17, "secret", 623),
        ("127.0.0.1", "bearman", "secret" * 4, 623),
        ("127.0.0.1", "bearman", "secret", 0),
        ("127.0.0.1", "bearman", "secret", 65536),
    ],
)
def test_an_endpoint_that_cannot_be_right_is_refused_without_its_password(
    host: str, username: str, password: str, port: int
) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        BmcEndpoint(host, username, password, port)
    assert "secret" not in str(caught.value)


def test_a_kind_of_driver_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="'redfish' is none of ipmi"):
        driver_for(BmcEndpoint("127.0.0.1", "bearman", "secret"), kind="redfish")
