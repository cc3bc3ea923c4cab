"""Two records side by side: their values, what would move, and why they look alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm import custom_facts
from crm.forms.facts import fact
from crm.models import Customer
from crm.personal_page import counts
from crm.rules.likeness import Likeness
from crm.services import merge_facts
from crm.services.merge_facts import Side
from web.errors import InvalidValue

REASONS: dict[Likeness, Promise] = {
    Likeness.EMAIL: _("same email address"),
    Likeness.PHONE: _("same phone"),
    Likeness.NAME: _("same name"),
    Likeness.BIRTHDAY: _("same birthday"),
    Likeness.COMPANY: _("same company"),
    Likeness.POSTCODE: _("same postcode"),
}
# Of the others, names that are nearly alike are part of the reason.
_BY_THEMSELVES = frozenset({Likeness.EMAIL, Likeness.PHONE, Likeness.NAME})
_NEAR = _("name nearly the same")


@dataclass(frozen=True)
class Choice:
    """One fact of both, and whose value is chosen. `name` is that of a form's field."""

    name: str
    label: str | Promise
    kept: str
    dropped: str
    chosen: Side
    can_have_both: bool = False
    is_latin: bool = False

    @property
    def is_same(self) -> bool:
        return self.kept == self.dropped


@dataclass(frozen=True)
class Moved:
    """How many rows of one kind each of the two has."""

    label: str | Promise
    kept: int
    dropped: int


def choices(
    kept: Customer, dropped: Customer, posted: Mapping[str, Any]
) -> list[Choice]:
    """Every fact that one of them has, and the side that the form or we choose."""
    rows = [
        Choice(
            name=f"fact-{known.name}",
            label=known.label or _("Greeting"),
            kept=fact(kept, known.name).value,
            dropped=fact(dropped, known.name).value,
            chosen=_chosen(posted, f"fact-{known.name}")
            or merge_facts.default_side(known, kept, dropped),
            can_have_both=merge_facts.can_have_both(known.name),
            is_latin=known.is_latin,
        )
        for known in merge_facts.choosable()
    ]
    return [row for row in (*rows, *_custom(kept, dropped, posted))
            if row.kept or row.dropped]  # fmt: skip


def _custom(
    kept: Customer, dropped: Customer, posted: Mapping[str, Any]
) -> list[Choice]:
    """Fields that staff made, archived ones too."""
    ours, theirs = (custom_facts.in_words_of(one.custom) for one in (kept, dropped))
    labels = {key: label for key, (label, _words) in {**theirs, **ours}.items()}
    return [
        Choice(
            name=f"fact-{merge_facts.CUSTOM}{key}",
            label=labels[key],
            kept=ours.get(key, ("", ""))[1],
            dropped=theirs.get(key, ("", ""))[1],
            chosen=_chosen(posted, f"fact-{merge_facts.CUSTOM}{key}")
            or (Side.KEPT if key in kept.custom else Side.DROPPED),
        )
        for key in sorted(labels, key=lambda key: (labels[key], key))
    ]


def _chosen(posted: Mapping[str, Any], name: str) -> Side | None:
    try:
        return Side(posted.get(name, ""))
    except ValueError:
        return None


def read_choices(posted: Mapping[str, Any]) -> dict[str, Side]:
    """What a form chose, by fact. Raises InvalidValue for a word that is no side."""
    found = {}
    for name, value in posted.items():
        if name.startswith("fact-"):
            if value not in set(Side):
                raise InvalidValue(fields={name: "unknown"})
            found[name.removeprefix("fact-")] = Side(value)
    return found


def moved(kept: Customer, dropped: Customer) -> list[Moved]:
    """What each of them has, by its kind."""
    ours, theirs = (
        {count.label: count.number for group in counts([one.pk]) for count in group}
        for one in (kept, dropped)
    )
    return [
        Moved(label, ours.get(label, 0), theirs.get(label, 0))
        for label in {**ours, **theirs}
    ]


def in_words(reasons: Sequence[Likeness]) -> list[Promise]:
    """The reasons for staff; a same name says more than one that is nearly so."""
    words = [REASONS[reason] for reason in reasons]
    is_near = Likeness.NAME not in reasons and not _BY_THEMSELVES.issuperset(reasons)
    return [*words, _NEAR] if is_near else words
