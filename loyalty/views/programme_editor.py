"""Make and change programmes, switch them, put them away, and what members may take."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST

from crm import selectors
from crm.access import Capability, requires
from crm.request_context import request_context
from crm.staff import staff_of
from loyalty import programme_labels
from loyalty.forms.programmes import OfferForm, ProgrammeForm, SwitchOnForm
from loyalty.models import Programme, ProgrammeReward
from loyalty.selectors.programmes import begins_on
from loyalty.services.programmes import offers, ready_made
from loyalty.services.programmes import programmes as service
from loyalty.services.programmes.wording import Words
from loyalty.views.programmes import page, url_of
from web import formats, responses
from web.error_messages import add_to_form
from web.errors import DomainError
from web.rules.numbers import whole_number

_Said = TypeVar("_Said")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_REWARDS)
def programme_create(request: HttpRequest) -> HttpResponse:
    """A new one, switched off; its rules are added on its page."""
    initial = {"currency": selectors.business().currency}
    form = ProgrammeForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            made = service.create(
                **form.chosen(),
                **form.given(),
                by=staff_of(request),
                now=timezone.now(),
            )
        except DomainError as error:
            add_to_form(form, error)
        else:
            said = _("The programme is there, switched off. Say now what it earns on.")
            responses.add_message(request, said)
            return responses.see_other(url_of(made))
    return _form(request, form)


@require_POST
@requires(Capability.EDIT_REWARDS)
def programme_ready(request: HttpRequest) -> HttpResponse:
    """POST: make a ready-made one, switched off; its page shows the forecast."""
    wanted = ready_made.READY_MADE.get(request.POST.get("ready_made", ""))
    here = reverse("loyalty:programme-list")
    if wanted is None:
        return responses.see_other(here)
    label = programme_labels.READY_MADE[wanted.name]
    try:
        made = ready_made.make(
            wanted,
            name=str(label.name),
            reward_name=str(programme_labels.FULL_CARD),
            words=_in_each_language(lambda: Words(str(label.name))),
            reward_words=_in_each_language(lambda: str(programme_labels.FULL_CARD)),
            by=staff_of(request),
            now=timezone.now(),
        )
    except DomainError as error:
        responses.add_refusal(request, error)
        return responses.see_other(here)
    return responses.see_other(f"{url_of(made)}?forecast=1")


def _in_each_language(said: Callable[[], _Said]) -> dict[str, _Said]:
    found = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            found[code] = said()
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_REWARDS)
def programme_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change it from now on."""
    row = get_object_or_404(Programme, pk=pk)
    form = ProgrammeForm.of(row, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            service.change(
                row,
                version=form.cleaned_data["version"],
                **form.given(),
                by=staff_of(request),
                now=timezone.now(),
            )
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(request, _("Saved. What was earned stays."))
            return responses.see_other(url_of(row))
    return _form(request, form)


@require_POST
@requires(Capability.EDIT_REWARDS)
def programme_switch(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """POST: orders from today on earn, or since a day, which may lie ahead; or from now
    on no longer."""
    row = get_object_or_404(Programme, pk=pk)
    form = SwitchOnForm(request.POST)
    if act not in {"on", "off"}:
        return responses.see_other(url_of(row))
    if not form.is_valid():
        return page(request, row, OfferForm(programme=row), form)
    since = form.cleaned_data["since"]
    if act == "on" and since and not _was_seen(request, since):
        said = _("Above is what orders since then give. Switch on once more to do so.")
        form.add_error("since", said)
        return page(request, row, OfferForm(programme=row), form, since=since)
    today = request_context(request).today
    was_ahead = begins_on(row, today) is not None
    try:
        if act == "on":
            service.switch_on(row, since=since, now=timezone.now())
        else:
            service.switch_off(row, now=timezone.now())
    except DomainError as error:
        add_to_form(form, error)
        return page(request, row, OfferForm(programme=row), form)
    said = _("It is on.") if act == "on" else _("It is off.")
    if begins := begins_on(row, today):
        said = _("It begins on %(day)s.") % {"day": formats.full_day(begins)}
    undo = "off" if act == "on" else "on"
    # Switched on again it would begin today.
    url = "" if was_ahead else reverse("loyalty:programme-switch", args=[pk, undo])
    responses.add_message(request, said, url)
    return responses.see_other(url_of(row))


def _was_seen(request: HttpRequest, since: date) -> bool:
    """Whether the forecast on the page was of this day; of one ahead there is none."""
    seen = request.POST.get("seen", "")
    return seen == since.isoformat() or since > request_context(request).today


@require_POST
@requires(Capability.EDIT_REWARDS)
def programme_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """`to=away` or `to=back`: named, not toggled, so that twice is once."""
    row = get_object_or_404(Programme, pk=pk)
    is_archived = request.POST.get("to") == "away"
    try:
        service.archive(row, is_archived=is_archived, now=timezone.now())
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        away = _("It is put away, switched off. Balances stay and can be spent.")
        responses.add_message(request, away if is_archived else _("It is back."))
    return responses.see_other(url_of(row))


@require_POST
@requires(Capability.EDIT_REWARDS)
def programme_offer(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: members may take a reward for so many units; with `drop`, the id of an
    offer, no longer."""
    row = get_object_or_404(Programme, pk=pk)
    if drop := request.POST.get("drop", ""):
        found = ProgrammeReward.objects.filter(programme=row)
        one = get_object_or_404(found, pk=whole_number(drop) or 0)
        offers.offer(row, one.reward, price=None, now=timezone.now())
        responses.add_message(request, _("Members can no longer take it."))
        return responses.see_other(url_of(row))
    form = OfferForm(request.POST, programme=row)
    if form.is_valid():
        given = form.cleaned_data
        try:
            offers.offer(row, given["reward"], price=given["price"], now=timezone.now())
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(request, _("Members can take it."))
            return responses.see_other(url_of(row))
    return page(request, row, form, SwitchOnForm())


def _form(request: HttpRequest, form: ProgrammeForm) -> HttpResponse:
    request_context(request)
    shown = {"form": form, "programme": form.programme}
    status = responses.UNPROCESSABLE if form.errors else 200
    return render(request, "loyalty/programme_form.html", shown, status=status)
