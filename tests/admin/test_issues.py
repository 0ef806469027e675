"""The catalogue in the Admin: its page, codes on rows, and lists of who has what."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from baremetal.models import Baremetal
from bearman.admin.navigation import sidebar
from bearman.lib.issues import CATALOGUE, Found, bmc, wiring
from nodes.models import FindingSource, Node
from nodes.services.findings import findings_replace
from nodes.services.lifecycle import node_retire
from nodes.states import NodeStatus
from tests.admin import deployments
from tests.admin import fleet as machines
from tests.admin.pages import list_url, node_url, text_of

PAGE = "/admin/nodes/node/issues/"
LINK = f'{PAGE}#bmc-001"'


def failed(number: int = 1) -> Node:
    """Return a node that failed with a code."""
    node = machines.make_node(number, NodeStatus.REGISTER_FAILED, step="confirm", reason="Silence.")
    Node.objects.filter(pk=node.pk).update(issue=bmc.SILENT.code)
    return node


def find(node: Node) -> None:
    """Let the check of the cables find something."""
    found = [Found(wiring.SWAPPED, "eno2", "eno1 and eno2 are swapped.")]
    findings_replace(node_id=node.pk, source=FindingSource.WIRING, found=found)


def test_the_page_has_the_whole_catalogue_and_says_that_nothing_is_wrong(admin: Client) -> None:
    response = admin.get(PAGE)
    html, text = response.content.decode(), text_of(response)
    for entry in CATALOGUE.values():
        assert f'id="{entry.code.lower()}"' in html
        assert " ".join(entry.title.split()) in text
    assert "No node and no deployment has an issue." in text


def test_what_to_type_is_shown_as_code(admin: Client) -> None:
    node = failed(1)
    Node.objects.filter(pk=node.pk).update(advice="Run `dmesg <all>`.")
    code = '<code class="bm-code">{}</code>'
    assert code.format("dmesg &lt;all&gt;") in admin.get(node_url(node)).content.decode()
    assert code.format("bearman storage_prepare") in admin.get(PAGE).content.decode()


def test_it_counts_who_has_what_and_leads_to_them(admin: Client) -> None:
    node, other = failed(1), failed(2)
    find(node)
    find(other)
    html = admin.get(PAGE).content.decode()
    assert f'href="{list_url()}?issue=BMC-001">2 nodes</a>' in html
    assert f'href="{list_url()}?issue={wiring.SWAPPED.code}">2 nodes</a>' in html
    assert html.index("2 nodes") < html.index('id="area-registration"')


def test_deployments_are_counted_for_whoever_may_see_them(
    admin: Client, viewer: Client, tmp_path: Path
) -> None:
    deployments.make_room(tmp_path)
    row = deployments.deployed(deployments.free(1), "web-1")
    Baremetal.objects.filter(pk=row.pk).update(issue="DEP-010")
    link = '/admin/baremetal/baremetal/?issue=DEP-010">1 deployment</a>'
    assert link in admin.get(PAGE).content.decode()
    assert "1 deployment" not in viewer.get(PAGE).content.decode()
    assert "web-1" in text_of(admin.get("/admin/baremetal/baremetal/?issue=DEP-010"))
    assert "web-1" not in text_of(admin.get("/admin/baremetal/baremetal/?issue=DEP-011"))


def test_a_retired_node_counts_no_more(admin: Client) -> None:
    node = machines.make_node(1)
    find(node)
    node_retire(node=node, actor="ada")
    assert "1 node" not in text_of(admin.get(PAGE))
    listed = admin.get(list_url(), {"issue": wiring.SWAPPED.code})
    assert node.serial not in text_of(listed)


def test_the_page_asks_a_fixed_number_of_queries(admin: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            admin.get(PAGE)
        return len(captured)

    few = queries()
    for number in range(1, 20):
        find(failed(number))
    assert queries() == few <= 8


def test_the_list_of_nodes_is_narrowed_by_failure_and_by_finding(admin: Client) -> None:
    one, other = failed(1), machines.make_node(2)
    find(other)
    narrowed = text_of(admin.get(list_url(), {"issue": "BMC-001"}))
    assert one.serial in narrowed
    assert other.serial not in narrowed
    assert other.serial in text_of(admin.get(list_url(), {"issue": wiring.SWAPPED.code}))
    assert "BMC-001 The BMC does not answer over the network" in narrowed  # in the filter
    for words in ("", "NONE-001", "'; DROP TABLE nodes_node; --", "x" * 5000):
        assert admin.get(list_url(), {"issue": words}).status_code == 200


@pytest.mark.parametrize("where", ["list", "page", "dashboard"])
def test_the_code_of_a_failure_leads_to_its_entry(admin: Client, where: str) -> None:
    node = failed()
    url = {"list": list_url(), "page": node_url(node), "dashboard": "/admin/"}[where]
    html = admin.get(url).content.decode()
    assert LINK in html
    assert bmc.SILENT.title in html


def test_a_nodes_page_shows_what_the_checks_found(admin: Client) -> None:
    node = machines.make_node(1)
    assert "What the checks found" not in text_of(admin.get(node_url(node)))
    find(node)
    page = text_of(admin.get(node_url(node)))
    assert "What the checks found 1" in page
    assert "eno2: eno1 and eno2 are swapped." in page
    assert wiring.SWAPPED.advice in page


def test_who_may_not_see_nodes_sees_no_issues(client: Client, viewer: Client) -> None:
    assert client.get(PAGE).status_code == 302
    assert viewer.get(PAGE).status_code == 200
    assert "Issues" in text_of(viewer.get("/admin/"))


@pytest.mark.parametrize("address", [PAGE, "/admin/nodes/node/", "/admin/"])
def test_the_sidebar_marks_the_page_that_it_is_on_and_no_other(rf: Any, address: str) -> None:
    request = rf.get(f"{address}?q=1")
    request.user = SimpleNamespace(has_perm=lambda name: True)
    items = [item for group in sidebar(request) for item in group["items"]]
    assert [item["link"] for item in items if item["active"]] == [address]
