"""Memory as it was ordered, and whether it is there; no Django here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bearman.lib.issues import Found
from bearman.lib.issues import expected as issues
from nodes.expected.slots import odd_ones_out

GIB = 2**30
MAX_NAMED = 8  # slots named in one sentence
TIMES = "\N{MULTIPLICATION SIGN}"
_FORM = re.compile(
    rf"([0-9]{{1,4}})\s*[xX*{TIMES}]\s*([0-9]{{1,5}})\s*(?:G|GB|GiB)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """So many modules of so many GiB each."""

    modules: int
    gib: int

    def __str__(self) -> str:
        return f"{self.modules}x{self.gib}"

    @property
    def words(self) -> str:
        """Return it as people write it."""
        return f"{self.modules} {TIMES} {self.gib} GiB"


@dataclass(frozen=True, slots=True)
class Module:
    """A module in its slot; None is a size that the firmware does not say."""

    slot: str
    size_bytes: int | None


def parse_memory(text: str) -> MemoryPlan:
    """Read `16x32`, also as `words` writes it; raises ValueError with a sentence."""
    found = _FORM.fullmatch(text.strip())
    plan = MemoryPlan(int(found[1]), int(found[2])) if found else None
    if plan is None or not plan.modules or not plan.gib or plan.modules > 1024:
        raise ValueError(f"{text[:40]!r} is no memory such as 16x32 (16 modules of 32 GiB).")
    return plan


def memory_findings(
    plan: MemoryPlan, modules: Sequence[Module], empty: Sequence[str]
) -> list[Found]:
    """Compare the modules that are there with the plan; `empty` names the slots without one."""
    if not modules:
        words = f"Expected {plan.words}, and the firmware names no memory module at all."
        return [Found(issues.NOT_COMPARED, "memory", words)]
    unsized = [module.slot or "?" for module in modules if module.size_bytes is None]
    others = [m for m in modules if m.size_bytes is not None and m.size_bytes != plan.gib * GIB]
    found = []
    if len(modules) < plan.modules:
        found.append(_missing(plan, modules, empty))
    if others:
        found.append(_other(plan, others))
    if len(modules) > plan.modules:
        words = f"Expected {plan.words}, found {len(modules)} modules."
        found.append(Found(issues.MEMORY_MORE, "memory", words))
    if unsized:
        words = f"The firmware does not say how large the memory is in {named(unsized)}."
        found.append(Found(issues.NOT_COMPARED, "memory", words))
    return found


def _missing(plan: MemoryPlan, modules: Sequence[Module], empty: Sequence[str]) -> Found:
    lacking = plan.modules - len(modules)
    head = f"Expected {plan.words}, found {len(modules)}"
    if not empty:
        words = f"{head}; the firmware names no empty slot."
        return Found(issues.MEMORY_MISSING, "memory", words)
    if len(empty) <= lacking:
        words = f"{head}: {_are_empty(empty)}."
        return Found(issues.MEMORY_MISSING, _subject(empty), words)
    odd = odd_ones_out([module.slot for module in modules], empty, lacking)
    if odd:
        words = (
            f"{head}: {len(empty)} slots are empty, of which {named(odd)} should be filled as "
            "the others are."
        )
        return Found(issues.MEMORY_MISSING, _subject(odd), words)
    words = f"{head}: {len(empty)} slots are empty ({named(empty)})."
    return Found(issues.MEMORY_MISSING, "memory", words)


def _other(plan: MemoryPlan, others: Sequence[Module]) -> Found:
    sizes = [f"{module.slot or '?'} has {_size(module.size_bytes or 0)}" for module in others]
    words = f"Expected {plan.words}, and {named(sizes)}."
    return Found(issues.MEMORY_OTHER, _subject([module.slot for module in others]), words)


def _are_empty(slots: Sequence[str]) -> str:
    return f"slot {slots[0]} is empty" if len(slots) == 1 else f"slots {named(slots)} are empty"


def _subject(slots: Sequence[str]) -> str:
    return named([slot for slot in slots if slot])[:100] or "memory"


def named(names: Sequence[str]) -> str:
    """Return names as words: `A1, A2 and B1`; after MAX_NAMED how many more there are."""
    shown = list(names[:MAX_NAMED])
    if len(names) > MAX_NAMED:
        shown.append(f"{len(names) - MAX_NAMED} more")
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def _size(octets: int) -> str:
    return f"{octets / GIB:g} GiB" if octets >= GIB else f"{octets / 2**20:g} MiB"
