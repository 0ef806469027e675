"""A wrong password, silence and a refusal are three different things."""

import time
from collections.abc import Callable

import pytest

from nodes.bmc import (
    BmcAuthError,
    BmcError,
    BmcProtocolError,
    BmcRefused,
    BmcTimeout,
    BmcTimings,
    PowerState,
    ipmi_session,
)
from simulator.bmc import BmcFaults, Privilege, Reactions, SimulatedBmc, rmcp
from simulator.bmc.rakp import SUITE_17
from simulator.bmc.sessions import MAX_SESSIONS
from tests.nodes.bmc.helpers import HASTY, driver, driver_through
from tests.simulator.bmc.rig import PASSWORD, SLOT, Rig, wait_until

OPEN_SESSION, RAKP1, RAKP3 = 0x10, 0x12, 0x14


def reads_well(error: BmcError, address: str) -> bool:
    sentence = str(error)
    one_sentence = sentence.startswith(f"The BMC at {address} ") and sentence.endswith(".")
    return one_sentence and PASSWORD not in sentence + error.advice and len(error.advice) > 20


def is_sealed(datagram: bytes) -> bool:
    return datagram[4] == rmcp.AUTH_RMCP_PLUS and bool(datagram[5] & rmcp.ENCRYPTED)


@pytest.mark.issue("BMC-002")
def test_a_wrong_password_is_never_retried(rig: Rig) -> None:
    bmc = rig.bmc()
    relay = rig.relay(bmc)
    bmc.set_user(SLOT, password="another")
    with pytest.raises(BmcAuthError, match="another password") as caught:
        driver_through(relay).power_status()
    assert relay.payload_types().count(RAKP1) == 1
    assert RAKP3 not in relay.payload_types()  # so that the BMC does not even count a failure
    assert reads_well(caught.value, "127.0.0.1")
    assert caught.value.issue.code == "BMC-002"


def test_a_bmc_that_kept_another_password_is_found_out(rig: Rig) -> None:
    bmc = rig.bmc(faults=BmcFaults(wrong_password=True))
    with pytest.raises(BmcAuthError):
        driver(rig, bmc).power_status()


def test_an_unknown_or_disabled_user_is_never_retried(rig: Rig) -> None:
    bmc = rig.bmc()
    relay = rig.relay(bmc)
    bmc.set_user(SLOT, enabled=False)
    with pytest.raises(BmcAuthError, match="does not know this user"):
        driver_through(relay).power_status()
    assert relay.payload_types().count(RAKP1) == 1


@pytest.mark.issue("BMC-003")
def test_a_user_who_is_no_administrator_is_told_so(rig: Rig) -> None:
    bmc = rig.bmc()
    bmc.set_user(SLOT, privilege=Privilege.USER)
    with pytest.raises(BmcAuthError, match="administrator privilege") as caught:
        driver(rig, bmc).power_status()
    assert caught.value.issue.code == "BMC-003"


@pytest.mark.issue("BMC-001")
def test_a_silent_bmc_is_tried_as_often_as_asked_and_in_bounded_time(rig: Rig) -> None:
    bmc = rig.bmc(faults=BmcFaults(silent=True))
    relay = rig.relay(bmc)
    start = time.monotonic()
    with pytest.raises(BmcTimeout, match=r"did not answer within 0\.3 s") as caught:
        driver_through(relay, HASTY).power_status()
    assert 3 * 0.3 <= time.monotonic() - start < 10  # a computer may be busy
    assert len(relay.requests) == 3
    assert not caught.value.may_have_acted
    assert caught.value.issue.code == "BMC-001"
    assert reads_well(caught.value, "127.0.0.1")


def test_a_bmc_that_wakes_up_between_tries_is_reached(rig: Rig) -> None:
    seen: list[bytes] = []

    def sleep_first(datagram: bytes) -> list[bytes]:
        seen.append(datagram)
        return [] if len(seen) == 1 else [datagram]

    relay = rig.relay(rig.bmc(), to_bmc=sleep_first)
    assert driver_through(relay, HASTY).power_status() == PowerState.OFF


