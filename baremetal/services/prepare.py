"""What comes before a machine is switched on: fitness, addresses, and a checked configuration."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app

from baremetal.models import Baremetal
from baremetal.services.facts import address_of, facts_kept, facts_of
from baremetal.services.status import baremetal_move
from baremetal.states import BaremetalState, Step
from bearman.lib.errors import Conflict, Invalid, NotFound
from bearman.lib.issues import addresses, bmc, deployment
from ipman.client import ipman
from ipman.services import AllocatedAddress
from nodes.models import Bmc, Node
from nodes.services.fitness import node_shortfalls
from profiles import template
from profiles.arguments import merged
from profiles.facts import Facts, example
from profiles.models import Image, Profile
from profiles.models.image import Artefact
from profiles.rendering import problems_of
from profiles.selectors import image_of

PURPOSE = "service"
# The kernel takes 2,047 characters on x86 (COMMAND_LINE_SIZE); the rest is for Bearman's own.
MAX_LINE = 1200
POWER_ON_TASK = "baremetal.tasks.power_on"  # by its name: services know nothing of tasks


def require_fit(*, node: Node) -> None:
    """Raise Conflict where nothing can be deployed on this node, whether it is free or not."""
    if not Bmc.objects.filter(node=node, address__isnull=False, password__isnull=False).exists():
        raise Conflict(
            f"The BMC of node {node.pk} has no proven address and credential.",
            issue=bmc.NO_CREDENTIAL,
        )
    if node.zone is None:
        raise Conflict(
            f"Node {node.pk} has no zone.",
            advice="Give it one on its page.",
            issue=addresses.NO_ZONE,
        )
    missing = node_shortfalls(node)
    if missing:
        raise Conflict(
            f"Node {node.pk} is not what its flavor {node.flavor} demands: {'; '.join(missing)}.",
            issue=deployment.NODE_UNFIT,
        )


def deployment_try(*, node: Node, profile: Profile, hostname: str, ssh_keys: Sequence[str]) -> None:
    """Raise Conflict or Invalid where this profile cannot be deployed on this node.

    Renders everything with example addresses and has it checked, so that nothing has happened yet
    where it is refused.
    """
    require_fit(node=node)
    facts = facts_of(
        node=node,
        hostname=hostname,
        addresses=example().addresses,
        ssh_keys=ssh_keys,
        baremetal_id="0",
    )
    _require_good(profile, facts)


def deployment_prepare(*, row: Baremetal) -> None:
    """Give a deployment its addresses and what it boots, and have its machine switched on.

    May run twice: the same deployment gets the same addresses. Raises what IPman raises, Invalid
    where the profile renders to something that its checker refuses.
    """
    node = Node.objects.select_related("flavor", "zone").get(pk=row.node_id)
    if row.profile is None or row.image is None or node.zone is None:
        raise Conflict(
            f"{row.hostname} lost its profile, image or zone.", issue=deployment.NOT_PREPARED
        )
    given = _allocated(row.owner, node.zone.name)
    facts = facts_of(
        node=node,
        hostname=row.hostname,
        addresses=[address_of(address) for address in given],
        ssh_keys=row.ssh_keys,
        baremetal_id=str(row.pk),
    )
    _require_good(row.profile, facts)
    with transaction.atomic():
        moved = baremetal_move(
            row=row,
            to=BaremetalState.DEPLOY_START,
            step=Step.POWER_ON,
            message=f"It gets {_words(given)}; its configuration is good.",
            attempt=1,
            profile_version=row.profile.version,
            spec=_spec(row.profile, row.image, facts),
            addresses=[_kept(address) for address in given],
            service_address=given[0].address,
            vlan_id=given[0].vlan_id,
        )
        if moved:
            power_on_defer(row=row)
    if not moved:
        _give_back_if_over(row)


def bmc_lock(row: Baremetal) -> str:
    """Return the name of the lock under which tasks use the BMC, those of power requests too."""
    return f"bmc:{Bmc.objects.values_list('pk', flat=True).filter(node=row.node_id).first()}"


def power_on_defer(*, row: Baremetal) -> None:
    """Have the worker switch the machine on for this attempt; part of a transaction."""
    task = app.configure_task(POWER_ON_TASK, lock=bmc_lock(row))
    task.defer(baremetal_id=row.pk, attempt=row.attempt)


def _require_good(profile: Profile, facts: Facts) -> None:
    try:
        line = template.append(profile.append, facts)
        line = merged(image=_image_append(profile), profile=line)
    except ValueError as error:
        words = f"Profile {profile}: its kernel command line: {error}."
        raise Invalid(words, issue=deployment.PROFILE_INVALID) from error
    if len(line) > MAX_LINE:
        raise Invalid(
            f"Profile {profile}: its kernel command line is over {MAX_LINE} characters.",
            issue=deployment.PROFILE_INVALID,
        )
    problems = problems_of(profile.config_format, profile.config_body, facts)
    if problems:
        raise Invalid(
            f"Profile {profile} renders to an invalid {profile.config_format}: "
            f"{' '.join(problems)[:800]}",
            advice=f"Mend it; `bearman-cli profile render {profile} --node ...` shows the files.",
            issue=deployment.PROFILE_INVALID,
        )


def _image_append(profile: Profile) -> str:
    try:
        return image_of(profile).append
    except NotFound:
        return ""  # the deployment says so itself


def _allocated(owner: str, zone: str) -> list[AllocatedAddress]:
    """Return an address of each family of which the zone has a service pool, IPv4 first."""
    given = []
    missing: NotFound | None = None
    for family in (4, 6):
        try:
            given.append(
                ipman().allocate(
                    zone=zone, purpose=PURPOSE, owner=owner, key=f"service{family}", family=family
                )
            )
        except NotFound as error:
            missing = missing or error
    if not given and missing is not None:
        raise missing
    return given


def _give_back_if_over(row: Baremetal) -> None:
    """Give the addresses back where the deployment was released in the meantime."""
    state = Baremetal.objects.values_list("state", flat=True).get(pk=row.pk)
    if state in (BaremetalState.RELEASED, BaremetalState.RELEASING):
        ipman().release(owner=row.owner)
        raise Conflict(f"{row.hostname} was released while it was prepared.")


def _spec(profile: Profile, image: Image, facts: Facts) -> dict[str, Any]:
    return {
        "append": profile.append,
        "image_append": image.append,
        "image": {"name": image.name, "version": image.version, "signature": image.signature},
        "manifest": _file(image.manifest) if image.manifest else None,
        "boots_root": profile.boots_root,
        "script": profile.install_script.replace("\r\n", "\n"),
        "format": profile.config_format,
        "body": profile.config_body,
        "facts": facts_kept(facts),
        "kernel": _file(image.kernel),
        "initramfs": _file(image.initramfs),
        "root": _file(image.root) if image.root and profile.boots_root else None,
    }


def _file(artefact: Artefact) -> dict[str, Any]:
    return {"path": artefact.path, "size": artefact.size, "sha256": artefact.sha256}


def _kept(address: AllocatedAddress) -> dict[str, Any]:
    return {
        "address": address.address,
        "prefix_length": address.prefix_length,
        "gateway": address.gateway or "",
        "vlan_id": address.vlan_id or 0,
        "pool": address.pool,
    }


def _words(given: Sequence[AllocatedAddress]) -> str:
    return " and ".join(
        f"{address.address}/{address.prefix_length}"
        + (f" in VLAN {address.vlan_id}" if address.vlan_id else "")
        + f" from pool {address.pool}"
        for address in given
    )
