"""Constraints that several tables share."""

from enum import StrEnum

from django.db import models
from django.db.models import Q


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
