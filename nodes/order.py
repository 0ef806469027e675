"""Rows in the order in which people walk: rack 2 before rack 10, unit by unit."""

from typing import Any

from django.db.models import Case, CharField, Func, Value, When
from django.db.models.functions import Cast, Coalesce, Concat, Lower, LPad


class Natural(Func):
    """A column's text with each number in it 18 digits long, so that it sorts by their values."""

    template = (
        "regexp_replace(regexp_replace(%(expressions)s, '([0-9]+)', repeat('0', 18) || '\\1', 'g'),"
        " '[0-9]*([0-9]{18})', '\\1', 'g')"
    )
    output_field = CharField()

    def __init__(self, column: str, **extra: Any) -> None:
        super().__init__(Lower(column), **extra)


def by_place() -> Concat:
    """Return what sorts rows with `rack` and `unit` by their places; those without come last."""
    placed = Case(When(rack="", then=Value("1")), default=Value("0"))
    unit = LPad(Coalesce(Cast("unit", CharField()), Value("")), 3, Value("0"))
    return Concat(placed, Natural("rack"), Value(" "), unit, output_field=CharField())
