"""The page of a stand-in for Slack: its channels with their threads, for people to read."""

import time
from html import escape
from typing import Any

from simulator.slack.mrkdwn import as_html
from simulator.slack.store import Channel, Message, Store

REFRESH_SECONDS = 3
NEWEST = 100  # messages of a channel that are shown, and replies of a thread
EMPTY = "<p class=empty>Nothing has arrived yet. A machine that fails is told here.</p>"
HEAD = f"""<!doctype html>
<html lang=en><head><meta charset=utf-8><title>Stand-in for Slack</title>
<meta http-equiv=refresh content={REFRESH_SECONDS}>
<meta name=viewport content="width=device-width, initial-scale=1">
<style>
body {{ font: 15px/1.46 Lato, "Helvetica Neue", Arial, sans-serif; color: #1d1c1d; margin: 0; }}
header {{ background: #3f0e40; color: #fff; padding: 10px 24px; }}
header small {{ opacity: .75; margin-left: 12px; }}
h2 {{ font-size: 18px; border-bottom: 1px solid #ddd; padding: 12px 24px; margin: 0; }}
article {{ display: grid; grid-template-columns: 36px minmax(0, 1fr); gap: 0 10px;
  padding: 8px 24px; max-width: 860px; overflow-wrap: anywhere; }}
article:hover {{ background: #f8f8f8; }}
.face {{ width: 36px; height: 36px; border-radius: 6px; background: #1264a3; color: #fff;
  display: grid; place-items: center; font-weight: 700; }}
.thread .face {{ width: 24px; height: 24px; font-size: 12px; }}
.thread article {{ padding: 6px 0; grid-template-columns: 24px minmax(0, 1fr); }}
.who {{ font-weight: 900; }} time, .edited {{ color: #616061; font-size: 12px; margin-left: 6px; }}
.bot {{ background: #ddd; border-radius: 2px; font-size: 10px; padding: 1px 3px; color: #616061; }}
h3 {{ font-size: 18px; margin: 4px 0; }}
.fields {{ display: grid; grid-template-columns: 1fr 1fr; gap: 4px 16px; margin: 4px 0; }}
.context {{ color: #616061; font-size: 13px; }}
.section, .context {{ margin: 4px 0; white-space: pre-wrap; }}
.dot {{ display: inline-block; width: 13px; height: 13px; border-radius: 50%;
  vertical-align: -1px; }}
details {{ margin-top: 4px; }} summary {{ color: #1264a3; cursor: pointer; font-weight: 700;
  font-size: 13px; }}
code {{ background: #f6f6f6; border: 1px solid #ddd; border-radius: 3px; color: #c01343;
  font-size: 12px; padding: 1px 3px; }}
pre {{ background: #f8f8f8; border: 1px solid #ddd; border-radius: 4px; padding: 8px;
  white-space: pre-wrap; margin: 4px 0; }}
blockquote {{ border-left: 4px solid #ddd; margin: 4px 0; padding-left: 12px; }}
a {{ color: #1264a3; }} .empty {{ padding: 24px; color: #616061; }}
.button {{ display: inline-block; border: 1px solid #bbb; border-radius: 4px; padding: 4px 12px;
  font-weight: 700; font-size: 13px; text-decoration: none; color: #1d1c1d; margin-right: 8px; }}
</style></head><body>
<header><b>Stand-in for Slack</b><small>runs on this computer only; reloads itself</small></header>
"""


def page(store: Store) -> str:
    """The whole page; a channel in which nobody has said anything shows only if all are silent."""
    with store.lock:
        spoken = [channel for channel in store.channels if channel.messages]
        return HEAD + "".join(_channel(c) for c in spoken or store.channels[:1]) + "</body></html>"


def _channel(channel: Channel) -> str:
    heads = channel.heads[-NEWEST:]
    body = "".join(_with_thread(channel, message) for message in heads) or EMPTY
    return f"<h2># {escape(channel.name)}</h2>{body}"


def _with_thread(channel: Channel, message: Message) -> str:
    replies = channel.replies(message.ts)
    thread = ""
    if replies:
        words = "1 reply" if len(replies) == 1 else f"{len(replies)} replies"
        inside = "".join(_message(reply) for reply in replies[-NEWEST:])
        thread = f"<details class=thread open><summary>{words}</summary>{inside}</details>"
    return _message(message, thread)


def _message(message: Message, thread: str = "") -> str:
    clock = time.strftime("%H:%M:%S", time.localtime(message.posted_at))
    edited = "<span class=edited>(edited)</span>" if message.edits else ""
    blocks = message.payload.get("blocks") or []
    body = "".join(_block(block) for block in blocks)
    body = body or f"<div class=section>{as_html(message.text)}</div>"
    return (
        f'<article id="m{escape(message.ts)}"><div class=face>B</div><div>'
        f"<span class=who>Bearman</span> <span class=bot>APP</span><time>{clock}</time>{edited}"
        f"{body}{thread}</div></article>"
    )


def _block(block: dict[str, Any]) -> str:
    match block.get("type"):
        case "header":
            return f"<h3>{_text(block.get('text'))}</h3>"
        case "divider":
            return "<hr>"
        case "context":
            return f"<div class=context>{_texts(block.get('elements'), ' · ')}</div>"
        case "actions":
            return "".join(_button(element) for element in block.get("elements", []))
    text = f"<div class=section>{_text(block['text'])}</div>" if "text" in block else ""
    fields = "".join(f"<div>{_text(field)}</div>" for field in block.get("fields", []))
    return text + (f"<div class=fields>{fields}</div>" if fields else "")


def _texts(elements: Any, between: str) -> str:
    return between.join(_text(element) for element in elements or [])


def _text(value: Any) -> str:
    """A text object: plain text is shown as it is."""
    if not isinstance(value, dict):
        return ""
    text = str(value.get("text", ""))
    return as_html(text) if value.get("type") == "mrkdwn" else escape(text)


def _button(element: Any) -> str:
    url = str(element.get("url", "")) if isinstance(element, dict) else ""
    if not url.startswith(("http://", "https://")):
        return ""
    return f'<a class=button href="{escape(url)}" rel=noreferrer>{_text(element.get("text"))}</a>'
