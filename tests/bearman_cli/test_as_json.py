"""JSON for programs: every field is there, whatever the server left out."""

import json

from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from bearman_cli.as_json import as_dict, rfc3339, status_name
from protos.bearman.v1 import nodes_pb2


def test_an_empty_message_has_all_its_keys_as_null_or_empty() -> None:
    assert as_dict(nodes_pb2.GetNodeResponse()) == {
        "node": None,
        "interfaces": [],
        "disks": [],
        "memory_modules": [],
        "processors": [],
        "events": [],
        "warnings": [],
        "bios_version": None,
        "memory_bytes": 0,
        "findings": [],
    }


@given(st.text(), st.integers(0, 2**64 - 1), st.booleans())
def test_values_survive_the_way_through_json(text: str, size: int, rotational: bool) -> None:
    disk = nodes_pb2.NodeDisk(model=text, size_bytes=size, rotational=rotational)
    read = json.loads(json.dumps(as_dict(disk)))
    assert (read["model"] or "", read["size_bytes"], read["rotational"]) == (text, size, rotational)


def test_times_are_utc_with_milliseconds() -> None:
    assert rfc3339(Timestamp(seconds=0, nanos=999_999_999)) == "1970-01-01T00:00:00.999Z"


def test_every_status_has_its_short_name() -> None:
    names = [status_name(number) for number in nodes_pb2.NodeStatus.DESCRIPTOR.values_by_number]
    assert names[:3] == [None, "REGISTERING", "READY"]
    assert all("NODE" not in (name or "") for name in names)
