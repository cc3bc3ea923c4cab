"""Log a contact into a conversation, and promise something in it."""

from datetime import datetime, timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.access import Capability, requires
from crm.models import FollowUp, Interaction, User
from crm.services.follow_ups import OWED
from crm.staff import staff_of, today_of_reader, zone_of_reader
from support.forms.beside import ContactForm, PromiseForm
from support.models import Conversation
from support.services import beside
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError
from web.form_fields import once_key


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.LOG_CONTACT)
def contact_create(request: HttpRequest, pk: int) -> HttpResponse:
    """GET: the form. POST: log a call, chat, visit or post."""
    found = _known(pk)
    form = ContactForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _log(request, found, form):
        responses.add_message(request, _("Logged. It is in the timeline, too."))
        return responses.see_other(found.get_absolute_url())
    return _form_page(request, found, form, heading=_("Log contact"), draft="contact")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.LOG_CONTACT)
def promise_create(request: HttpRequest, pk: int) -> HttpResponse:
    """GET: the form. POST: open a follow-up that names the conversation."""
    found, today = _known(pk), today_of_reader(request)
    form = PromiseForm(
        request.POST if request.method == "POST" else None,
        today=today,
        initial={"due_on": today + timedelta(days=1), "assignee": staff_of(request).pk},
    )
    if form.is_valid() and _promise(request, found, form):
        responses.add_message(request, _("Follow-up saved."))
        return responses.see_other(found.get_absolute_url())
    return _form_page(request, found, form, heading=_("New follow-up"), draft="promise")


def _known(pk: int) -> Conversation:
    rows = Conversation.objects.filter(customer__isnull=False, joined_into=None)
    return get_object_or_404(rows.select_related("customer"), pk=pk)


def _form_page(
    request: HttpRequest, found: Conversation, form: forms.Form, **words: str
) -> HttpResponse:
    status = responses.UNPROCESSABLE if form.errors else 200
    context = {"form": form, "conversation": found, **words}
    return render(request, "support/beside_create.html", context, status=status)


def _log(request: HttpRequest, found: Conversation, form: ContactForm) -> bool:
    data, moment = form.cleaned_data, form.cleaned_data["happened_at"]
    zone = zone_of_reader(request)
    try:
        beside.log_contact(
            found,
            channel=data["channel"],
            body=data["body"],
            direction=data["direction"],
            # What was typed is a clock on this person's wall.
            happened_at=moment.replace(tzinfo=zone) if moment else None,
            staff=staff_of(request),
            source_key=once_key(
                data | {"conversation": found.pk},
                over=Interaction.objects.exclude(version=1),
            ),
            now=timezone.now(),
        )
    except DomainError as error:
        add_to_form(form, error)
        return False
    return True


def _promise(request: HttpRequest, found: Conversation, form: PromiseForm) -> bool:
    data, clock = form.cleaned_data, form.cleaned_data["due_time"]
    zone = zone_of_reader(request)
    try:
        beside.promise(
            found,
            why=data["why"],
            due_on=data["due_on"],
            due_at=datetime.combine(data["due_on"], clock, zone) if clock else None,
            assignee=User.objects.filter(pk=data["assignee"]).first(),
            is_urgent=data["is_urgent"],
            closes_with_it=data["closes_with_it"],
            source_key=once_key(
                data | {"conversation": found.pk},
                over=FollowUp.objects.exclude(state__in=OWED),
            ),
            now=timezone.now(),
        )
    except DomainError as error:
        add_to_form(form, error)
        return False
    return True
