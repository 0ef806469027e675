"""The table of statuses as the page docs/states.md; no Django here."""

from nodes.states import MEANINGS, NOT_AT_REST, TRANSITIONS, NodeStatus

_HEAD = """# States

Generated from `nodes/states.py` and `baremetal/states.py` by `make states`; a test compares them.

## Node status

| status | meaning | has a deadline |
|---|---|---|
"""
_CHANGES = """
Every change is one row of this table. It is applied by one service with a conditional update that
also writes an event: who, when, from, to, why.

| from | to | when |
|---|---|---|
"""


def page() -> str:
    """Return the text of docs/states.md."""
    meanings = "".join(
        f"| `{status}` | {MEANINGS[status]} | {'yes' if status in NOT_AT_REST else 'no'} |\n"
        for status in NodeStatus
    )
    changes = "".join(
        f"| {f'`{change.source}`' if change.source else '(new)'} | `{change.target}` "
        f"| {change.when} |\n"
        for change in TRANSITIONS
    )
    return _HEAD + meanings + _CHANGES + changes + "\n" + diagram()


def diagram() -> str:
    """Return the same table as a Mermaid state diagram."""
    lines = [f"    {change.source or '[*]'} --> {change.target}" for change in TRANSITIONS]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```", ""])
