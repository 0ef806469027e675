"""Rows in the order in which people walk: rack 2 before rack 10, unit by unit."""

from typing import Any

from django.db.models import CharField, Func, Value
from django.db.models.functions import Cast, Concat, Lower, LPad


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
    """Return what sorts rows with `rack` and `unit` by their places."""
    unit = LPad(Cast("unit", CharField()), 3, Value("0"))
    return Concat(Natural("rack"), Value(" "), unit, output_field=CharField())
