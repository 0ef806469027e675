"""Server messages as values for `--json`: the proto's own names, null for what is not there."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from protos.bearman.v1 import nodes_pb2


def as_dict(message: Message) -> dict[str, Any]:
    """Every field of the message, present or not, so that a program always finds its keys."""
    return {
        field.name: _field(message, field.name, is_status=field.enum_type is not None)
        for field in message.DESCRIPTOR.fields
    }


def _field(message: Message, name: str, *, is_status: bool) -> Any:
    value = getattr(message, name)
    if isinstance(value, Message) and not message.HasField(name):
        return None
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_value(item) for item in value]
    return status_name(value) if is_status else _value(value)


def _value(value: Any) -> Any:
    if isinstance(value, Timestamp):
        return rfc3339(value)
    if isinstance(value, Message):
        return as_dict(value)
    return None if value == "" else value


def status_name(status: int) -> str | None:
    """READY for NODE_STATUS_READY; None where none was given; the number of an unknown one."""
    if status == nodes_pb2.NODE_STATUS_UNSPECIFIED:
        return None
    known = nodes_pb2.NodeStatus.DESCRIPTOR.values_by_number.get(status)
    return known.name.removeprefix("NODE_STATUS_") if known else f"STATUS_{status}"


def utc(timestamp: Timestamp) -> datetime:
    """The moment, aware; the Timestamp's nanoseconds are cut to microseconds."""
    return timestamp.ToDatetime(tzinfo=UTC)


def rfc3339(timestamp: Timestamp) -> str:
    """RFC 3339 section 5.6, always UTC and always with milliseconds."""
    return utc(timestamp).isoformat(timespec="milliseconds").replace("+00:00", "Z")
