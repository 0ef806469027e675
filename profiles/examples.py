"""The machines for which a profile is shown rendered; another app knows them and says so here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bearman.lib.errors import BearmanError
from profiles.facts import Facts, example

INVENTED = "an invented machine"


@dataclass(frozen=True, slots=True)
class Source:
    """Where nodes come from: `nodes` gives up to so many as (id, name), free ones first.

    `facts` gives name and facts of one, or None where there is no such node; it raises a
    BearmanError where it cannot be deployed as it is.
    """

    nodes: Callable[[int], Sequence[tuple[int, str]]]
    facts: Callable[[int], tuple[str, Facts] | None]


@dataclass(frozen=True, slots=True)
class Example:
    """A machine to render for; `note` says why it is not the one that was asked for."""

    node_id: int | None
    name: str
    facts: Facts
    note: str = ""


_sources: list[Source] = []


def register(source: Source) -> None:
    """Have nodes come from there from now on."""
    _sources[:] = [source]


def choices(most: int) -> list[tuple[int, str]]:
    """Return up to `most` nodes as (id, name), those that could be deployed now first."""
    return [pair for source in _sources for pair in source.nodes(most)]


def example_of(node_id: int | None) -> Example:
    """Return a node as an example, or the invented machine for None and for what cannot serve."""
    for source in _sources if node_id is not None else ():
        return _example(source, node_id or 0)
    return _invented()


def _example(source: Source, node_id: int) -> Example:
    try:
        found = source.facts(node_id)
    except BearmanError as error:
        return _invented(str(error))
    if found is None:
        return _invented(f"There is no node {node_id}.")
    name, facts = found
    return Example(node_id, name, facts)


def _invented(note: str = "") -> Example:
    return Example(None, INVENTED, example(), note)
