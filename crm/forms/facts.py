"""The facts beside a customer's timeline: a label, a value, and how to show it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm import custom_facts, selectors
from crm.customer_facts import BY_NAME, FACTS, POSTAL_ADDRESS
from crm.forms.customers import tags_of
from crm.models import Business, Customer, CustomField
from crm.rules import postal
from crm.rules.choices import CustomKind, CustomPlace
from web.rules import places

# In the order of the page. What is empty and rarely known stands behind "Add".
NAMES = tuple(
    dict.fromkeys(fact.part_of or fact.name for fact in FACTS if fact.is_shown)
)
# Facts that say something else once this one has changed.
FOLLOWS = {POSTAL_ADDRESS: "country", "country": POSTAL_ADDRESS}


@dataclass(frozen=True)
class Fact:
    """One fact of a customer as their page shows it."""

    name: str
    label: str
    value: str
    is_latin: bool = False
    # Of a link: where it leads.
    url: str = ""
    # Of a postal address, in the place of the value.
    address: postal.Label | None = None
    missing: str = ""


def facts(
    customer: Customer,
    *,
    business: Business,
    see_notes: bool,
    custom: Iterable[CustomField] = (),
) -> list[Fact]:
    """All facts of this customer in their order; the notes only with `see_notes`.
    `custom`: the fields that staff made, of which some stand among the facts."""
    names = [name for name in NAMES if see_notes or name != "notes"]
    own = custom_facts_at(CustomPlace.FACTS, customer, custom)
    shown = (
        postal_address(customer, business)
        if name == POSTAL_ADDRESS
        else fact(customer, name)
        for name in names
    )
    return [*shown, *own]


def postal_address(customer: Customer, business: Business) -> Fact:
    """All of its parts as they stand on a letter."""
    label = selectors.postal_label(customer, business)
    words = ", ".join(label.lines) if label else ""
    missing = label.missing if label else ()
    return Fact(
        POSTAL_ADDRESS,
        _("Postal address"),
        words,
        address=label,
        missing=", ".join(str(BY_NAME[name].label) for name in missing),
    )


def custom_facts_at(
    place: CustomPlace, customer: Customer, custom: Iterable[CustomField]
) -> list[Fact]:
    """Those that stand in this place of the customer page."""
    return [_custom(customer, field) for field in custom if field.place == place]


def _custom(customer: Customer, field: CustomField) -> Fact:
    value = customer.custom.get(field.key)
    words = "" if value is None else custom_facts.in_words(field, value)
    is_link = field.custom_kind is CustomKind.LINK
    return Fact(field.name, field.label, words, is_link, words if is_link else "")


def fact(customer: Customer, name: str) -> Fact:
    """One fact as it is shown, by its name in `crm.customer_facts`, or that of a field
    that staff made. Raises KeyError where there is none."""
    if name not in BY_NAME and (field := custom_facts.field_named(name)):
        return _custom(customer, field)
    known = BY_NAME[name]
    label = str(known.shown_label or known.label)
    return Fact(name, label, _value(customer, name), known.is_latin)


def _value(customer: Customer, name: str) -> str:
    read = _READ.get(name)
    return str(read(customer) if read else getattr(customer, name) or "")


def _phone(customer: Customer) -> str:
    return customer.phone_text or customer.phone_e164


def _owner(customer: Customer) -> str:
    return str(customer.owner) if customer.owner else ""


def _language(customer: Customer) -> str:
    return str(dict(settings.LANGUAGES).get(customer.language, customer.language))


def _country(customer: Customer) -> str:
    return places.country_name(customer.country, get_language() or "en")


def _since(customer: Customer) -> str:
    return date_format(customer.since_on, "j M Y") if customer.since_on else ""


def _birthday(customer: Customer) -> str:
    if not customer.birth_month or not customer.birth_day:
        return ""
    # Without a year, any leap year writes 29 February.
    day = date(customer.birth_year or 2000, customer.birth_month, customer.birth_day)
    return date_format(day, "j M Y" if customer.birth_year else "j F")


def _heard(customer: Customer) -> str:
    if customer.heard_text and customer.heard_from:
        return f"{customer.heard_from} ({customer.heard_text})"
    return customer.heard_from or customer.heard_text


_READ: dict[str, Any] = {
    "phone": _phone,
    "owner": _owner,
    "language": _language,
    "time_zone": lambda customer: customer.time_zone.replace("_", " "),
    "country": _country,
    "since_on": _since,
    "birthday": _birthday,
    "heard_from": _heard,
    "tags": tags_of,
}
