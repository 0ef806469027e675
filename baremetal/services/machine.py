"""What the machine of a deployment asks and says: plan, seed, profile, detail, installed."""

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from baremetal.models import Baremetal, EventKind
from baremetal.selectors import calling
from baremetal.services import spec
from baremetal.services.boot import new_boot
from baremetal.services.facts import facts_again
from baremetal.services.status import NODE, baremetal_move, event_add, noted, unchanged
from baremetal.states import BaremetalState, Step
from bearman.lib.errors import Conflict
from bearman.lib.issues import deployment
from nodes.services.boot import (
    BootCaller,
    Purpose,
    boot_caller,
    boot_token_give,
    boot_tokens_end,
    require_same_source,
)
from nodes.services.reports import report_count
from profiles.facts import Facts

FILES = ("kernel", "initramfs", "root", "manifest")
BEING_SET_UP = (BaremetalState.DEPLOYING, BaremetalState.INSTALLED)


@dataclass(frozen=True, slots=True)
class File:
    """A file to boot: where it is, its size in bytes, its SHA-256."""

    url: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What stage one must kexec; `denied` are (driver, firmware pattern), `image` name and version.

    The manifest and its signature say who made it; None and empty for one that nobody signed.
    """

    nonce: str
    kernel: File
    initramfs: File
    root: File | None
    manifest: File | None
    signature: str
    image: tuple[str, str]
    seed_url: str
    memory_bytes: int
    denied: tuple[tuple[str, str], ...]
    append: str


@dataclass(frozen=True, slots=True)
class Script:
    """The install script, and the profile that it is of."""

    name: str
    version: int
    text: str


def plan_get(*, caller: BootCaller) -> Plan:
    """Tell a stage one that deploys what to kexec; the deployment is DEPLOYING from then on.

    Raises Conflict where nothing is deployed on this machine by kexec any more.
    """
    row = _row(caller)
    changes = new_boot()
    if row.state == BaremetalState.DEPLOY_START and row.step == Step.STAGE_ONE:
        words = f"kexec.sh asked what to boot: {row.image_label}."
        moved = baremetal_move(
            row=row,
            to=BaremetalState.DEPLOYING,
            step=Step.KEXEC,
            message=words,
            actor=NODE,
            **changes,
        )
    elif row.state == BaremetalState.DEPLOYING and row.step == Step.KEXEC:
        moved = bool(unchanged(row).update(**changes))  # the answer was lost; no new deadline
        row.nonce = changes["nonce"]
    else:
        raise _nothing(row)
    if not moved:
        raise _nothing(row)
    return _plan(row, caller.uuid)


def seed_get(*, caller: BootCaller, token: str, source: str) -> bytes:
    """Return the initramfs piece with the secret of the system that boots now.

    A stage one that kexecs gets a new secret in it; a machine that boots its system cold has it in
    `token` already. Raises Conflict where that system is not to boot.
    """
    row = _row(caller)
    require_same_source(caller, source, _addresses(row))
    if caller.purpose == Purpose.DEPLOY:
        if row.state != BaremetalState.DEPLOYING or row.step != Step.KEXEC:
            raise _nothing(row)
        token = boot_token_give(
            uuid=caller.uuid, source=source, purpose=Purpose.SYSTEM, node_id=row.node_id
        )
    elif row.state not in BEING_SET_UP:
        raise _nothing(row)
    return spec.seed(row, uuid=caller.uuid, token=token)


def config_get(
    *, caller: BootCaller, token: str, source: str, config_format: str
) -> dict[str, str]:
    """Return the configuration's files for the system behind `token`; raises Conflict."""
    row = _row(caller)
    require_same_source(caller, source, _addresses(row))
    if row.state not in BEING_SET_UP or row.spec.get("format") != config_format:
        raise _nothing(row)
    return spec.configuration(row, token=token)


def system_caller(*, token: str, uuid: str, source: str, nonce: str) -> Baremetal:
    """Return the deployment of the system behind `token`, which calls from its own address.

    Raises Unauthenticated or Denied; Conflict where it is not the system that was to boot last,
    which its nonce tells.
    """
    caller = boot_caller(token=token, uuid=uuid, source=source, purposes=(Purpose.SYSTEM,))
    row = _row(caller)
    require_same_source(caller, source, _addresses(row))
    if not row.nonce or nonce != row.nonce:
        report_count(caller)
        words = "It booted something else than it was told: its nonce is not the one of this boot."
        issue = deployment.WRONG_SYSTEM
        event_add(row=row, kind=EventKind.WARNING, message=words, actor=NODE, issue=issue)
        raise Conflict(f"{row.hostname} booted something else than it was told.", issue=issue)
    return row


