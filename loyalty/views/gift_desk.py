"""The gift desk: what somebody of the team has to do for customers, and its print."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from crm import selectors as crm_selectors
from crm.access import Capability, requires
from crm.models import User
from crm.request_context import request_context
from crm.staff import staff_of
from loyalty import card_words, reward_labels
from loyalty.models import Grant
from loyalty.rules import label_sheets
from loyalty.selectors import gift_desk as selectors
from loyalty.selectors.gift_desk import Tab
from loyalty.services import fulfilment
from web import paging, responses
from web.responses import HtmxRequest
from web.rules.numbers import whole_number

PAGE = 50
# Of one print, and of one change.
_MOST = 200
# Pages that print the ticked ones.
_PRINTS = {"labels": "loyalty:gift-labels", "cards": "loyalty:gift-cards"}
_TABS = {
    Tab.WEEK.value: gettext_lazy("This week"),
    Tab.LATE.value: gettext_lazy("Late"),
    Tab.MINE.value: gettext_lazy("Mine"),
    Tab.ALL.value: gettext_lazy("All"),
}


@require_safe
@requires(Capability.GIVE_REWARDS)
def gift_desk(request: HtmxRequest) -> HttpResponse:
    """What is to do, the earliest day first."""
    context = request_context(request)
    asked = request.GET.get("tab", "")
    tab = Tab(asked) if asked in set(Tab) else Tab.WEEK
    page = paging.page(
        selectors.to_do(tab, staff=context.user, today=context.today),
        by="due_on",
        size=PAGE,
        newer=request.GET.get("after", ""),
        oldest_first=True,
    )
    counts = selectors.counts(staff=context.user, today=context.today)
    year = context.business.day(context.now).year
    offered, number_offered = selectors.offered()
    shown = {
        "tab": tab.value,
        "tabs": [(word, _TABS[word], number) for word, number in counts.items()],
        "rows": _with_source(page.rows),
        "offered": _with_source(offered),
        "number_offered": number_offered,
        "later": page.newer,
        "is_first": not request.GET.get("after"),
        "budgets": selectors.budgets(year=year),
        "year": year,
        "colleagues": selectors.colleagues(),
        "today": context.today,
        "now": context.now,
        "me": context.user,
    }
    name = "loyalty/_gift_desk.html" if request.htmx else "loyalty/gift_desk.html"
    return render(request, name, shown)


@require_POST
@requires(Capability.GIVE_REWARDS)
def gift_change(request: HttpRequest) -> HttpResponse:
    """POST `ids` and an `action`: done, assign (to `colleague`), or print."""
    ids, action = _ids(request.POST), request.POST.get("action", "")
    if not ids:
        responses.add_message(request, _("Tick at least one first."))
    elif action in _PRINTS:
        return responses.see_other(f"{reverse(_PRINTS[action])}?ids={_joined(ids)}")
    elif action == "done":
        _done(request, ids)
    elif action == "assign":
        _assign(request, ids)
    return responses.back(request, reverse("loyalty:gift-desk"))


@require_POST
@requires(Capability.GIVE_REWARDS)
def gift_undo(request: HttpRequest) -> HttpResponse:
    """POST: take back what `gift_change` did; `had` names who had each before."""
    if had := request.GET.get("had", ""):
        pairs = [one.partition(".")[::2] for one in had.split("-")][:_MOST]
        staff = {one.pk: one for one in selectors.colleagues()}
        to: Mapping[int, User | None] = {
            pk: staff.get(whole_number(owner) or 0)
            for grant, owner in pairs
            if (pk := whole_number(grant))
        }
        fulfilment.assign(to, now=timezone.now())
    else:
        fulfilment.reopen_all(_ids(request.GET), now=timezone.now())
    responses.add_message(request, _("Undone."))
    return responses.back(request, reverse("loyalty:gift-desk"))


@require_safe
@requires(Capability.GIVE_REWARDS)
def gift_labels(request: HttpRequest) -> HttpResponse:
    """Address labels to print: `ids`, on which `sheet`, after `skip` used ones."""
    grants = selectors.chosen(_ids(request.GET))
    shop = crm_selectors.business()
    made = [(one, crm_selectors.postal_label(one.customer, shop)) for one in grants]
    sheet = label_sheets.sheet(request.GET.get("sheet", ""))
    skip = whole_number(request.GET.get("skip", ""), most=sheet.size - 1) or 0
    shown = {
        "ids": _joined([one.pk for one in grants]),
        "sheet": sheet,
        "sheets": label_sheets.SHEETS,
        "skip": skip,
        "pages": sheet.pages([label for _one, label in made if label], skip=skip),
        "without": [one.customer for one, label in made if label is None],
        "lacking": [one.customer for one, label in made if label and label.missing],
    }
    return _page(request, "loyalty/gift_labels.html", shown)


@require_safe
@requires(Capability.GIVE_REWARDS)
def gift_cards(request: HttpRequest) -> HttpResponse:
    """Cards or letters to print: `ids`."""
    grants = selectors.chosen(_ids(request.GET))
    cards = card_words.of(grants, crm_selectors.business())
    shown = {
        "cards": cards,
        "ids": _joined([one.pk for one in grants]),
        "ours": [card for card in cards if card.is_ours],
    }
    return _page(request, "loyalty/gift_cards.html", shown)


def _with_source(rows: Iterable[Grant]) -> list[tuple[Grant, str]]:
    return [(row, reward_labels.source_of(row)) for row in rows]


def _page(request: HttpRequest, name: str, shown: dict[str, Any]) -> HttpResponse:
    answer = render(request, name, shown)
    # Addresses of people.
    answer["Cache-Control"] = "no-store"
    return answer


def _done(request: HttpRequest, ids: list[int]) -> None:
    done = fulfilment.done_all(ids, by=staff_of(request), now=timezone.now())
    undo = f"{reverse('loyalty:gift-undo')}?ids={_joined(done)}" if done else ""
    said = ngettext("%(n)s is done.", "%(n)s are done.", len(done))
    responses.add_message(request, said % {"n": len(done)}, undo)


def _assign(request: HttpRequest, ids: list[int]) -> None:
    wanted = request.POST.get("colleague", "")
    found = [one for one in selectors.colleagues() if str(one.pk) == wanted]
    if wanted and not found:
        responses.add_message(request, _("Choose who does it. Nothing was changed."))
        return
    to = found[0] if found else None
    had = fulfilment.assign(dict.fromkeys(ids, to), now=timezone.now())
    said = _("Given to %(name)s.") % {"name": to} if to else _("Free for anybody.")
    named = "-".join(f"{pk}.{owner or 0}" for pk, owner in had.items())
    undo = f"{reverse('loyalty:gift-undo')}?had={named}" if had else ""
    responses.add_message(request, said, undo)


def _ids(data: QueryDict) -> list[int]:
    """From boxes ("ids=3&ids=4") or an address ("ids=3-4"), each once."""
    typed = [part for one in data.getlist("ids") for part in one.split("-")]
    found = dict.fromkeys(pk for one in typed if (pk := whole_number(one)))
    return list(found)[:_MOST]


def _joined(ids: list[int]) -> str:
    return "-".join(str(pk) for pk in ids)
