"""The pages on notices and messages."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from bearman.lib.issues import bmc
from bearman.notices.models import Notice, Thread
from bearman.notices.states import State
from simulator.slack import SlackStandIn
from simulator.slack import Trouble as Misbehaviour
from tests.admin.pages import text_of, told
from tests.notices.rig import come_good, deliver, fail, heads, later, registering

pytestmark = pytest.mark.django_db

THREADS = "admin:notices_thread_changelist"
NOTICES = "admin:notices_notice_changelist"


@pytest.fixture
def admin(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("ada", "ada@example.org", "correct-horse-9"))
    return client


def act(client: Client, action: str, *notices: Notice) -> list[str]:
    keys = [str(notice.pk) for notice in notices]
    fields = {"action": action, "_selected_action": keys}
    return told(client.post(reverse(NOTICES), fields))


@pytest.mark.parametrize("name", [THREADS, NOTICES])
def test_without_a_channel_an_empty_list_says_how_to_configure_one(
    admin: Client, name: str
) -> None:
    text = text_of(admin.get(reverse(name)))
    assert "No channel is configured, so nobody is told when a machine fails." in text
    assert "BEARMAN_SLACK_WEBHOOK" in text
    assert "bearman notice_test" in text


def test_an_empty_list_with_a_channel_says_so(admin: Client, slack: SlackStandIn) -> None:
    text = text_of(admin.get(reverse(THREADS)))
    assert "When a machine fails, a message goes out within seconds" in text
    assert "Slack not used yet" in text


def test_half_a_configuration_is_named(admin: Client, settings: Settings) -> None:
    settings.SLACK_TOKEN = "xoxb-secret"
    page = admin.get(reverse(THREADS))
    assert "are of use together only" in text_of(page)
    assert "xoxb-secret" not in page.content.decode()


def test_the_list_shows_what_failed_together_and_how_the_channel_does(
    admin: Client, slack: SlackStandIn
) -> None:
    nodes = [registering(n) for n in (1, 2, 3)]
    for node in nodes:
        fail(node)
    come_good(nodes[0])
    slack.lasting = Misbehaviour(status=500)
    deliver()
    text = text_of(admin.get(reverse(THREADS)))
    assert f"{bmc.SILENT}" in text
    assert "3 nodes, 2 open" in text
    assert "zone az1" in text
    assert "Slack fails" in text
    assert "Slack answered 500." in text
    assert slack.token not in text


def test_a_threads_page_names_the_machines_and_the_messages(
    admin: Client, slack: SlackStandIn
) -> None:
    node = registering(1, rack="r07", unit=3)
    fail(node, reason="<script>alert(1)</script>")
    deliver()
    page = admin.get(reverse("admin:notices_thread_change", args=[Thread.objects.get().pk]))
    assert "<script>alert(1)" not in page.content.decode()
    for words in (str(node), "rack r07 unit 3", "open", "sent", "Slack"):
        assert words in text_of(page)


def test_a_message_that_waits_is_sent_again_at_once(admin: Client, slack: SlackStandIn) -> None:
    slack.troubles.append(Misbehaviour(status=429, retry_after=3000))
    fail(registering())
    deliver()
    assert deliver() == 0
    (message,) = act(admin, "send_again", Notice.objects.get())
    assert message == "Sent again: 1 message. They go out within seconds if a worker runs."
    assert deliver() == 1


def test_giving_up_ends_a_thread_in_its_channel_and_can_be_taken_back(
    admin: Client, slack: SlackStandIn
) -> None:
    node = registering()
    slack.troubles.append(Misbehaviour(status=500))
    fail(node)
    deliver()
    assert act(admin, "give_up", Notice.objects.get())[0].startswith("Given up: 1 message.")
    later(3700)
    assert deliver() == 0
    act(admin, "send_again", Notice.objects.get())
    assert deliver() == 1
    assert len(heads(slack)) == 1


def test_a_message_that_is_out_is_neither_sent_again_nor_given_up(
    admin: Client, slack: SlackStandIn
) -> None:
    fail(registering())
    deliver()
    notice = Notice.objects.get()
    assert "is sent. It need not be sent again." in act(admin, "send_again", notice)[0]
    assert "Only one that waits can be given up." in act(admin, "give_up", notice)[-1]
    assert Notice.objects.get().state == State.SENT


def test_who_may_only_look_has_no_buttons(slack: SlackStandIn) -> None:
    user = User.objects.create_user("vic", password="correct-horse-9", is_staff=True)
    names = ("view_notice", "view_thread")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = Client()
    client.force_login(user)
    slack.troubles.append(Misbehaviour(status=500))
    fail(registering())
    deliver()
    notice = Notice.objects.get()
    assert client.get(reverse(NOTICES)).status_code == 200
    act(client, "give_up", notice)
    assert Notice.objects.get().state == State.WAITING


def test_lists_ask_as_often_for_many_rows_as_for_few(
    admin: Client, slack: SlackStandIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(1, 25):
        fail(registering(number), (bmc.SILENT, bmc.REFUSES)[number % 2])
    deliver()
    for page in (THREADS, NOTICES):
        with django_assert_max_num_queries(16):
            assert admin.get(reverse(page)).status_code == 200


def test_a_messages_page_shows_its_text(admin: Client, slack: SlackStandIn) -> None:
    node = registering()
    fail(node)
    deliver()
    page = admin.get(reverse("admin:notices_notice_change", args=[Notice.objects.get().pk]))
    assert f"{node} failed to register in step confirm." in text_of(page)
