"""The table of a Baremetal's states as a part of docs/states.md; no Django here."""

from collections.abc import Mapping

from baremetal.states import (
    MEANINGS,
    NOT_AT_REST,
    STEP_MEANINGS,
    STEPS_OF,
    TRANSITIONS,
    BaremetalState,
    Step,
)

_HEAD = """
## Baremetal state

Generated from `baremetal/states.py`.

| state | meaning | steps | has a deadline |
|---|---|---|---|
"""
_STEPS = """
A step that is late is tried again with the power switched off and on, a kexec that did not lead to
the system as a cold boot of the same system over the network; after `BEARMAN_DEPLOY_ATTEMPTS` in
all the deployment is given up, with what happened and what to do.

| step | what is waited for | longest time |
|---|---|---|
"""
_CHANGES = """
Every change is one row of this table, applied by one service with a conditional update that also
writes an event: who, when, from, to, why.

| from | to | when |
|---|---|---|
"""


def part(limits: Mapping[Step, str]) -> str:
    """Return the text; `limits` names the setting of each step."""
    states = "".join(
        f"| `{state}` | {MEANINGS[state]} | {_steps(state)} "
        f"| {'yes' if state in NOT_AT_REST else 'no'} |\n"
        for state in BaremetalState
    )
    steps = "".join(
        f"| `{step}` | {STEP_MEANINGS[step]} | `BEARMAN_{limits[step]}` |\n" for step in Step
    )
    changes = "".join(
        f"| {f'`{change.source}`' if change.source else '(new)'} | `{change.target}` "
        f"| {change.when} |\n"
        for change in TRANSITIONS
    )
    return _HEAD + states + _STEPS + steps + _CHANGES + changes + "\n" + _diagram()


def _steps(state: BaremetalState) -> str:
    return ", ".join(f"`{step}`" for step in STEPS_OF.get(state, ()))


def _diagram() -> str:
    lines = [f"    {change.source or '[*]'} --> {change.target}" for change in TRANSITIONS]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```", ""])
