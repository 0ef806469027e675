"""What operators decide, and what is done in the background."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import Settings

from bearman.lib.errors import Busy, Conflict, Denied
from bearman.lib.keys import credential_key
from bearman.lib.network import networks
from ipman.models import Address, Pool
from ipman.services import pool_save
from nodes import credentials
from nodes.models import AvailabilityZone, Bmc, BootRequest, Node, NodeEvent
from nodes.services.addresses import bmc_prepare
from nodes.services.bmc import bmc_lease
from nodes.services.boot import boot_ask, boot_bind, boot_caller, boot_requests_prune
from nodes.services.inventory import RawOutputs
from nodes.services.lifecycle import node_maintain, node_restore, node_retire, node_return
from nodes.services.registration import node_register, zone_of
from nodes.services.status import node_move
from nodes.services.zones import zone_ensure
from nodes.states import NodeStatus
from tests.samples import Machine

pytestmark = pytest.mark.django_db

SOURCE = "127.0.0.1"


@pytest.fixture(autouse=True)
def site(settings: Settings) -> None:
    settings.ENROLMENT_NETWORKS = networks(["127.0.0.0/8"])
    zone_ensure(name="z1", networks=["127.0.0.0/8"])
    pool = Pool(
        name="p", zone="z1", purpose="ipmi", first="10.0.0.10", last="10.0.0.20", prefix_length=24
    )
    pool_save(pool=pool)


def registered(machine: Machine) -> Node:
    """Register a machine through the service, as the door does."""
    token = boot_ask(uuid=machine.uuid, source=SOURCE).token
    assert token
    caller = boot_caller(token=token, uuid=machine.uuid, source=SOURCE)
    raw = RawOutputs(machine.dmidecode(), machine.lsblk(), machine.ip_link(), {})
    return node_register(caller=caller, raw=raw, address=SOURCE, source=SOURCE).node


def status_of(node: Node) -> NodeStatus:
    return NodeStatus(Node.objects.get(pk=node.pk).status)


@pytest.mark.issue("REG-011")
def test_a_node_goes_into_maintenance_and_back() -> None:
    node = registered(Machine(1))
    node_maintain(node=node, actor="olga", note="New fans.")
    assert status_of(node) is NodeStatus.MAINTENANCE
    assert NodeEvent.objects.latest("id").actor == "olga"
    assert node_return(node=node, actor="olga") is NodeStatus.REGISTER_FAILED
    assert Node.objects.get().issue == "REG-011"
    again = registered(Machine(1))
    assert again.proven_at is None, "what was proven in an earlier boot is not proven now"
    Node.objects.update(proven_at=timezone.now(), status=NodeStatus.MAINTENANCE)
    node.refresh_from_db()
    assert node_return(node=node, actor="olga") is NodeStatus.READY


def test_a_retired_node_gives_its_address_back_and_loses_its_credential() -> None:
    node = registered(Machine(1))
    node_retire(node=node, actor="olga")
    node_retire(node=node, actor="olga")
    assert status_of(node) is NodeStatus.RETIRED
    assert not Address.objects.exclude(owner=None).exists()
    assert not Bmc.objects.exists()
    assert not BootRequest.objects.exists()


def test_a_retirement_can_be_taken_back_unless_the_uuid_has_another_owner() -> None:
    node = registered(Machine(1))
    node_retire(node=node, actor="olga")
    node_restore(node=node, actor="olga")
    assert status_of(node) is NodeStatus.MAINTENANCE
    node_retire(node=node, actor="olga")
    Node.objects.filter(pk=node.pk).update(uuid=Machine(1).uuid)
    Node.objects.create(uuid=Machine(1).uuid, status=NodeStatus.READY)
    with pytest.raises(Conflict, match="Another node owns"):
        node_restore(node=node, actor="olga")


def test_a_retired_machine_that_comes_again_stays_out() -> None:
    node = registered(Machine(1))
    node_retire(node=node, actor="olga")
    assert boot_ask(uuid=Machine(1).uuid, source=SOURCE).token is None


def test_a_change_that_the_table_has_not_is_refused() -> None:
    node = registered(Machine(1))
    with pytest.raises(Conflict, match="cannot become IN_USE"):
        node_move(node_id=node.pk, to=NodeStatus.IN_USE)


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "DANCING", "uuid": Machine(9).uuid},
        {"status": "READY"},
        {"status": "REGISTERING", "uuid": Machine(9).uuid},
        {"status": "READY", "uuid": Machine(1).uuid},
    ],
    ids=["unknown status", "no UUID", "no deadline", "a UUID with an owner"],
)
def test_the_database_itself_refuses_a_node_that_cannot_be(fields: dict[str, Any]) -> None:
    registered(Machine(1))
    with pytest.raises(IntegrityError), transaction.atomic():
        Node.objects.create(**fields)


def test_a_token_never_moves_to_a_second_node() -> None:
    one, two = registered(Machine(1)), registered(Machine(2))
    token = boot_ask(uuid=Machine(1).uuid, source=SOURCE).token
    assert token
    caller = boot_caller(token=token, uuid=None, source=SOURCE)
    assert boot_bind(caller=caller, node_id=one.pk)
    again = boot_caller(token=token, uuid=None, source=SOURCE)
    with pytest.raises(Denied):
        boot_bind(caller=again, node_id=two.pk)


def test_ended_tokens_are_deleted_after_a_day() -> None:
    boot_ask(uuid=Machine(1).uuid, source=SOURCE)
    boot_ask(uuid=Machine(2).uuid, source=SOURCE)
    old = BootRequest.objects.order_by("id").first()
    assert old
    BootRequest.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(days=2))
    assert boot_requests_prune() == 1
    assert BootRequest.objects.count() == 1


def test_a_bmc_is_had_by_one_at_a_time_and_by_nobody_for_ever() -> None:
    bmc = registered(Machine(1)).bmc
    with bmc_lease(bmc_id=bmc.pk, operation="first"):
        with pytest.raises(Busy, match="first"), bmc_lease(bmc_id=bmc.pk, operation="second"):
            pytest.fail("two had the BMC at once")
        # the process with the lease is killed; its time passes
        Bmc.objects.update(busy_until=timezone.now() - timedelta(seconds=1))
        with bmc_lease(bmc_id=bmc.pk, operation="third"):
            pass
    with bmc_lease(bmc_id=bmc.pk, operation="fourth"):
        pass


def test_the_zone_is_the_one_with_the_longest_network() -> None:
    zone_ensure(name="wide", networks=["10.0.0.0/8", "2001:db8::/32"])
    zone_ensure(name="narrow", networks=["10.1.0.0/16"])
    rest = AvailabilityZone.objects.create(name="rest")
    assert [str(zone_of(source)) for source in ("10.1.2.3", "10.2.2.3", "2001:db8::1")] == [
        "narrow",
        "wide",
        "wide",
    ]
    assert zone_of("192.0.2.1") == rest
    rest.delete()
    assert zone_of("192.0.2.1") is None


def test_stored_inventories_are_parsed_again(capsys: pytest.CaptureFixture[str]) -> None:
    node = registered(Machine(1))
    Node.objects.update(vendor="what an older parser made of it", memory_bytes=1)
    node.memory_modules.all().delete()
    call_command("reparse_inventory")
    assert "1 parsed, 1 changed, 0 failed." in capsys.readouterr().out
    node.refresh_from_db()
    assert node.vendor == "Acme Inc."
    assert node.memory_modules.count() == 4
    call_command("reparse_inventory", str(node.pk))
    assert "1 parsed, 0 changed, 0 failed." in capsys.readouterr().out


def test_a_stored_inventory_that_cannot_be_parsed_is_told_and_left_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    node = registered(Machine(1))
    node.raw_inventory.lsblk = b"nonsense"
    node.raw_inventory.save()
    with pytest.raises(CommandError, match="1 could not be parsed"):
        call_command("reparse_inventory")
    assert node.memory_modules.count() == 4


def test_passwords_suit_every_bmc_and_are_never_the_same() -> None:
    made = {credentials.new_password() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        assert len(password) == 16
        assert password.isalnum()
        assert password.isascii()


def test_a_new_key_encrypts_and_the_old_one_still_decrypts(settings: Settings) -> None:

    kept = credentials.encrypt("secret")
    settings.CREDENTIAL_KEYS = [credential_key(), *settings.CREDENTIAL_KEYS]
    credentials._cipher.cache_clear()
    try:
        assert credentials.decrypt(kept) == "secret"
        assert credentials.encrypt("secret") != kept
    finally:
        credentials._cipher.cache_clear()


def test_a_node_that_is_retired_while_it_registers_keeps_no_address() -> None:

    node = registered(Machine(1))
    node_retire(node=node, actor="olga")
    with pytest.raises(Conflict, match="RETIRED by now"):
        bmc_prepare(node=node)
    assert not Address.objects.exclude(owner=None).exists()
    assert not Bmc.objects.exists()
