"""Answers as Bearman gives them."""

from google.protobuf.timestamp_pb2 import Timestamp

from protos.bearman.v1 import nodes_pb2
from tests.bearman_cli.conftest import UUID

PASSWORD = "Xk7pQ2vR9tLm4sWz"
SEEN = Timestamp(seconds=1_780_000_000, nanos=123_456_789)  # 2026-05-28T20:26:40.123Z


def registered() -> nodes_pb2.RegisterResponse:
    """A machine that is welcome."""
    return nodes_pb2.RegisterResponse(
        node_id="17",
        status=nodes_pb2.NODE_STATUS_REGISTERING,
        bmc=nodes_pb2.BmcSettings(
            address="10.1.2.3",
            netmask="255.255.252.0",
            prefix_length=22,
            gateway="10.1.0.1",
            vlan_id=12,
            channel=1,
            user_slot=4,
            username="bearman",
            password=PASSWORD,
        ),
    )


def quarantined() -> nodes_pb2.RegisterResponse:
    """A machine with somebody else's UUID."""
    return nodes_pb2.RegisterResponse(
        node_id="18",
        status=nodes_pb2.NODE_STATUS_QUARANTINED,
        reason="Node 3 has the same UUID but other serials.",
        advice="Compare the two in the Admin.",
    )


def node(number: int = 17) -> nodes_pb2.NodeSummary:
    """A node that failed."""
    return nodes_pb2.NodeSummary(
        id=str(number),
        uuid=UUID[:-4] + f"{number:04x}",
        serial=f"SN{number:05}",
        vendor="Dell Inc.",
        product_name="PowerEdge R640",
        zone="az1",
        bmc_address="10.1.2.3",
        status=nodes_pb2.NODE_STATUS_REGISTER_FAILED,
        step="bmc",
        reason="The BMC did not answer.",
        advice="Check its cable.",
        address="10.9.8.7",
        first_seen=SEEN,
        last_seen=SEEN,
    )


def event(number: int, message: str = "The BMC did not answer.") -> nodes_pb2.NodeEvent:
    """A change of status."""
    return nodes_pb2.NodeEvent(
        id=number,
        at=SEEN,
        actor="node",
        kind="status",
        from_status=nodes_pb2.NODE_STATUS_REGISTERING,
        to_status=nodes_pb2.NODE_STATUS_REGISTER_FAILED,
        step="bmc",
        message=message,
    )


def whole_node() -> nodes_pb2.GetNodeResponse:
    """A node with one of everything."""
    return nodes_pb2.GetNodeResponse(
        node=node(),
        interfaces=[
            nodes_pb2.NodeInterface(
                name="eno1", mac="b4:c0:4f:00:00:01", driver="tg3", bus="0000:04:00.0", state="UP"
            )
        ],
        disks=[
            nodes_pb2.NodeDisk(
                name="sda",
                model="ST4000NM",
                serial="ZC1",
                size_bytes=4_000_787_030_016,
                rotational=True,
                transport="sas",
            )
        ],
        memory_modules=[
            nodes_pb2.NodeMemoryModule(
                slot="A1", size_bytes=64 * 2**30, type="DDR4", speed_mts=2933, serial="7A"
            )
        ],
        processors=[
            nodes_pb2.NodeProcessor(socket="CPU1", model="Xeon Gold 6130", cores=16, threads=32)
        ],
        events=[event(2), event(1, "Hello.")],
        warnings=["Chassis Information: the serial is a placeholder."],
        bios_version="2.12.2",
        memory_bytes=64 * 2**30,
    )


def watched(number: int, message: str = "The BMC did not answer.") -> nodes_pb2.WatchNodesResponse:
    """An event as a stream brings it."""
    return nodes_pb2.WatchNodesResponse(node=node(), event=event(number, message))
