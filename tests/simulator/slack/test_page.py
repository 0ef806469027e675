"""What people see of the messages that the stand-in has received."""

import re

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from simulator.slack import SlackStandIn, Store
from simulator.slack.mrkdwn import as_html
from simulator.slack.page import page

TAGS = re.compile(r"<(/?)(\w+)[^<>]*>")
OWN_TAGS = {"a", "b", "i", "s", "code", "pre", "blockquote"}
HOSTILE = "<script>alert(1)</script>&<img src=x onerror=alert(1)>\"'"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* and _leaning_", "<b>bold</b> and <i>leaning</i>"),
        ("snake_case_name stays", "snake_case_name stays"),
        ("a &amp;lt; b &lt;b&gt;", "a &amp;lt; b &lt;b&gt;"),
        ("`ssh root@192.0.2.1`", "<code>ssh root@192.0.2.1</code>"),
        (
            "<https://bearman.example/n/1?a=b&amp;c=d|node *1*>",
            '<a href="https://bearman.example/n/1?a=b&amp;c=d" rel=noreferrer>node *1*</a>',
        ),
        ("<javascript:alert(1)|node>", "&lt;javascript:alert(1)&gt;"),
        ("```*not bold*```", "<pre>*not bold*</pre>"),
        (":red_circle: failed", '<i class=dot style="background:#d72b3f"></i> failed'),
    ],
)
def test_markup_is_shown_as_slack_shows_it(text: str, html: str) -> None:
    assert as_html(text) == html


@given(st.text(alphabet="<>&*_~`|\"' abchttps://:\n", max_size=80))
def test_nothing_that_is_sent_becomes_a_tag_of_its_own(text: str) -> None:
    assert {name for _, name in TAGS.findall(as_html(text))} <= OWN_TAGS


def test_every_part_of_a_message_is_escaped() -> None:
    store = Store((HOSTILE,))
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": HOSTILE}},
        {"type": "section", "text": {"type": "mrkdwn", "text": HOSTILE}},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": HOSTILE}]},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": HOSTILE}]},
        {
            "type": "actions",
            "elements": [
                {"text": {"type": "plain_text", "text": HOSTILE}, "url": "https://x/" + HOSTILE}
            ],
        },
    ]
    store.post(store.channels[0], {"text": HOSTILE, "blocks": blocks})
    store.post(store.channels[0], {"text": HOSTILE})
    shown = page(store)
    assert "<script" not in shown
    assert "<img" not in shown
    assert "onerror=alert(1)&gt;" in shown


def test_the_page_shows_threads_below_their_first_message_and_reloads_itself() -> None:
    with SlackStandIn() as slack:
        empty = requests.get(slack.url, timeout=5).text
        assert "Nothing has arrived yet" in empty
        channel = slack.store.channels[0]
        head = slack.store.post(channel, {"text": "*2 machines* failed"})
        slack.store.post(channel, {"text": "elsewhere"})
        slack.store.post(channel, {"text": "r1 unit 7", "thread_ts": head.ts})
        slack.store.edit(head, {"text": "*all resolved*"})
        shown = requests.get(slack.url, timeout=5).text
    assert "http-equiv=refresh" in shown
    assert shown.index("<b>all resolved</b>") < shown.index("1 reply") < shown.index("r1 unit 7")
    assert shown.index("r1 unit 7") < shown.index("elsewhere")
    assert "(edited)" in shown