def test_a_closed_port_is_silence_and_is_named(rig: Rig) -> None:
    bmc = SimulatedBmc("nowhere")
    bmc.set_lan("ipaddr", rig.free_address())
    with pytest.raises(BmcTimeout, match=f"UDP port {rig.fleet.port} is closed"):
        driver(rig, bmc, HASTY).power_status()


def test_a_slow_bmc_is_waited_for(rig: Rig) -> None:
    bmc = rig.bmc(faults=BmcFaults(slow_s=0.2))
    relay = rig.relay(bmc)
    assert driver_through(relay).power_status() == PowerState.OFF
    assert relay.payload_types().count(OPEN_SESSION) == 1  # nothing was said twice


def test_a_bmc_slower_than_the_first_wait_is_waited_for_longer(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ipmi_session, "FIRST_RESEND_S", 0.1)
    bmc = rig.bmc(faults=BmcFaults(slow_s=0.25))
    assert driver(rig, bmc).power_status() == PowerState.OFF


def spoil_rakp4(position: int, flip: int) -> Callable[[bytes], list[bytes]]:
    """Flip bits in one byte of the payload of each RAKP message 4."""

    def spoil(datagram: bytes) -> list[bytes]:
        if datagram[4] != rmcp.AUTH_RMCP_PLUS or datagram[5] != rmcp.PAYLOAD_RAKP4:
            return [datagram]
        changed = bytearray(datagram)
        changed[16 + position] ^= flip
        return [bytes(changed)]

    return spoil


def test_a_password_refused_only_in_the_last_message_is_not_retried(rig: Rig) -> None:
    relay = rig.relay(rig.bmc(), to_client=spoil_rakp4(1, 0x0F))
    with pytest.raises(BmcAuthError, match="does not accept the password"):
        driver_through(relay).power_status()
    assert relay.payload_types().count(RAKP3) == 1


@pytest.mark.issue("BMC-017")
def test_a_bmc_that_wants_a_second_key_is_named_with_advice(rig: Rig) -> None:
    relay = rig.relay(rig.bmc(), to_client=spoil_rakp4(8, 0xFF))
    with pytest.raises(BmcAuthError, match="second key") as caught:
        driver_through(relay).power_status()
    assert caught.value.issue.code == "BMC-017"
    assert "Clear the BMC's K_G key" in caught.value.advice


@pytest.mark.issue("BMC-004")
def test_a_refused_power_command_is_said_in_words(rig: Rig) -> None:
    bmc = rig.bmc(faults=BmcFaults(refuses_power=True))
    with pytest.raises(BmcRefused, match="not supported in present state") as caught:
        driver(rig, bmc).power_on()
    assert caught.value.code == 0xD5
    assert caught.value.issue.code == "BMC-004"
    assert "power status" in caught.value.advice
    assert reads_well(caught.value, str(bmc.lan.address))


@pytest.mark.issue("BMC-013")
def test_a_bmc_without_a_strong_cipher_suite_is_refused_with_advice(rig: Rig) -> None:
    with pytest.raises(BmcRefused, match="Cipher suite") as caught:
        driver(rig, rig.bmc(suites=())).power_status()
    assert caught.value.issue.code == "BMC-013"
    assert "17 or 3" in caught.value.advice


@pytest.mark.issue("BMC-014")
def test_a_bmc_whose_sessions_are_all_taken_is_refused_with_advice(rig: Rig) -> None:
    last: list[bool] = []

    def lose_logouts(datagram: bytes) -> list[bytes]:
        last.append(is_sealed(datagram))
        return [] if last[-3:] == [True] * 3 else [datagram]  # privilege, status, close

    it = driver_through(rig.relay(rig.bmc(), to_bmc=lose_logouts))
    for _ in range(MAX_SESSIONS):
        it.power_status()
    with pytest.raises(BmcRefused, match="Insufficient resources") as caught:
        it.power_status()
    assert caught.value.issue.code == "BMC-014"
    assert "about a minute" in caught.value.advice


