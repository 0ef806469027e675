"""What Slack accepts as a message: the limits of text and blocks.

Numbers are those of Slack's reference: chat.postMessage (text), and Block Kit's header, section,
context and actions blocks.
"""

from typing import Any

MAX_TEXT = 40_000
MAX_BLOCKS = 50
MAX_SECTION = 3000
MAX_FIELD = 2000
MAX_FIELDS = 10
MAX_HEADER = 150
MAX_ELEMENTS = {"context": 10, "actions": 25}
KNOWN = ("section", "header", "divider", "context", "actions")


def refusal(payload: dict[str, Any]) -> str:
    """Slack's word for what is wrong with a message; empty for nothing."""
    text, blocks = payload.get("text", ""), payload.get("blocks", [])
    if not isinstance(text, str) or not isinstance(blocks, list):
        return "invalid_arguments"
    if not text.strip() and not blocks and not payload.get("attachments"):
        return "no_text"
    if len(text) > MAX_TEXT:
        return "msg_too_long"
    if len(blocks) > MAX_BLOCKS or not all(_is_good(block) for block in blocks):
        return "invalid_blocks"
    return ""


def _is_good(block: Any) -> bool:
    if not isinstance(block, dict) or block.get("type") not in KNOWN:
        return False
    match block["type"]:
        case "section":
            fields = block.get("fields", [])
            text_is_good = "text" not in block or _is_text(block["text"], MAX_SECTION)
            fields_are_good = len(fields) <= MAX_FIELDS and all(
                _is_text(field, MAX_FIELD) for field in fields
            )
            return ("text" in block or bool(fields)) and text_is_good and fields_are_good
        case "header":
            plain = block.get("text", {}).get("type") == "plain_text"
            return plain and _is_text(block["text"], MAX_HEADER)
        case "context" | "actions":
            return 0 < len(block.get("elements", [])) <= MAX_ELEMENTS[block["type"]]
    return True


def _is_text(value: Any, limit: int) -> bool:
    """A text object, whose text must not be empty."""
    if not isinstance(value, dict) or value.get("type") not in ("mrkdwn", "plain_text"):
        return False
    text = value.get("text")
    return isinstance(text, str) and 0 < len(text) <= limit
