"""The whole stack in real containers: machines register and deploy while it is hurt and upgraded.

The tests are one story, and run in this order.
"""

import json
import time

import pytest

from simulator.demo.system import PROFILE
from tests.compose import images
from tests.compose.engine import ADDRESS
from tests.compose.site import SUBNET, Site

pytestmark = [pytest.mark.compose, pytest.mark.timeout(1200), pytest.mark.xdist_group("compose")]

UUID = "4c4c4544-0051-3510-8052-b4c04f4a4b31"
CURL = ("curl", "--silent", "--show-error", "--noproxy", "*", "--write-out", "\n%{http_code}")
SERVICES = ("web", "grpc-a", "grpc-b", "worker", "nginx", "database")
GATEWAY = f"{SUBNET.rpartition('.')[0]}.1"  # the engine's bridge, by which all come here


def fetch(site: Site, url: str, *options: str) -> tuple[int, str]:
    """Status and text of an answer, with the site's CA verified."""
    text = site.engine.call(*CURL, "--cacert", str(site.ca), *options, url)
    body, _, status = text.rpartition("\n")
    return int(status), body


def count(site: Site, status: str) -> int:
    return int(site.sql(f"SELECT count(*) FROM nodes_node WHERE status = '{status}'"))


def test_nothing_runs_with_privileges_and_no_secret_is_to_be_seen(site: Site) -> None:
    secrets = [
        path.read_text().strip() for path in (site.folder / "secrets").iterdir() if path.is_file()
    ]
    for service in SERVICES:
        text = json.dumps(site.inspect(service))
        assert '"ReadonlyRootfs": true' in text, service
        assert '"CapDrop": ["ALL"]' in text, service
        assert '"User": "10001:10001"' in text, service
        assert not [one for one in secrets if len(one) > 10 and one in text], service


def test_the_image_has_no_build_tools(site: Site) -> None:
    script = "for name in gcc make git curl pip pip3; do command -v $name || :; done"
    assert site.compose("exec", "-T", "web", "sh", "-c", script) == ""
    kept = site.compose("exec", "-T", "web", "sh", "-c", "ls /srv/bearman").split()
    assert "tests" not in kept
    assert ".git" not in kept


def test_nginx_finds_its_configuration_good(site: Site) -> None:
    command = ("nginx", "-t", "-q", "-c", "/etc/bearman/nginx.conf")
    assert site.compose("exec", "-T", "nginx", *command) == ""


@pytest.mark.parametrize(
    ("url", "status"),
    [
        (f"https://{ADDRESS}/admin/login/", 200),
        (f"https://{ADDRESS}/static/bearman/admin.css", 200),
        (f"https://{ADDRESS}/readyz", 404),
        (f"https://{ADDRESS}/healthz", 200),
        (f"https://{ADDRESS}/metrics", 404),
        (f"http://{ADDRESS}/admin/login/", 308),
        (f"http://{ADDRESS}/readyz", 308),
        (f"http://{ADDRESS}/files/incoming/x", 404),
        (f"http://{ADDRESS}/files/images/../../static/x", 308),
        (f"http://{ADDRESS}/files/images/.hidden", 404),
        (f"http://{ADDRESS}/ipxe/{UUID}", 200),
        (f"https://{ADDRESS}/autorun/{UUID}", 401),
        (f"http://{ADDRESS}/autorun/{UUID}", 308),
    ],
)
def test_each_door_shows_what_it_should(site: Site, url: str, status: int) -> None:
    assert fetch(site, url, "--path-as-is")[0] == status


def test_files_come_in_ranges(site: Site) -> None:
    path = site.sql("SELECT root_path FROM profiles_image WHERE root_path <> '' LIMIT 1")
    url = f"http://{ADDRESS}/files/{path}"
    whole = fetch(site, url, "--output", "/dev/null", "--head")
    assert whole[0] == 200
    status, _ = fetch(site, url, "--range", "1000-1999", "--output", str(site.folder / "part"))
    assert status == 206
    assert (site.folder / "part").stat().st_size == 1000


def test_bearman_sees_the_address_that_nginx_saw_and_not_what_a_client_says(site: Site) -> None:
    uuid = UUID.replace("4b31", "4b99")
    fetch(site, f"http://{ADDRESS}/ipxe/{uuid}", "--header", "X-Forwarded-For: 203.0.113.9")
    source = site.sql(f"SELECT source FROM nodes_bootrequest WHERE uuid = '{uuid}'")
    assert source == GATEWAY


def test_machines_register_and_are_deployed_over_tls_while_a_replica_dies(site: Site) -> None:
    fleet = site.machines(6, "--deploy", PROFILE, seed=1)
    while count(site, "REGISTERING") + count(site, "READY") < 2:
        assert fleet.process.poll() is None, fleet.log.read_text()
        time.sleep(0.5)
    (replica,) = site.containers("grpc-a")
    site.engine.docker("kill", replica)
    fleet.all_end_well()
    assert count(site, "IN_USE") == 6
    assert site.sql("SELECT DISTINCT state FROM baremetal_baremetal") == "INSTALLED"
    site.compose("up", "-d", "--no-build", "--no-deps", "grpc-a")
    site.await_health("grpc-a")


def test_the_command_line_and_a_stranger_at_the_door(site: Site) -> None:
    assert len(json.loads(site.cli("node", "list", "--json"))["nodes"]) == 6
    with pytest.raises(RuntimeError, match="certificate"):
        site.engine.call(*CURL, f"https://{ADDRESS}/admin/login/")


def test_what_was_backed_up_is_there_again_after_a_loss(site: Site) -> None:
    before = site.sql("SELECT count(*), max(id) FROM nodes_node")
    credentials = site.sql("SELECT count(*) FROM nodes_bmc WHERE password IS NOT NULL")
    site.documented("Back up")
    site.sql("DROP TABLE nodes_bmc CASCADE")
    site.documented("Restore")
    site.await_health("web", "grpc-a", "grpc-b", "worker")
    assert site.sql("SELECT count(*), max(id) FROM nodes_node") == before
    assert site.sql("SELECT count(*) FROM nodes_bmc WHERE password IS NOT NULL") == credentials


def test_an_upgrade_with_a_migration_goes_by_while_machines_register(site: Site) -> None:
    site.set(BEARMAN_IMAGE=images.NEXT)
    fleet = site.machines(8, "--boot-delay", "0-20", seed=2)
    time.sleep(3)
    site.documented("Upgrade")
    fleet.all_end_well()
    assert count(site, "READY") == 8
    columns = "SELECT count(*) FROM information_schema.columns WHERE column_name = 'next_version'"
    assert site.sql(columns) == "1"
    for service in ("web", "grpc-a", "grpc-b", "worker"):
        assert images.NEXT in json.dumps(site.inspect(service)["Config"]), service