def test_a_bmc_that_speaks_only_ipmi_15_is_refused(rig: Rig) -> None:
    def old(datagram: bytes) -> list[bytes]:
        capabilities = bytes([1, 0x04, 0x04, 0, 0, 0, 0, 0])  # MD5 of IPMI 1.5, no RMCP+
        body = datagram[17:20] + b"\0" + capabilities
        return [datagram[:17] + body + bytes([-sum(body) & 0xFF])]

    with pytest.raises(BmcRefused, match=r"only IPMI 1\.5"):
        driver_through(rig.relay(rig.bmc(), to_client=old)).power_status()


@pytest.mark.issue("BMC-005")
def test_a_boot_device_that_does_not_exist_is_an_answer_without_sense(rig: Rig) -> None:
    bmc = rig.bmc()
    bmc.boot.put(5, bytes([0x80, 0x0E << 2, 0, 0, 0]))
    with pytest.raises(BmcProtocolError, match="names an unknown boot device, 14") as caught:
        driver(rig, bmc).get_boot_device()
    assert caught.value.issue.code == "BMC-005"
    assert reads_well(caught.value, str(bmc.lan.address))


class LosesAnswers:
    """A way to the client that loses the answers to commands, from the given one on."""

    def __init__(self, first: int, count: int) -> None:
        self.lost = range(first, first + count)
        self.seen = 0

    def __call__(self, datagram: bytes) -> list[bytes]:
        self.seen += is_sealed(datagram)
        return [] if is_sealed(datagram) and self.seen in self.lost else [datagram]


def test_a_power_cycle_whose_answer_is_lost_is_not_sent_again(rig: Rig) -> None:
    seen: list[str] = []
    reactions = Reactions(power_on=lambda: seen.append("on"))
    bmc = rig.bmc(powered=True, reactions=reactions)
    relay = rig.relay(bmc, to_client=LosesAnswers(2, 100))
    timings = BmcTimings(login_s=2, command_s=2.5, attempts=3, backoff_s=0.05)
    with pytest.raises(BmcTimeout, match="may or may not have carried out") as caught:
        driver_through(relay, timings).power_cycle()
    assert caught.value.may_have_acted
    wait_until(lambda: seen == ["on"])
    assert relay.payload_types().count(OPEN_SESSION) == 1


def test_a_lost_answer_to_a_repeatable_command_is_asked_for_again(rig: Rig) -> None:
    bmc = rig.bmc()
    relay = rig.relay(bmc, to_client=LosesAnswers(2, 1))
    driver_through(relay).power_on()
    assert bmc.powered
    assert relay.payload_types().count(OPEN_SESSION) == 1


def test_a_bmc_that_dies_after_the_login_is_silence(rig: Rig) -> None:
    relay = rig.relay(rig.bmc(), to_client=LosesAnswers(2, 10_000))
    with pytest.raises(BmcTimeout):
        driver_through(relay, HASTY).power_status()
    assert relay.payload_types().count(OPEN_SESSION) == 3


@pytest.mark.parametrize("step", [RAKP1, RAKP3])
def test_a_lost_login_message_begins_the_login_again(rig: Rig, step: int) -> None:
    lost: list[int] = []

    def lose_first(datagram: bytes) -> list[bytes]:
        if datagram[4] == 0x06 and datagram[5] == step and not lost:
            lost.append(step)
            return []
        return [datagram]

    relay = rig.relay(rig.bmc(), to_bmc=lose_first)
    assert driver_through(relay).power_status() == PowerState.OFF
    assert relay.payload_types().count(OPEN_SESSION) == 2


def test_a_bmc_that_ignores_the_newer_cipher_suite_is_reached_with_the_older(rig: Rig) -> None:
    wanted = bytes([SUITE_17.authentication])

    def ignore_suite_17(datagram: bytes) -> list[bytes]:
        is_open = datagram[4] == 0x06 and datagram[5] == OPEN_SESSION
        return [] if is_open and datagram[28:29] == wanted else [datagram]

    relay = rig.relay(rig.bmc(), to_bmc=ignore_suite_17)
    assert driver_through(relay).power_status() == PowerState.OFF
    assert relay.payload_types().count(OPEN_SESSION) == 2
