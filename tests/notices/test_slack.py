"""What stands in Slack when machines fail, through its Web API."""

import json

import pytest

from bearman.lib.issues import bmc, identity, registration, wiring
from bearman.notices.models import Conversation, Notice, Trouble
from bearman.notices.states import State
from nodes.models import LinkState
from nodes.services.lifecycle import node_maintain, node_retire, node_return
from nodes.services.status import node_move
from nodes.states import NodeStatus
from simulator.slack import SlackStandIn
from simulator.slack import Trouble as Misbehaviour
from tests.admin import fleet
from tests.ipman.helpers import in_threads
from tests.notices.rig import come_good, deliver, fail, heads, later, registering, replies

pytestmark = pytest.mark.django_db


def test_one_failure_is_one_message_with_all_that_a_person_needs(slack: SlackStandIn) -> None:
    node = registering(4, rack="r07", unit=12, address="10.1.0.9")
    LinkState.objects.create(
        node=node, interface="eno1", switch="leaf-07a", port="Ethernet12", wanted_switch=""
    )
    fail(node)
    assert deliver() == 1
    (text,) = heads(slack)
    for words in (
        f"{bmc.SILENT.code} {bmc.SILENT.title}",
        f"{node} failed to register in step confirm.",
        f"The BMC of {node} did not answer.",
        bmc.SILENT.advice,
        "Dell Inc. PowerEdge R640",
        node.serial,
        "rack r07 unit 12",
        "eno1: leaf-07a Ethernet12",
        "zone: *az1*".capitalize(),
        "`ssh root@10.1.0.9`",
        f"https://bearman.example/admin/nodes/node/{node.pk}/change/",
    ):
        assert words in text, words
    assert deliver() == 0
    assert replies(slack) == []


def test_a_machine_that_comes_good_resolves_its_message_in_the_thread(slack: SlackStandIn) -> None:
    node = registering()
    fail(node)
    deliver()
    come_good(node)
    deliver()
    assert replies(slack) == [f":large_green_circle: *{node}: it is READY.*"]
    (text,) = heads(slack)
    assert text.startswith(":large_green_circle: *Resolved: ")
    assert Conversation.objects.get().done
    assert deliver() == 0


def test_forty_nodes_behind_one_switch_are_one_thread_with_a_count(slack: SlackStandIn) -> None:
    nodes = [registering(n, rack="r07", unit=n) for n in range(1, 41)]
    for node in nodes:
        LinkState.objects.create(
            node=node,
            interface="eno1",
            wanted_switch="leaf-07a",
            wanted_port=f"Ethernet{node.unit}",
            issue=wiring.NO_CABLE.code,
        )
    for node in nodes[:3]:
        fail(node, wiring.NO_CABLE, step="wiring")
    deliver()
    for node in nodes[3:]:
        fail(node, wiring.NO_CABLE, step="wiring")
    deliver()
    (text,) = heads(slack)
    assert "40 nodes, switch leaf-07a" in text
    assert len(replies(slack)) == 20
    assert all("planned leaf-07a Ethernet" in reply for reply in replies(slack))
    for node in nodes[:10]:
        come_good(node)
    deliver()
    (text,) = heads(slack)
    assert "30 still need somebody, 10 are dealt with." in text
    for node in nodes[10:]:
        come_good(node)
    deliver(2)
    (text,) = heads(slack)
    assert text.startswith(":large_green_circle: *Resolved: ")
    assert "All 40 came good." in text
    assert len(replies(slack)) == 20 + 20 + 1
    assert Conversation.objects.get().done


def test_failures_with_different_causes_are_threads_of_their_own(slack: SlackStandIn) -> None:
    one, other, third = (registering(n) for n in (1, 2, 3))
    fail(one, bmc.SILENT)
    fail(other, registration.PROGRAM_HANGS, step="inventory")
    fail(third, bmc.SILENT)
    deliver()
    assert len(heads(slack)) == 2


def test_after_half_an_hour_of_quiet_the_same_cause_is_told_anew(slack: SlackStandIn) -> None:
    fail(registering(1))
    deliver()
    later(31 * 60)
    fail(registering(2))
    deliver()
    assert len(heads(slack)) == 2


def test_the_same_failure_of_the_same_node_is_not_told_twice(slack: SlackStandIn) -> None:
    node = registering()
    fail(node)
    deliver()
    node_move(node_id=node.pk, to=NodeStatus.REGISTERING)
    fail(node)
    assert deliver() == 0
    assert Trouble.objects.get().times == 2


def test_another_failure_of_the_same_node_ends_the_one_before(slack: SlackStandIn) -> None:
    node = registering()
    fail(node, bmc.SILENT)
    deliver()
    node_move(node_id=node.pk, to=NodeStatus.REGISTERING)
    fail(node, registration.PROGRAM_HANGS, step="inventory")
    deliver()
    assert len(heads(slack)) == 2
    (reply,) = replies(slack)
    assert f"it failed once more, with {registration.PROGRAM_HANGS.code}" in reply


def test_what_operators_do_ends_a_message_and_makes_none(slack: SlackStandIn) -> None:
    failed, ready = registering(1), registering(2)
    fail(failed)
    node_move(node_id=ready.pk, to=NodeStatus.READY)
    deliver()
    node_maintain(node=failed, actor="olga")
    node_retire(node=ready, actor="olga")
    deliver()
    (reply,) = replies(slack)
    assert "it was taken into maintenance by olga" in reply


def test_what_a_machine_says_is_no_link_no_mention_and_no_command(slack: SlackStandIn) -> None:
    node = registering(1, serial="<!channel>", product_name="<http://evil.example|R640> & co")
    fail(node, reason="<@U0BEARMAN> @here @all `rm -rf` </script>" + "x" * 5000)
    deliver()
    (message,) = slack.store
    for text in (message.text, json.dumps(message.payload["blocks"], ensure_ascii=False)):
        assert "<!channel>" not in text
        assert "<@U0BEARMAN>" not in text
        assert "<http://evil" not in text
        assert "@here" not in text
        assert "@all" not in text
        assert "&lt;!channel&gt;" in text
    assert all(len(block["text"]["text"]) <= 3000 for block in message.payload["blocks"])


def test_with_no_channel_configured_nothing_is_queued(quick: None) -> None:
    fail(registering())
    assert not Trouble.objects.exists()
    assert deliver() == 0


def test_a_message_without_blocks_is_sent_where_slack_refuses_them(slack: SlackStandIn) -> None:
    slack.troubles.append(Misbehaviour(body='{"ok": false, "error": "invalid_blocks"}', status=200))
    fail(registering())
    deliver()
    (message,) = slack.store
    assert "blocks" not in message.payload
    assert Notice.objects.get().state == State.SENT


def test_a_decision_of_an_operator_ends_a_message_and_makes_none(slack: SlackStandIn) -> None:
    node = registering()
    fail(node)
    deliver()
    node_maintain(node=node, actor="olga")
    node_return(node=node, actor="olga")
    deliver()
    assert len(heads(slack)) == 1
    assert Trouble.objects.count() == 1
    other = fleet.make_node(2, NodeStatus.QUARANTINED)
    node_move(node_id=other.pk, to=NodeStatus.REGISTER_FAILED, actor="olga", issue=identity.DECIDED)
    assert Trouble.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_send_each_message_once(slack: SlackStandIn) -> None:
    for number in range(1, 13):
        fail(registering(number))
    assert not [each for each in in_threads([deliver] * 4) if isinstance(each, Exception)]
    deliver(2)
    assert len(heads(slack)) == 1
    assert len(replies(slack)) == len(set(replies(slack))) == 12
