"""Expressions that PostgreSQL has and the ORM lacks."""

from typing import Any

from django.db.models import CharField, DateField, F, Func, Value


class AddDays(Func):
    """A date and a number of days is a date; an interval would make it a timestamp."""

    template = "(%(expressions)s)"
    arg_joiner = " + "
    output_field: "DateField[Any, Any]" = DateField()

    def __init__(self, day: F, days: int, **extra: Any) -> None:
        super().__init__(day, Value(days), **extra)


class Sha256(Func):
    """Hexadecimal; Django's own asks for pgcrypto, which is not everywhere."""

    template = "encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')"
    output_field: "CharField[Any, Any]" = CharField()
