"""The web API and the webhook of the stand-in, over HTTP."""

from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from simulator.slack import SlackStandIn, Trouble

SECONDS = 30.0
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "*WIRE-003*"}}


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn() as slack:
        yield slack


def call(slack: SlackStandIn, method: str, token: str | None = None, **sent: Any) -> Any:
    headers = {"Authorization": f"Bearer {slack.token if token is None else token}"}
    answer = requests.post(slack.api_url + method, json=sent, headers=headers, timeout=SECONDS)
    assert answer.status_code == 200
    return answer.json()


def post(slack: SlackStandIn, text: str, **more: Any) -> str:
    answer = call(slack, "chat.postMessage", channel="#bearman", text=text, **more)
    assert answer["ok"], answer
    return str(answer["ts"])


def number(slack: SlackStandIn) -> str:
    return slack.store.channels[0].id


def test_a_message_and_its_thread_are_read_back(slack: SlackStandIn) -> None:
    head = post(slack, "one failed", blocks=[SECTION])
    first, second = (post(slack, text, thread_ts=head) for text in ("first", "second"))
    thread = call(slack, "conversations.replies", channel=number(slack), ts=head)["messages"]
    assert [message["ts"] for message in thread] == [head, first, second]
    assert (thread[0]["reply_count"], thread[1]["thread_ts"]) == (2, head)
    history = call(slack, "conversations.history", channel=number(slack))["messages"]
    assert [(message["text"], message["blocks"]) for message in history] == [
        ("one failed", [SECTION])
    ]


def test_an_update_changes_what_a_message_says(slack: SlackStandIn) -> None:
    ts = post(slack, "1 machine")
    assert call(slack, "chat.update", channel=number(slack), ts=ts, text="40 machines")["ok"]
    (message,) = slack.store
    assert (message.text, message.edits) == ("40 machines", 1)


def test_metadata_comes_back_only_where_it_is_asked_for(slack: SlackStandIn) -> None:
    metadata = {"event_type": "notice", "event_payload": {"notice": "7"}}
    post(slack, "told", metadata=metadata, client_msg_id="a-b-c")
    ask = {"channel": number(slack)}
    (bare,) = call(slack, "conversations.history", **ask)["messages"]
    (whole,) = call(slack, "conversations.history", include_all_metadata=True, **ask)["messages"]
    assert "metadata" not in bare
    assert (whole["metadata"], whole["client_msg_id"]) == (metadata, "a-b-c")


def test_history_comes_newest_first_and_in_pages(slack: SlackStandIn) -> None:
    sent = [post(slack, f"message {count}") for count in range(5)]
    first = call(slack, "conversations.history", channel=number(slack), limit=3)
    cursor = first["response_metadata"]["next_cursor"]
    rest = call(slack, "conversations.history", channel=number(slack), limit=3, cursor=cursor)
    seen = [message["ts"] for message in first["messages"] + rest["messages"]]
    assert (seen, first["has_more"], rest["has_more"]) == (sent[::-1], True, False)
    late = call(slack, "conversations.history", channel=number(slack), oldest=sent[3])
    assert [message["ts"] for message in late["messages"]] == sent[:2:-1]


def test_a_form_is_understood_as_well(slack: SlackStandIn) -> None:
    form = {"token": slack.token, "channel": number(slack), "text": "a form"}
    answer = requests.post(slack.api_url + "chat.postMessage", data=form, timeout=SECONDS).json()
    assert answer["ok"]


