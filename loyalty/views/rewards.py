"""The catalogue of rewards: look, make, change, put away, fill a pool."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from crm.access import Capability, requires
from crm.request_context import request_context
from loyalty import reward_labels, reward_words
from loyalty.choices import Fulfilment
from loyalty.forms.rewards import CodesForm, RewardForm, WhatForm
from loyalty.models import Reward
from loyalty.selectors import rewards as selectors
from loyalty.services import rewards as service
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError

_MOST_NAMED = 5


@require_safe
@requires(Capability.SEE_REWARDS)
def reward_list(request: HttpRequest) -> HttpResponse:
    """The catalogue; `?show=archived`: what was put away."""
    context = request_context(request)
    archived = request.GET.get("show") == "archived"
    year = context.business.day(context.now).year
    shown = {
        "rows": [
            (one, reward_words.worth(one.reward))
            for one in selectors.catalogue(year=year, archived=archived)
        ],
        "archived": archived,
        "year": year,
        "may_edit": context.can(Capability.EDIT_REWARDS),
    }
    return render(request, "loyalty/reward_list.html", shown)


@require_safe
@requires(Capability.SEE_REWARDS)
def reward(request: HttpRequest, pk: int) -> HttpResponse:
    """One reward: what it is, what is left, who has it."""
    return _page(request, get_object_or_404(Reward, pk=pk), CodesForm())


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_REWARDS)
def reward_create(request: HttpRequest) -> HttpResponse:
    """A new one: first what it is, then what goes with that."""
    # What it is stands in the address, and in the form that is sent.
    chosen = WhatForm({**request.GET.dict(), **request.POST.dict()})
    if not chosen.is_valid():
        return render(request, "loyalty/reward_kind.html", {"form": WhatForm()})
    what = chosen.chosen()
    form = RewardForm(request.POST if request.method == "POST" else None, what=what)
    if form.is_valid():
        try:
            made = service.create(
                kind=what.kind,
                fulfilment=what.fulfilment,
                **form.given(),
                now=timezone.now(),
            )
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(request, _("The reward is there."))
            return responses.see_other(_url(made))
    return _form(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_REWARDS)
def reward_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change it."""
    row = get_object_or_404(Reward, pk=pk)
    form = RewardForm.of(row, request.POST if request.method == "POST" else None)
    if form.is_valid():
        version = form.cleaned_data["version"]
        try:
            service.update(row, version=version, **form.given(), now=timezone.now())
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(request, _("Saved."))
            return responses.see_other(_url(row))
    return _form(request, form)


@require_POST
@requires(Capability.EDIT_REWARDS)
def reward_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """`to=away` or `to=back`: named, not toggled, so that twice is once."""
    row = get_object_or_404(Reward, pk=pk)
    is_archived = request.POST.get("to") == "away"
    try:
        service.archive(row, is_archived=is_archived, now=timezone.now())
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        away = _("It is put away. What was given stays good.")
        responses.add_message(request, away if is_archived else _("It is back."))
    return responses.see_other(_url(row))


@require_POST
@requires(Capability.EDIT_REWARDS)
def reward_codes(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: the shop's own codes for its pool."""
    row = get_object_or_404(Reward, pk=pk, fulfilment=Fulfilment.POOL.value)
    form = CodesForm(request.POST)
    if form.is_valid():
        lines = form.cleaned_data["codes"].splitlines()
        try:
            added = service.add_codes(row, lines, now=timezone.now())
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(request, _added(added))
            return responses.see_other(_url(row))
    return _page(request, row, form)


def _page(request: HttpRequest, row: Reward, form: CodesForm) -> HttpResponse:
    context = request_context(request)
    year = context.business.day(context.now).year
    sees_people = context.sees_customers
    pools = {
        one.reward.pk: one
        for one in selectors.pools(now=context.now, today=context.today)
    }
    shown = {
        "reward": row,
        "one": selectors.listed(row, year=year),
        "year": year,
        "worth": reward_words.worth(row),
        "kind": reward_words.KINDS[row.kind],
        "fulfilment": reward_labels.FULFILMENTS[row.fulfilment],
        "words": row.words.all(),
        "products": row.products.order_by("name"),
        "limit_span": reward_labels.LIMIT_SPANS[row.limit_span],
        "steps": service.steps_of(row),
        "pool": pools.get(row.pk),
        "days_covered": selectors.DAYS_COVERED,
        "grants": [
            (grant, reward_labels.state_of(grant), reward_labels.TONES.get(grant.state))
            for grant in selectors.grants_of(row)
        ]
        if sees_people
        else [],
        "form": form,
        "may_edit": context.can(Capability.EDIT_REWARDS),
    }
    status = responses.UNPROCESSABLE if form.errors else 200
    return render(request, "loyalty/reward.html", shown, status=status)


def _form(request: HttpRequest, form: RewardForm) -> HttpResponse:
    status = responses.UNPROCESSABLE if form.errors else 200
    shown = {"form": form, "reward": form.reward}
    return render(request, "loyalty/reward_form.html", shown, status=status)


def _url(row: Reward) -> str:
    return reverse("loyalty:reward", args=[row.pk])


def _added(added: service.Added) -> str:
    text = ngettext("%(n)s code was added.", "%(n)s codes were added.", added.new) % {
        "n": added.new
    }
    if added.known:
        text += " " + ngettext(
            "%(n)s was there already.", "%(n)s were there already.", added.known
        ) % {"n": added.known}
    if added.unreadable:
        named = ", ".join(added.unreadable[:_MOST_NAMED])
        text += " " + ngettext(
            "%(n)s line is no code and was left out: %(named)s",
            "%(n)s lines are no codes and were left out: %(named)s",
            len(added.unreadable),
        ) % {"n": len(added.unreadable), "named": named}
    return text
