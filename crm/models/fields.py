"""Constraints and expressions that several models share."""

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class PhoneDigits(models.Func):
    """The ASCII digits of a telephone number as somebody wrote it."""

    template = "regexp_replace(normalize(%(expressions)s, NFKC), '[^0-9]', '', 'g')"
    output_field = models.TextField()


class PostcodeKey(models.Func):
    """A postcode without case, blanks and dashes: "sw1a 1aa" is "SW1A1AA"."""

    template = "translate(upper(%(expressions)s), ' -', '')"
    output_field = models.TextField()


# A name without case and accents.
_BARE_NAME = (
    "btrim(translate(regexp_replace(normalize(lower(%(expressions)s), "
    "NFKD), '[\u0300-\u036f]', '', 'g'), 'łøđðı’‘ʼ', 'loddi'))"
)


class BareName(models.Func):
    """A name without case and accents: "Jānis Pēteris" is "janis peteris"."""

    template = _BARE_NAME
    output_field = models.TextField()


class NameKey(models.Func):
    """The first word of a name without case and accents: "Jānis Pēteris" is "janis".

    The sweep for name days asks by its template, which is that of the index.
    """

    template = f"split_part({_BARE_NAME}, ' ', 1)"
    output_field = models.TextField()


class NameWords(models.Func):
    """All words of a name in that form, those with a hyphen also in parts:
    "Anna-Maria Luīze" is anna-maria, luize, anna, maria, luize. By its template, too.
    """

    template = (
        f"string_to_array({_BARE_NAME} || ' ' || translate({_BARE_NAME}, '-', ' '), "
        "' ')"
    )
    output_field = ArrayField(models.TextField())


def choice_check(
    field: str, choices: type[StrEnum], *, name: str
) -> models.CheckConstraint:
    """A state is a word from a closed list, and the database holds the list."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}__in": [choice.value for choice in choices]}), name=name
    )


def pairs(choices: type[StrEnum]) -> list[tuple[str, str]]:
    """Django's `choices` for a StrEnum that pure rules also use."""
    return [
        (choice.value, choice.name.capitalize().replace("_", " ")) for choice in choices
    ]