def script_get(*, row: Baremetal) -> Script:
    """Return the install script; the first call of a boot says that the system is up.

    Raises Conflict where the deployment was given up or released.
    """
    _is_up(row)
    return Script(row.profile_name, row.profile_version, row.spec.get("script", ""))


def detail_get(*, row: Baremetal) -> Facts:
    """Return who the system is; raises Conflict as `script_get`."""
    _is_up(row)
    return facts_again(row)


def installed(*, row: Baremetal) -> BaremetalState:
    """Note that the install script has run, and return the state then; twice or late does no harm.

    A deployment that was given up for being late, and is late after all, is INSTALLED.
    """
    state = BaremetalState(row.state)
    if state == BaremetalState.INSTALLED:
        _up_again(row)
        return state
    late = state == BaremetalState.UNRECOVERABLE_ERROR and row.step in (
        Step.STAGE_TWO,
        Step.CONFIGURE,
    )
    if state != BaremetalState.DEPLOYING and not (late and not row.log_tail):
        words = f"A late word that it is installed; it is {state}."
        event_add(row=row, kind=EventKind.WARNING, message=words, actor=NODE)
        return state
    now = timezone.now()
    with transaction.atomic():
        moved = baremetal_move(
            row=row,
            to=BaremetalState.INSTALLED,
            message=f"{row.hostname} is installed{', late' if late else ''}.",
            actor=NODE,
            installed_at=now,
            up_at=now,
        )
    if moved:
        return BaremetalState.INSTALLED
    return BaremetalState(type(row).objects.values_list("state", flat=True).get(pk=row.pk))


def _row(caller: BootCaller) -> Baremetal:
    row = calling(node_id=caller.node_id)
    if row is None:
        raise Conflict(
            "Nothing is deployed on this machine any more.",
            advice="It may be switched off.",
            issue=deployment.NOTHING_TO_BOOT,
        )
    return row


def _is_up(row: Baremetal) -> None:
    if row.state not in BEING_SET_UP:
        raise _nothing(row)
    if row.state == BaremetalState.DEPLOYING and row.step != Step.CONFIGURE:
        boot_tokens_end(node_id=row.node_id, purpose=Purpose.DEPLOY)  # stage one is gone
        words = "The system that it was told to boot is up and asks for its profile."
        state = BaremetalState.DEPLOYING
        baremetal_move(row=row, to=state, step=Step.CONFIGURE, message=words, actor=NODE)


def _up_again(row: Baremetal) -> None:
    if row.up_at is None or row.reason:
        words = f"{row.hostname} is up again after a restart."
        changes = {"up_at": timezone.now(), "reason": "", "advice": "", "issue": ""}
        changes["log_tail"] = ""
        noted(row=row, kind=EventKind.PROGRESS, message=words, changes=changes)


def _nothing(row: Baremetal) -> Conflict:
    return Conflict(
        f"There is nothing for this machine now: {row.hostname} is {row.state}"
        f"{f', step {row.step}' if row.step else ''}.",
        issue=deployment.NOTHING_TO_BOOT,
    )


def _addresses(row: Baremetal) -> list[str]:
    return [address["address"] for address in row.addresses]


def _plan(row: Baremetal, uuid: str) -> Plan:
    files = {kind: _file(row, kind) for kind in FILES}
    image = row.spec.get("image") or {}
    assert files["kernel"] is not None
    assert files["initramfs"] is not None
    return Plan(
        nonce=row.nonce,
        kernel=files["kernel"],
        initramfs=files["initramfs"],
        root=files["root"],
        manifest=files["manifest"],
        signature=image.get("signature", ""),
        image=(image.get("name", ""), image.get("version", "")),
        seed_url=f"{settings.PUBLIC_URL}/seed/{uuid}",
        memory_bytes=spec.memory_needed(row),
        denied=tuple(_denied(text) for text in settings.KEXEC_DENY_NICS),
        append=spec.boot_arguments(row, uuid=uuid),
    )


def _file(row: Baremetal, kind: str) -> File | None:
    kept = row.spec.get(kind)
    return File(spec.file_url(row, kind), kept["size"], kept["sha256"]) if kept else None


def _denied(text: str) -> tuple[str, str]:
    driver, _, firmware = text.partition(":")
    return driver, firmware or "*"
