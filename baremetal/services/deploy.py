"""Putting a profile on a node."""

import re
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from psycopg import Error as DatabaseError

from baremetal.models import Baremetal, BaremetalEvent, EventKind
from baremetal.services.first import somebody_else
from baremetal.services.prepare import deployment_prepare, deployment_try
from baremetal.services.refuse import refused_end
from baremetal.services.status import baremetal_move, deadline_of
from baremetal.states import BaremetalState, Step
from bearman.lib.errors import BearmanError, Conflict, Invalid, Unavailable
from bearman.lib.issues import deployment
from nodes.models import Node
from nodes.services.boot import boot_tokens_end
from nodes.services.status import node_move
from nodes.states import NodeStatus
from profiles.models import Image, Profile
from profiles.selectors import image_of

# RFC 1123 section 2.1 and RFC 952: one label.
HOSTNAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
AT_REST = (BaremetalState.INSTALLED, BaremetalState.UNRECOVERABLE_ERROR)
MAX_KEYS, MAX_KEY = 50, 4000  # public SSH keys of a deployment; characters of one


def baremetal_deploy(
    *,
    node: Node,
    profile: Profile | None,
    actor: str,
    hostname: str = "",
    ssh_keys: Sequence[str] = (),
    request_id: UUID | None = None,
) -> Baremetal:
    """Put a profile (None: the flavor's default) on a READY node, and begin to deploy it.

    The same `request_id` of the same actor gives the same row again. The profile is rendered for
    the node and checked first: Invalid with the checker's words, and nothing has happened. Raises
    Conflict where the node is not free (the sentence says who was first) or not fit, or the host
    name is taken; NotFound or PoolExhausted where there is no address. While a remote IPman is away
    the deployment waits for it.
    """
    again = _asked_before(actor, request_id)
    if again is not None:
        return again
    _require_free(node.pk)
    profile = profile or _default_profile(node)
    name = _hostname(hostname, node)
    keys = _keys(ssh_keys)
    deployment_try(node=node, profile=profile, hostname=name, ssh_keys=keys)
    try:
        row = _begin(
            node=node,
            profile=profile,
            hostname=name,
            keys=keys,
            actor=actor,
            request_id=request_id,
        )
    except IntegrityError as error:
        again = _asked_before(actor, request_id)
        if again is not None:
            return again
        raise _raced(error, name) from error
    except Conflict:
        again = _asked_before(actor, request_id)  # the same request, a moment ago
        if again is None:
            raise
        return again
    _prepare(row)
    return row


def baremetal_redeploy(
    *, row: Baremetal, profile: Profile | None, actor: str, request_id: UUID | None = None
) -> Baremetal:
    """Deploy a profile (None: the same one, as it is now) on a machine that has one.

    Host name and addresses stay. The profile is checked first. Raises as `baremetal_deploy`;
    Conflict where the deployment is under way.
    """
    if row.request_id == request_id and request_id is not None:
        return row
    if row.profile is None:
        raise Conflict(f"{row.hostname} has been released; deploy its node instead.")
    if row.state not in AT_REST:
        raise somebody_else(row)
    profile = profile or row.profile
    node = Node.objects.select_related("flavor", "zone").get(pk=row.node_id)
    deployment_try(node=node, profile=profile, hostname=row.hostname, ssh_keys=row.ssh_keys)
    image = image_of(profile)
    try:
        moved = _begin_again(row, profile, image, actor, request_id)
    except IntegrityError as error:
        raise Conflict("This request_id was used before.", advice="Make up a new one.") from error
    if not moved:
        raise somebody_else(Baremetal.objects.get(pk=row.pk))
    boot_tokens_end(node_id=row.node_id)
    _prepare(row)
    return row


def _prepare(row: Baremetal) -> None:
    """Prepare it now; where IPman is away the reconciler goes on, and a refusal ends it."""
    try:
        deployment_prepare(row=row)
    except Unavailable as error:
        _waits(row, error)
    except BearmanError as error:
        refused_end(row=row, error=error)
        raise


def _begin_again(
    row: Baremetal, profile: Profile, image: Image, actor: str, request_id: UUID | None
) -> bool:
    return baremetal_move(
        row=row,
        to=BaremetalState.DEPLOY_START,
        step=Step.PREPARE,
        actor=actor,
        message=f"{actor} redeploys it with profile {profile} (version {profile.version}).",
        profile=profile,
        profile_name=profile.name,
        profile_version=profile.version,
        image=image,
        image_label=str(image),
        attempt=1,
        cold_boot=False,
        power_cut=True,
        powered_at=None,
        nonce="",
        told_at=None,
        up_at=None,
        request_id=request_id,
    )


