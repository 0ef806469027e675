"""Many BMCs at once, and hostile ones among them: nothing leaks and nobody else is hurt."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyghmi.ipmi.private.simplesession import Session

from nodes.bmc import BmcError, BmcTimeout, BmcTimings, PowerState
from simulator.bmc import BmcFaults, SimulatedBmc
from tests.nodes.bmc.helpers import HASTY, driver, driver_through
from tests.simulator.bmc.rig import Rig

RMCP = b"\x06\x00\xff\x07"
BRIEF = BmcTimings(login_s=0.05, command_s=0.05, attempts=1)


def test_garbage_before_every_answer_is_ignored(rig: Rig) -> None:
    garbage = [b"", b"\x06", RMCP, RMCP + b"\x06", RMCP + b"\x06\xc0" + bytes(40), b"x" * 900]
    relay = rig.relay(rig.bmc(), to_client=lambda datagram: [*garbage, datagram])
    assert driver_through(relay).power_status() == PowerState.OFF


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(prefix=st.sampled_from([b"", RMCP + b"\0", RMCP + b"\x06"]), junk=st.binary(max_size=200))
def test_a_bmc_that_answers_only_junk_is_silence(rig: Rig, prefix: bytes, junk: bytes) -> None:
    relay = rig.relay(rig.bmc(), to_client=lambda _: [prefix + junk])
    with pytest.raises(BmcTimeout):
        driver_through(relay, BRIEF).power_status()
    relay.close()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(number=st.integers(0, 6), position=st.integers(0, 200), change=st.integers(1, 255))
def test_one_changed_byte_in_one_answer_is_an_error_or_harmless(
    rig: Rig, number: int, position: int, change: int
) -> None:
    count = 0

    def spoil(datagram: bytes) -> list[bytes]:
        nonlocal count
        count += 1
        changed = bytearray(datagram)
        changed[position % len(changed)] ^= change
        return [bytes(changed) if count == number + 1 else datagram]

    relay = rig.relay(rig.bmc(), to_client=spoil)
    try:
        result = driver_through(relay, BRIEF).power_status()
    except BmcError:
        result = PowerState.OFF  # an error is fine; a wrong power state is not
    finally:
        relay.close()
    assert result == PowerState.OFF


def test_a_bmc_that_never_stops_sending_junk_is_given_up_in_time(rig: Rig) -> None:
    flood = [RMCP + b"\x06" + bytes(50)] * 2000
    relay = rig.relay(rig.bmc(), to_client=lambda _: flood)
    with pytest.raises(BmcTimeout):
        driver_through(relay, HASTY).power_status()


def test_thirty_two_threads_reach_a_hundred_bmcs_past_broken_ones(rig: Rig) -> None:
    def fault(number: int) -> BmcFaults:
        return BmcFaults(silent=number % 10 == 3, wrong_password=number % 10 == 7)

    def read(bmc: SimulatedBmc) -> str:
        try:
            return driver(rig, bmc, BmcTimings(login_s=3, attempts=1)).power_status().value
        except BmcError as error:
            return type(error).__name__

    bmcs = [rig.bmc(faults=fault(number), powered=number % 2 == 0) for number in range(100)]
    with ThreadPoolExecutor(32) as pool:
        results = list(pool.map(read, bmcs))
    for number, result in enumerate(results):
        expected = {3: "BmcTimeout", 7: "BmcAuthError"}.get(number % 10)
        assert result == (expected or ("on" if number % 2 == 0 else "off"))


def test_nothing_is_left_behind_by_success_or_failure(rig: Rig) -> None:
    bmc, gone = rig.bmc(), rig.bmc(faults=BmcFaults(silent=True))
    wrong = driver(rig, bmc, password="wrong")

    def everything() -> None:
        for _ in range(20):
            driver(rig, bmc).power_status()
            for failing in (wrong, driver(rig, gone, BRIEF)):
                with pytest.raises(BmcError):
                    failing.power_status()

    everything()
    before = len(os.listdir("/proc/self/fd")), threading.active_count()
    everything()
    assert (len(os.listdir("/proc/self/fd")), threading.active_count()) == before
    assert not Session.keepalive_sessions
    assert not Session.bmc_handlers
