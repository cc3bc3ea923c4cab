"""The save-list: one page of it, with what one may do for each."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from crm.access import Capability, requires
from crm.models import Customer
from crm.page_parts import CustomerAction
from crm.page_parts.registry import parts_for
from crm.request_context import RequestContext, request_context
from insights import save_list_words as words
from insights.choices import Basis
from insights.selectors import save_list as selectors
from insights.views.reading import figures_page, reading

# What there is to do on the customer's page, with its word and key here.
_ACTIONS = {
    "log_contact": (_("Call"), "c"),
    "write_mail": (_("Write"), "w"),
    "follow_up": (_("Follow-up"), "f"),
}


@dataclass(frozen=True)
class Action:
    """A link of a row, and the key that presses it."""

    label: str
    key: str
    url: str


@requires(Capability.SEE_INSIGHTS)
@require_safe
@figures_page
def save_list(request: HttpRequest) -> HttpResponse:
    """Who brings most and seems to slip away, those who bring most first."""
    context, read = request_context(request), reading(request)
    named = {name: request.GET.get(name, "") for name in ("currency", "reason")}
    asked = selectors.whom(
        read.basis,
        today=read.today,
        own=context.business.currency,
        with_answers=context.sees_notes,
        **named,
    )
    actions = _actions(context)
    found = selectors.save_list(asked, after=request.GET.get("after", ""))
    return render(
        request,
        "insights/save_list.html",
        read.context("save-list")
        | {
            "asked": asked,
            "found": found,
            "is_by_contract": asked.basis is Basis.CONTRACT,
            "currencies": selectors.currencies(asked.basis, today=asked.today),
            "rows": [(row, _of_row(actions, row.customer)) for row in found.rows],
            "figures": list(words.figures(read.definition, asked, found.counts)),
            "reasons": [
                (name, words.name_of(name), people)
                for name, people in found.counts.items()
            ],
            "how": words.how(read.definition, asked),
            "sees_people": context.sees_customers,
            "older_url": f"{words.url(asked, asked.reason)}&after={found.after}"
            if found.after
            else "",
        },
    )


def _actions(context: RequestContext) -> list[tuple[str, str, CustomerAction]]:
    """Name, key and part of what this person may do; nothing for whoever does not see
    who it is."""
    if not context.sees_customers:
        return []
    parts = {part.name: part for part in parts_for(CustomerAction, context)}
    return [
        (str(label), key, parts[name])
        for name, (label, key) in _ACTIONS.items()
        if name in parts
    ]


def _of_row(
    actions: list[tuple[str, str, CustomerAction]], customer: Customer
) -> list[Action]:
    page, found = customer.get_absolute_url(), []
    for label, key, part in actions:
        url = part.url(customer)
        found.append(Action(label, key, page + url if url.startswith("#") else url))
    return found
