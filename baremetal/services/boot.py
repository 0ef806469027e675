"""What a machine that asks shall boot now."""

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from baremetal.booting import Boots, boots
from baremetal.models import Baremetal, EventKind
from baremetal.selectors import asking
from baremetal.services.retry import give_up, may_try_again
from baremetal.services.spec import boot_arguments, file_url, is_installer
from baremetal.services.status import NODE, baremetal_move, noted
from baremetal.services.strangers import stranger_words
from baremetal.states import BaremetalState, Step
from bearman.lib.errors import Invalid
from bearman.lib.issues import boot, deployment, identity, images, registration
from nodes.macs import canonical_mac
from nodes.services.boot import (
    BootGrant,
    Purpose,
    boot_ask,
    boot_refused,
    boot_token_give,
    boot_token_new,
)
from nodes.states import NodeStatus
from nodes.uuids import canonical_uuid
from profiles import ipxe
from profiles.arguments import MAX_LENGTH, merged
from profiles.stage_one import StageOne, stage_one

_NOTHING: dict[NodeStatus | None, str] = {
    None: f"it is unknown, and enrolment is closed for its network "
    f"({registration.ENROLMENT_CLOSED.code}). Open a window in the Admin.",
    NodeStatus.MAINTENANCE: "it is in maintenance.",
    NodeStatus.RETIRED: "it is retired.",
}
NONCE_BYTES = 18
BOOTED = (Step.KEXEC, Step.STAGE_TWO, Step.CONFIGURE)
LOOKS = 3  # at a row that others keep changing


def boot_script(*, uuid_text: str, source: str, mac_text: str | None = None) -> str:
    """Return the iPXE script for the machine that calls itself `uuid_text`, asking from `source`.

    `mac_text` is of the interface that it boots from, where DHCP had it say that too, else None: a
    machine with the UUID of one that is in use is told from that one by it, and so is one with its
    own identity.

    Never an error for what the machine sent: a script that iPXE can run says it.
    """
    uuid, mac = canonical_uuid(uuid_text[:100]), canonical_mac(mac_text or "")
    if uuid is None:
        words = f"{uuid_text[:60] or 'nothing'} is not a UUID ({identity.NOT_A_UUID.code})."
        return ipxe.nothing(reason=words)
    for _ in range(LOOKS):
        asked = asking(uuid=uuid, mac=mac)
        if asked is None:
            grant = boot_ask(uuid=uuid, source=source, mac=mac)
            return _which(uuid, mac_text) if grant.unclear else _registers(uuid, grant)
        stranger = stranger_words(asked=asked, source=source, mac=mac)
        if stranger:
            boot_refused(uuid=uuid, source=source, why=stranger)
            return ipxe.nothing(reason=stranger)
        script = _deployed(asked.row, uuid, source)
        if script is not None:
            return script
    return ipxe.again(url=_url_of(uuid), reason="something else happens to this machine now.")


def _which(uuid: str, mac_text: str | None) -> str:
    """Return the script for one of several machines with a UUID that does not say which it is."""
    words = f"several machines have the UUID {uuid}, and this one does not say which it is"
    if mac_text is None:
        return ipxe.with_mac(url=_url_of(uuid), reason=f"{words}; it asks again with its MAC.")
    words += f" ({identity.WHICH_ONE.code}). Have DHCP send it to {_url_of(uuid)}"
    return ipxe.nothing(reason=f"{words} with the parameter mac, its MAC address.")


def _registers(uuid: str, grant: BootGrant) -> str:
    """Return the script for a machine without a Baremetal."""
    if grant.token is not None:
        return _stage_one(uuid, grant.token, _title(grant))
    if grant.status == NodeStatus.IN_USE:
        return ipxe.again(url=_url_of(uuid), reason="its deployment has just begun or ended.")
    return ipxe.nothing(reason=_NOTHING.get(grant.status, f"it is {grant.status}."))


def _deployed(row: Baremetal, uuid: str, source: str) -> str | None:
    """Return what the row says that the machine boots; None where the row has just changed."""
    found = boots(
        state=BaremetalState(row.state),
        step=row.step,
        installer=is_installer(row),
        cold=row.cold_boot,
    )
    match found:
        case Boots.STAGE_ONE:
            return _boots_stage_one(row, uuid, source)
        case Boots.SYSTEM:
            return _boots_system(row, uuid, source)
        case Boots.DISK:
            return ipxe.local_disk(title=f"{row.hostname} boots from its own disk")
        case Boots.WAIT:
            return ipxe.again(url=_url_of(uuid), reason=f"{row.hostname} is being prepared.")
    code = f" ({row.issue})" if row.issue else ""
    words = f"{row.hostname} is {row.state}{code}: {row.reason or 'see its page'}"
    return ipxe.nothing(reason=words)


def _boots_stage_one(row: Baremetal, uuid: str, source: str) -> str | None:
    if row.step == Step.POWER_ON:
        words = f"It asked from {source} what to boot, and gets stage one."
        if not _move(row, BaremetalState.DEPLOY_START, Step.STAGE_ONE, words):
            return None
    # Where it asks again there is no new deadline: one that asks for ever must come to an end too.
    token = boot_token_give(uuid=uuid, source=source, purpose=Purpose.DEPLOY, node_id=row.node_id)
    return _stage_one(uuid, token, f"stage one for {row.hostname}")


