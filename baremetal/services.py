"""What a machine that asks shall boot now."""

from django.conf import settings

from nodes.services.boot import BootGrant, boot_ask
from nodes.states import NodeStatus
from nodes.uuids import canonical_uuid
from profiles import ipxe

_NOTHING: dict[NodeStatus | None, str] = {
    None: "it is unknown, and enrolment is closed for its network. Open a window in the Admin.",
    NodeStatus.IN_USE: "it is in use and boots from its own disk.",
    NodeStatus.MAINTENANCE: "it is in maintenance.",
    NodeStatus.RETIRED: "it is retired.",
}


def boot_script(*, uuid_text: str, source: str) -> str:
    """Return the iPXE script for the machine that calls itself `uuid_text`, asking from `source`.

    One query; never an error for what the machine sent: a script that iPXE can run says it.
    """
    uuid = canonical_uuid(uuid_text[:100])
    if uuid is None:
        return ipxe.nothing(reason=f"{uuid_text[:60] or 'nothing'} is not a UUID.")
    grant = boot_ask(uuid=uuid, source=source)
    if grant.token is None:
        return ipxe.nothing(reason=_NOTHING.get(grant.status, f"it is {grant.status}."))
    return _stage_one(uuid, grant, grant.token)


def _stage_one(uuid: str, grant: BootGrant, token: str) -> str:
    arguments = {
        "bearman.url": settings.PUBLIC_URL,
        "bearman.grpc": settings.PUBLIC_GRPC,
        "bearman.uuid": uuid,
        "bearman.token": token,
    }
    if not settings.GRPC_TLS_CERT:
        arguments["bearman.plaintext"] = "1"  # bearman-cli wants to be told that it may
    name = f"node {grant.node_id}" if grant.node_id else "a new machine"
    return ipxe.stage_one(
        image_url=settings.STAGE_ONE_URL,
        append=settings.STAGE_ONE_APPEND,
        title=f"stage one for {name}",
        arguments=arguments,
    )