@pytest.mark.parametrize(
    ("method", "sent", "word"),
    [
        ("chat.postMessage", {"channel": "#nowhere", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "#bearman", "text": " "}, "no_text"),
        ("chat.postMessage", {"channel": "#bearman", "text": "x" * 40_001}, "msg_too_long"),
        ("chat.postMessage", {"channel": "#bearman", "blocks": [SECTION] * 51}, "invalid_blocks"),
        (
            "chat.postMessage",
            {"channel": "#bearman", "text": "x", "thread_ts": "1.2"},
            "thread_not_found",
        ),
        ("chat.update", {"channel": "C000000001", "ts": "1.2", "text": "x"}, "message_not_found"),
        ("chat.update", {"channel": "#bearman", "ts": "1.2", "text": "x"}, "channel_not_found"),
        ("conversations.replies", {"channel": "C000000001", "ts": "1.2"}, "thread_not_found"),
        ("chat.nothing", {}, "unknown_method"),
    ],
)
def test_what_is_wrong_is_refused_in_slacks_words(
    slack: SlackStandIn, method: str, sent: dict[str, Any], word: str
) -> None:
    assert call(slack, method, **sent) == {"ok": False, "error": word}
    assert not list(slack.store)


def test_only_the_right_token_may_speak(slack: SlackStandIn) -> None:
    assert call(slack, "auth.test")["ok"]
    assert call(slack, "auth.test", token="xoxb-guess")["error"] == "invalid_auth"
    assert call(slack, "auth.test", token="")["error"] == "not_authed"


def test_a_webhook_answers_in_plain_words(slack: SlackStandIn) -> None:
    answer = requests.post(slack.webhook_url, json={"text": "told"}, timeout=SECONDS)
    assert (answer.status_code, answer.text) == (200, "ok")
    empty = requests.post(slack.webhook_url, json={}, timeout=SECONDS)
    assert (empty.status_code, empty.text) == (400, "no_text")
    stranger = requests.post(slack.webhook_url + "x", json={"text": "told"}, timeout=SECONDS)
    assert (stranger.status_code, stranger.text) == (403, "invalid_token")
    assert [message.text for message in slack.store] == ["told"]


def test_it_misbehaves_on_request(slack: SlackStandIn) -> None:
    def send(timeout: float = SECONDS) -> requests.Response:
        return requests.post(slack.webhook_url, json={"text": "told"}, timeout=timeout)

    slack.troubles.extend([Trouble(status=429, retry_after=7), Trouble(status=500)])
    busy, broken = send(), send()
    assert (busy.status_code, busy.headers["Retry-After"]) == (429, "7")
    assert (broken.status_code, list(slack.store)) == (500, [])
    slack.troubles.extend([Trouble(drop=True), Trouble(hang_s=600)])
    with pytest.raises(requests.ConnectionError):
        send()
    with pytest.raises(requests.Timeout):
        send(timeout=0.5)
    slack.troubles.append(Trouble(drop=True, keeps=True))
    before = len(list(slack.store))
    with pytest.raises(requests.ConnectionError):
        send()
    assert len(list(slack.store)) == before + 1


def test_an_answer_may_break_off_in_the_middle(slack: SlackStandIn) -> None:
    slack.troubles.append(Trouble(cut=True))
    headers = {"Authorization": f"Bearer {slack.token}"}
    with pytest.raises(requests.RequestException):
        requests.post(
            slack.api_url + "chat.postMessage",
            json={"channel": "#bearman", "text": "told"},
            headers=headers,
            timeout=SECONDS,
        ).json()
    assert [message.text for message in slack.store] == ["told"]


def test_more_than_so_many_a_second_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = []
    with SlackStandIn(most_a_second=1) as slack:
        for now in (5.0, 5.5, 6.0, 6.5):
            clock = SimpleNamespace(monotonic=partial(float, now))
            monkeypatch.setattr("simulator.slack.server.time", clock)
            sent = requests.post(slack.webhook_url, json={"text": "told"}, timeout=SECONDS)
            codes.append(sent.status_code)
    assert codes == [200, 429, 429, 200]


def test_one_that_hangs_does_not_hold_up_the_end(slack: SlackStandIn) -> None:
    slack.lasting = Trouble(hang_s=600)
    with pytest.raises(requests.Timeout):
        requests.post(slack.webhook_url, json={"text": "told"}, timeout=0.2)
