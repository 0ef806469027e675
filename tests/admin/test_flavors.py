"""The pages on flavors."""

from pathlib import Path

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from nodes.models import Node
from profiles.models import Flavor
from tests.admin import fleet as machines
from tests.admin.conftest import logged_in
from tests.admin.pages import text_of, told
from tests.baremetal import rig

FLAVORS = "/admin/profiles/flavor/"
FIELDS = {
    "name": "gpu",
    "vendor_pattern": "Dell*",
    "product_pattern": "*XE*",
    "notes": "",
    "default_profile": "",
    "min_memory_gib": "0",
    "min_cpu_cores": "0",
    "min_disks": "0",
    "min_disk_gb": "0",
    "min_interfaces": "0",
    "bond_interfaces": "",
    "bond_mode": "802.3ad",
    "disk": "",
}


def test_a_flavor_is_added_changed_and_deleted(admin: Client) -> None:
    admin.post(f"{FLAVORS}add/", FIELDS)
    flavor = Flavor.objects.get()
    admin.post(f"{FLAVORS}{flavor.pk}/change/", FIELDS | {"notes": "Eight of them"})
    flavor.refresh_from_db()
    assert flavor.notes == "Eight of them"
    admin.post(f"{FLAVORS}{flavor.pk}/delete/", {"post": "yes"})
    assert not Flavor.objects.exists()
    assert LogEntry.objects.count() == 3


def test_a_flavor_says_what_its_machines_get_and_must_have(admin: Client, tmp_path: Path) -> None:
    rig.image(tmp_path)
    profile = rig.profile("web")
    wanted = {
        "default_profile": str(profile.pk),
        "min_memory_gib": "256",
        "min_interfaces": "2",
        "bond_interfaces": "eno1,eno2",
        "disk": "/dev/nvme0n1",
    }
    admin.post(f"{FLAVORS}add/", FIELDS | wanted)
    flavor = Flavor.objects.get()
    assert (flavor.default_profile, flavor.min_memory_gib) == (profile, 256)
    assert (flavor.bond_interfaces, flavor.disk) == ("eno1,eno2", "/dev/nvme0n1")
    page = text_of(admin.get(FLAVORS))
    assert "gpu Dell* *XE* web 256 GiB of memory, 2 interfaces" in page
    assert "What it must have" in text_of(admin.get(f"{FLAVORS}{flavor.pk}/change/"))


def test_interfaces_and_a_disk_that_cannot_be_are_refused_at_their_fields(admin: Client) -> None:
    wrong = {"bond_interfaces": "eno1 eno2", "disk": "sda"}
    page = text_of(admin.post(f"{FLAVORS}add/", FIELDS | wrong))
    assert "Write the names of interfaces with commas between them" in page
    assert "A disk is named as /dev/NAME" in page
    assert not Flavor.objects.exists()


def test_a_flavor_that_nodes_have_is_not_deleted(admin: Client) -> None:
    node: Node = machines.make_node(1)
    response = admin.post(f"{FLAVORS}{node.flavor_id}/delete/", {"post": "yes"})
    assert told(response) == ["Flavor compute-1u has nodes. Give them another one first."]


def test_the_list_of_flavors_asks_the_same_for_any_number(admin: Client, tmp_path: Path) -> None:
    rig.image(tmp_path)
    profile = rig.profile("web")

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            admin.get(FLAVORS)
        return len(caught)

    Flavor.objects.create(name="one", default_profile=profile)
    few = queries()
    for number in range(10):
        Flavor.objects.create(name=f"more-{number}", default_profile=profile)
    assert queries() == few


def test_who_may_only_look_changes_nothing(db: None) -> None:
    user = User.objects.create_user("vic", password="x", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_flavor"))
    client = logged_in(user)
    flavor = Flavor.objects.create(name="gpu")
    assert client.get(f"{FLAVORS}{flavor.pk}/change/").status_code == 200
    assert client.post(f"{FLAVORS}{flavor.pk}/change/", FIELDS).status_code == 403
    assert client.post(f"{FLAVORS}{flavor.pk}/delete/", {"post": "yes"}).status_code == 403


def test_an_empty_list_says_what_a_flavor_is(admin: Client) -> None:
    assert "A flavor is a kind of machine" in text_of(admin.get(FLAVORS))
