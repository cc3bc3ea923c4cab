"""Rows that say who somebody is and what was spoken with them."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from crm.customer_facts import FACTS
from crm.models import (
    CompanyPerson,
    Customer,
    CustomerAddress,
    FollowUp,
    Interaction,
    InteractionVersion,
)
from crm.personal_rows import Merged, PersonalRows

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

_WORKED_OUT = ("sort_name", "search_text")


def _emptied() -> dict[str, object]:
    """Columns of the personal facts, and of what is worked out from them."""
    personal = [column for fact in FACTS if fact.is_personal for column in fact.columns]
    blank: dict[str, object] = {}
    for name in (*personal, *_WORKED_OUT):
        blank[name] = None if Customer._meta.get_field(name).null else ""
    return {**blank, "custom": {}}


def _exported() -> "dict[str, str | StrPromise]":
    known = {
        column: fact.label or _("Greeting")
        for fact in FACTS
        for column in fact.columns
        if column not in ("email_norm", "birth_recorded_at", "owner")
    }
    return {
        "external_id": _("Number"),
        **known,
        "first_order_on": _("First order"),
        "last_order_on": _("Last order"),
        "custom": _("Further facts"),
        "created_at": _("Entered"),
    }


PEOPLE = (
    # Its external id becomes a hash (crm/services/erased_ids.py); the rest that stays
    # counts people by country, language and day.
    PersonalRows(
        name="customer",
        model=Customer,
        customer="pk",
        label=_("Person"),
        exported=_exported(),
        blanked={**_emptied(), "last_import_id": None},
        kept=("source", "external_id", "language", "country"),
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="tags",
        model=Customer.tags.through,
        label=_("Tags"),
        exported={"tag__name": _("Tag")},
        deleted=True,
        once=("tag",),
    ),
    PersonalRows(
        name="second_addresses",
        model=CustomerAddress,
        label=_("Further addresses and numbers"),
        exported={
            "kind": _("Kind"),
            "value": _("Address"),
            "label": _("Label"),
            "created_at": _("Entered"),
        },
        deleted=True,
        once=("kind", "norm"),
    ),
    # The company stays; who belonged to it does not.
    PersonalRows(
        name="companies",
        model=CompanyPerson,
        label=_("Companies"),
        exported={
            "company__name": _("Company"),
            "role": _("Role in the company"),
            "created_at": _("Entered"),
        },
        deleted=True,
        once=("company",),
    ),
    PersonalRows(
        name="conversations",
        model=Interaction,
        label=_("Conversations"),
        exported={
            "happened_at": _("When"),
            "channel": _("Channel"),
            "direction": _("Direction"),
            "subject": _("Subject"),
            "body": _("Text"),
            "outcome": _("Outcome"),
            "staff_name": _("By whom"),
        },
        blanked={
            **{"subject": "", "body": "", "outcome": "", "staff_name": ""},
            "source_key": None,
        },
    ),
    PersonalRows(
        name="earlier_texts_of_conversations",
        model=InteractionVersion,
        customer="interaction__customer_id",
        label=_("Earlier texts of conversations"),
        exported={
            "interaction__happened_at": _("When"),
            "replaced_at": _("Replaced"),
            "subject": _("Subject"),
            "body": _("Text"),
            "outcome": _("Outcome"),
        },
        deleted=True,
        merged=Merged.STAY,
    ),
    PersonalRows(
        name="follow_ups",
        model=FollowUp,
        label=_("Follow-ups"),
        exported={
            "created_at": _("Entered"),
            "due_on": _("Due"),
            "why": _("Why"),
            "state": _("State"),
            "outcome": _("Outcome"),
        },
        blanked={"why": "", "outcome": "", "source_key": None},
    ),
)