def _boots_system(row: Baremetal, uuid: str, source: str) -> str | None:
    who: dict[str, Any] = {
        "uuid": uuid,
        "source": source,
        "purpose": Purpose.SYSTEM,
        "node_id": row.node_id,
    }
    if row.state == BaremetalState.INSTALLED:
        token = _told_again(row, who)
    else:
        with transaction.atomic():  # else a crash in between would cost an attempt
            token = boot_token_give(**who) if _told(row, source) else None
    if token is None:
        return ipxe.nothing(reason=row.reason) if _given_up(row) else None
    try:
        line = boot_arguments(row, uuid=uuid, token=token)
    except Invalid as error:
        return ipxe.nothing(reason=str(error))
    return ipxe.system(
        kernel_url=file_url(row, "kernel"),
        initramfs_url=file_url(row, "initramfs"),
        seed_url=f"{settings.BOOT_URL}/seed/{uuid}/{token}",
        append=line,
        title=f"{row.hostname} with {row.image_label}",
    )


def new_boot() -> dict[str, Any]:
    """Return the columns of a row whose machine is told to boot something now."""
    return {
        "nonce": secrets.token_urlsafe(NONCE_BYTES),
        "told_at": timezone.now(),
        "up_at": None,
    }


def _told(row: Baremetal, source: str) -> bool:
    """Note that a machine that is being deployed gets its system.

    One that has been given it before came back to its firmware: that is another attempt.
    """
    changes = new_boot()
    words = f"It asked from {source} what to boot, and gets its system."
    if row.step in BOOTED and _told_since_power(row):
        words = f"It came back to its firmware in step {row.step}. {words}"
        if not may_try_again(row):
            reason = f"It came back to its firmware in step {row.step}."
            give_up(row=row, reason=reason, issue=deployment.CAME_BACK)
            return False
        changes |= {"attempt": row.attempt + 1, "cold_boot": True, "issue": deployment.CAME_BACK}
    if is_installer(row):  # it says nothing before its end
        changes["deadline"] = timezone.now() + timedelta(seconds=settings.INSTALLER_SECONDS)
    return _move(row, BaremetalState.DEPLOYING, Step.STAGE_TWO, words, **changes)


def _told_since_power(row: Baremetal) -> bool:
    """Say whether it was told what to boot since it has power: before, it was our own cut."""
    return bool(row.powered_at and row.told_at and row.told_at > row.powered_at)


def _told_again(row: Baremetal, who: dict[str, Any]) -> str | None:
    """Note that a machine in use boots its system once more; returns its token.

    In one statement, since a room full of machines does it at once after a power cut.
    """
    changes = new_boot()
    words = f"It restarted; it asked from {who['source']} what to boot, and gets its system again."
    if row.up_at is None and row.told_at is not None:
        changes["told_at"] = row.told_at  # it is still on its way: that is how long it takes,
        words = ""  # and a loop must not fill the time line
    token, values = boot_token_new(**who)
    kind = EventKind.POWER
    if not noted(row=row, kind=kind, message=words, changes=changes, token=values):
        return None
    for name, value in changes.items():
        setattr(row, name, value)
    return token


def _move(row: Baremetal, to: BaremetalState, step: Step, words: str, **changes: Any) -> bool:
    return baremetal_move(row=row, to=to, step=step, message=words, actor=NODE, **changes)


def _given_up(row: Baremetal) -> bool:
    return row.state == BaremetalState.UNRECOVERABLE_ERROR


def _stage_one(uuid: str, token: str, title: str) -> str:
    image = stage_one()
    if image is None:
        words = f"no version of image {settings.STAGE_ONE_IMAGE} is current"
        return ipxe.again(
            url=_url_of(uuid),
            reason=f"{words} ({boot.NO_STAGE_ONE.code}). Publish one, and promote it.",
        )
    append = merged(image=image.append, profile=settings.STAGE_ONE_APPEND)
    arguments = _arguments(image, uuid, token)
    script = ipxe.stage_one(
        kernel_url=image.kernel_url,
        initramfs_url=image.initramfs_url,
        append=append,
        title=title,
        arguments=arguments,
    )
    if len(append) + sum(len(f" {k}={v}") for k, v in arguments.items()) > MAX_LENGTH:
        words = f"the kernel command line of {image.label} is too long"
        return ipxe.again(
            url=_url_of(uuid), reason=f"{words} ({images.LINE_TOO_LONG.code}). Shorten it."
        )
    return script


def _arguments(image: StageOne, uuid: str, token: str) -> dict[str, str]:
    root = {"fetch": image.root_url, "bearman.root": image.root} if image.root else {}
    arguments = root | {
        "bearman.url": settings.PUBLIC_URL,
        "bearman.grpc": settings.PUBLIC_GRPC,
        "bearman.uuid": uuid,
        "bearman.token": token,
    }
    if not settings.GRPC_TLS_CERT:
        arguments["bearman.plaintext"] = "1"  # bearman-cli wants to be told that it may
    return arguments


def _title(grant: BootGrant) -> str:
    return f"stage one for {f'node {grant.node_id}' if grant.node_id else 'a new machine'}"


def _url_of(uuid: str) -> str:
    return f"{settings.BOOT_URL}/ipxe/{uuid}"