def _waits(row: Baremetal, error: Unavailable) -> None:
    """Say on the row what it waits for; the reconciler goes on once that is back."""
    code = error.issue.code if error.issue else ""
    waiting = Baremetal.objects.filter(pk=row.pk, step=Step.PREPARE)
    waiting.update(reason=error.message[:1000], issue=code)


def _begin(
    *,
    node: Node,
    profile: Profile,
    hostname: str,
    keys: list[str],
    actor: str,
    request_id: UUID | None,
) -> Baremetal:
    with transaction.atomic():
        try:
            node_move(
                node_id=node.pk,
                to=NodeStatus.IN_USE,
                actor=actor,
                reason=f"{actor} deploys profile {profile} as {hostname}.",
            )
        except Conflict as error:
            raise _not_free(node.pk, error) from error
        Node.objects.filter(pk=node.pk).update(reason="", power_off_due=None)
        state, step, image = BaremetalState.DEPLOY_START, Step.PREPARE, image_of(profile)
        row = Baremetal.objects.create(
            node=node,
            profile=profile,
            profile_name=profile.name,
            profile_version=profile.version,
            image=image,
            image_label=str(image),
            hostname=hostname,
            ssh_keys=keys,
            state=state,
            step=step,
            deadline=deadline_of(state, step),
            created_by=actor,
            request_id=request_id,
        )
        BaremetalEvent.objects.create(
            baremetal=row,
            actor=actor,
            kind=EventKind.STATE,
            to_state=state,
            step=step,
            message=f"{actor} deploys profile {profile} (version {profile.version}) on {node}.",
        )
    return row


def _asked_before(actor: str, request_id: UUID | None) -> Baremetal | None:
    if request_id is None:
        return None
    return Baremetal.objects.filter(created_by=actor, request_id=request_id).first()


def _default_profile(node: Node) -> Profile:
    profile = node.flavor.default_profile if node.flavor else None
    if profile is None:
        flavor = f"flavor {node.flavor}" if node.flavor else "no flavor"
        raise Invalid(
            f"Node {node.pk} has {flavor} and so no default profile.", advice="Name a profile."
        )
    return profile


def _hostname(wanted: str, node: Node) -> str:
    name = wanted.strip().lower() or f"node-{node.pk}"
    if not HOSTNAME.fullmatch(name):
        raise Invalid(
            f"{wanted[:70]!r} is no host name.",
            advice="Use 1 to 63 letters, digits and hyphens, no hyphen at the ends (RFC 1123).",
        )
    if Baremetal.objects.exclude(state=BaremetalState.RELEASED).filter(hostname=name).exists():
        raise _taken(name)
    return name


def _raced(error: IntegrityError, name: str) -> Conflict:
    """Return what to say where somebody else did something in this very moment."""
    cause = error.__cause__
    constraint = cause.diag.constraint_name if isinstance(cause, DatabaseError) else ""
    if constraint == "baremetal_hostname":
        return _taken(name)
    return Conflict("Its node, profile or image was changed in this very moment; look again.")


def _taken(name: str) -> Conflict:
    return Conflict(f"The host name {name} is taken.", issue=deployment.HOSTNAME_TAKEN)


def _keys(ssh_keys: Sequence[str]) -> list[str]:
    keys = [key.strip() for key in ssh_keys if key.strip()]
    if len(keys) > MAX_KEYS or any(len(key) > MAX_KEY for key in keys):
        raise Invalid(f"At most {MAX_KEYS} SSH keys of {MAX_KEY} characters are taken.")
    return keys


def _require_free(node_id: int) -> None:
    """Raise Conflict early where the node is not free; `_begin` looks again, and then for good."""
    status = Node.objects.values_list("status", flat=True).get(pk=node_id)
    if status != NodeStatus.READY:
        raise _not_free(node_id, Conflict(f"Node {node_id} is {status}."))


def _not_free(node_id: int, error: Conflict) -> Conflict:
    """Say who was first, where somebody was."""
    first = Baremetal.objects.exclude(state=BaremetalState.RELEASED).filter(node=node_id).first()
    if first is None:
        return Conflict(
            error.message,
            advice="Only a READY node can be deployed.",
            issue=deployment.NODE_NOT_FREE,
        )
    ago = timedelta(seconds=round((timezone.now() - first.created_at).total_seconds()))
    return Conflict(
        f"{first.created_by} was first: node {node_id} got profile {first.profile_name} as "
        f"{first.hostname} {ago} (h:m:s) ago and is {first.state}.",
        advice="Release it first, or take another node.",
        issue=deployment.NODE_NOT_FREE,
    )
