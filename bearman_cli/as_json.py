"""Server messages as values for `--json`: the proto's own names, null for what is not there."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from protos.bearman.v1 import nodes_pb2


def as_dict(message: Message) -> dict[str, Any]:
    """Every field of the message, present or not, so that a program always finds its keys."""
    return {
        field.name: _field(message, field.name, field.enum_type)
        for field in message.DESCRIPTOR.fields
    }


def _field(message: Message, name: str, enum: Any) -> Any:
    value = getattr(message, name)
    if isinstance(value, Message) and not message.HasField(name):
        return None
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_value(item) for item in value]
    return enum_name(enum, value) if enum else _value(value)


def _value(value: Any) -> Any:
    if isinstance(value, Timestamp):
        return rfc3339(value)
    if isinstance(value, Message):
        return as_dict(value)
    return None if value == "" else value


def status_name(status: int) -> str | None:
    """READY for NODE_STATUS_READY; None where none was given; the number of an unknown one."""
    return enum_name(nodes_pb2.NodeStatus.DESCRIPTOR, status)


def enum_name(enum: EnumDescriptor, number: int) -> str | None:
    """The short name of an enum's value: without the enum's own name in front of it."""
    if number == 0:  # X_UNSPECIFIED by the rules of our protocols
        return None
    prefix = enum.values_by_number[0].name.removesuffix("UNSPECIFIED")
    known = enum.values_by_number.get(number)
    return known.name.removeprefix(prefix) if known else f"{prefix.split('_')[-2]}_{number}"


def utc(timestamp: Timestamp) -> datetime:
    """The moment, aware; the Timestamp's nanoseconds are cut to microseconds."""
    return timestamp.ToDatetime(tzinfo=UTC)


def rfc3339(timestamp: Timestamp) -> str:
    """RFC 3339 section 5.6, always UTC and always with milliseconds."""
    return utc(timestamp).isoformat(timespec="milliseconds").replace("+00:00", "Z")
