"""User slots of a simulated BMC."""

import pytest

from simulator.bmc import BmcFaults, Privilege, SimulatedBmc
from simulator.bmc.users import User


def test_a_user_may_log_in_only_enabled_with_messaging_and_up_to_its_privilege() -> None:
    user = User(2, "ops", enabled=True, privilege=Privilege.OPERATOR)
    assert user.may_log_in(Privilege.OPERATOR)
    assert not user.may_log_in(Privilege.ADMINISTRATOR)
    user.ipmi_messaging = False
    assert not user.may_log_in(Privilege.USER)
    user.ipmi_messaging, user.enabled = True, False
    assert not user.may_log_in(Privilege.USER)


def test_no_access_is_no_access_although_its_number_is_high() -> None:
    assert not User(2, "ops", enabled=True, privilege=Privilege.NO_ACCESS).may_log_in(4)


@pytest.mark.parametrize(
    "change",
    [{"name": "x" * 17}, {"name": "né"}, {"password": "p" * 21}, {"privilege": 9}],
)
def test_a_value_that_ipmi_cannot_carry_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        SimulatedBmc("b").set_user(2, **change)  # type: ignore[arg-type]


def test_a_slot_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="slot 11"):
        SimulatedBmc("b").set_user(11, name="x")


def test_a_password_of_twenty_bytes_is_kept_and_never_shown() -> None:
    bmc = SimulatedBmc("b")
    bmc.set_user(2, password="p" * 20)
    assert bmc.users.get(2).password == b"p" * 20
    assert "ppp" not in repr(bmc.users.get(2))


def test_a_bmc_with_that_fault_keeps_another_password() -> None:
    bmc = SimulatedBmc("b", faults=BmcFaults(wrong_password=True))
    bmc.set_user(2, password="secret")
    assert bmc.users.get(2).password not in (b"", b"secret")


def test_only_what_is_named_is_changed() -> None:
    bmc = SimulatedBmc("b")
    bmc.set_user(2, name="ops", enabled=True, privilege=Privilege.ADMINISTRATOR)
    bmc.set_user(2, ipmi_messaging=False)
    user = bmc.users.get(2)
    assert (user.name, user.enabled, user.privilege) == ("ops", True, Privilege.ADMINISTRATOR)
    assert not user.ipmi_messaging
