"""Whatever a server answers to `register`, only harmless values get through to a shell."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bearman_cli.answer import BMC_FIELDS, FIELDS, fields
from bearman_cli.errors import CliError
from bearman_cli.output_dir import LAST, WORDS
from protos.bearman.v1 import nodes_pb2
from tests.bearman_cli.samples import PASSWORD, quarantined, registered

HARMLESS = re.compile(r"[A-Za-z0-9!%*+,./:=?@^_-]*")
ADDRESSES = st.ip_addresses(v=4).map(str)


def settings(text: st.SearchStrategy[str]) -> st.SearchStrategy[nodes_pb2.BmcSettings]:
    """Settings with right and wrong values mixed."""
    number = st.integers(0, 2**32 - 1) | st.integers(0, 70)
    return st.builds(
        nodes_pb2.BmcSettings,
        address=ADDRESSES | text,
        netmask=st.sampled_from(["255.255.255.0", "0.0.0.0", "0.0.0.255", "255.0.255.0"]) | text,
        prefix_length=st.sampled_from([0, 24]) | number,
        gateway=ADDRESSES | text,
        vlan_id=number,
        channel=st.just(1) | number,
        user_slot=st.just(4) | number,
        username=st.just("bearman") | text,
        password=st.just(PASSWORD) | text,
    )


@given(
    st.builds(
        nodes_pb2.RegisterResponse,
        node_id=st.just("17") | st.text(),
        status=st.sampled_from([1, 5]) | st.integers(0, 9),
        bmc=settings(st.text()),
        reason=st.text(),
        advice=st.text(),
        issue=st.just("ID-003") | st.text(),
    )
)
def test_an_answer_is_harmless_or_refused(response: nodes_pb2.RegisterResponse) -> None:
    try:
        values = fields(response)
    except CliError:
        return
    assert set(values) == {*FIELDS, *WORDS, LAST}
    for name in {*BMC_FIELDS, "node_id", "status", "issue"}:
        assert HARMLESS.fullmatch(str(values[name]))
    assert str(values["reason"]).isprintable()
    assert str(values["advice"]).isprintable()


@given(st.ip_addresses(v=4).map(str), st.integers(0, 32), st.integers(0, 4094))
def test_every_right_answer_is_taken(address: str, prefix_length: int, vlan_id: int) -> None:
    response = registered()
    response.bmc.address = address
    response.bmc.prefix_length = prefix_length
    mask = (0xFFFFFFFF << (32 - prefix_length)) & 0xFFFFFFFF
    response.bmc.netmask = ".".join(str(byte) for byte in mask.to_bytes(4))
    response.bmc.vlan_id = vlan_id
    values = fields(response)
    assert (values["bmc_address"], values["bmc_vlan_id"]) == (address, vlan_id)


def test_a_password_that_cannot_be_used_is_not_shown() -> None:
    response = registered()
    response.bmc.password = "some secret"
    with pytest.raises(CliError) as caught:
        fields(response)
    assert "some secret" not in str(caught.value.as_dict())


def test_settings_of_a_quarantined_machine_are_dropped() -> None:
    response = quarantined()
    response.bmc.CopyFrom(registered().bmc)
    values = fields(response)
    assert {values[name] for name in BMC_FIELDS} == {None}
