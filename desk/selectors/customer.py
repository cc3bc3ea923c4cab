"""The customer page: who they are, and what the apps bring to it."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import Customer
from crm.page_parts import (
    CustomerAction,
    CustomerPanel,
    LabelledCell,
    OpenSection,
    Task,
    glance,
    parts_for,
)
from crm.request_context import RequestContext
from crm.rules.dates import city, zone_of
from desk.rules import hours_ahead


@dataclass(frozen=True)
class Panel:
    """A section beside the timeline; `template` finds `read` as `panel`."""

    label: str | Promise
    template: str
    read: object


@dataclass(frozen=True)
class Section:
    """What is open: one list above the timeline, each task drawn by `template`."""

    label: str | Promise
    template: str
    tasks: list[Task]


@dataclass(frozen=True)
class Action:
    """Something to begin in the head of the page, at this address."""

    part: CustomerAction
    url: str


@dataclass(frozen=True)
class CustomerPage:
    """All that the customer page shows."""

    customer: Customer
    initials: str
    about: list[str]
    actions: list[Action]
    # Those behind the three dots.
    more: list[Action]
    glance: list[LabelledCell]
    sections: list[Section]
    panels: dict[str, Panel]


def customer_page(
    context: RequestContext, customer: Customer, *, with_panels: bool = True
) -> CustomerPage:
    """`with_panels` False: only what stands above the timeline and in the strip."""
    actions = [
        Action(part, part.url(customer)) for part in parts_for(CustomerAction, context)
    ]
    return CustomerPage(
        customer=customer,
        initials=initials(customer),
        about=_about(context, customer),
        actions=[action for action in actions if not action.part.in_menu],
        more=[action for action in actions if action.part.in_menu],
        glance=glance(context, customer),
        sections=_sections(context, customer),
        panels=_panels(context, customer) if with_panels else {},
    )


def _sections(context: RequestContext, customer: Customer) -> list[Section]:
    found = [
        Section(part.label, part.template, list(part.read(context, customer)))
        for part in parts_for(OpenSection, context)
    ]
    return [section for section in found if section.tasks]


def _panels(context: RequestContext, customer: Customer) -> dict[str, Panel]:
    found = {
        part.name: Panel(part.label, part.template, part.read(context, customer))
        for part in parts_for(CustomerPanel, context)
    }
    return {name: panel for name, panel in found.items() if panel.read is not None}


# --- The head ------------------------------------------------------------------------


def initials(customer: Customer) -> str:
    """Two letters at most; one character is enough for a Chinese name."""
    letters = [
        part[0].upper() for part in (customer.given_name, customer.family_name) if part
    ]
    if letters and ord(letters[-1]) >= 0x2E80:
        return letters[-1]
    return "".join(letters) or "?"


# --- The line under the name ---------------------------------------------------------


def _about(context: RequestContext, customer: Customer) -> list[str]:
    languages = dict(settings.LANGUAGES)
    parts = [
        _since(context, customer),
        str(languages.get(customer.language, customer.language)),
        _clock_there(context, customer),
    ]
    return [part for part in parts if part]


def _since(context: RequestContext, customer: Customer) -> str:
    since = customer.since_on or customer.first_order_on
    if since is None:
        return ""
    day = date_format(since, "j F Y")
    had_day = (context.today.month, context.today.day) >= (since.month, since.day)
    years = context.today.year - since.year - (0 if had_day else 1)
    if years < 1:
        return _("Customer since %(day)s") % {"day": day}
    return ngettext(
        "Customer for %(n)s year, since %(day)s",
        "Customer for %(n)s years, since %(day)s",
        years,
    ) % {"n": years, "day": day}


def _clock_there(context: RequestContext, customer: Customer) -> str:
    if not customer.time_zone:
        return ""
    zone = zone_of(customer.time_zone, context.business.time_zone)
    there = context.now.astimezone(zone)
    words = _("%(clock)s in %(place)s") % {
        "clock": f"{there:%H:%M}",
        "place": city(zone),
    }
    ahead = hours_ahead(
        there.utcoffset() or timedelta(), context.now.utcoffset() or timedelta()
    )
    if ahead == 0:
        return words
    sentence = _("%(n)s\N{NO-BREAK SPACE}h ahead of you")
    if ahead < 0:
        sentence = _("%(n)s\N{NO-BREAK SPACE}h behind you")
    return f"{words} ({sentence % {'n': f'{abs(ahead):g}'}})"
