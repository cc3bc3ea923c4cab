"""Log a contact, and correct it; the earlier text is kept."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.access import Capability, requires
from crm.forms import InteractionForm
from crm.forms.contact import InteractionTextForm
from crm.models import Customer, Interaction
from crm.rules.choices import Channel
from crm.services import interactions
from crm.staff import staff_of, zone_of_reader
from web import responses
from web.error_messages import add_to_form
from web.errors import DomainError, StaleVersion
from web.form_fields import once_key
from web.responses import HtmxRequest


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.LOG_CONTACT)
def interaction_create(request: HtmxRequest, pk: int) -> HttpResponse:
    """GET: an empty form for this customer. POST: log the contact."""
    customer = get_object_or_404(Customer.objects.live(), pk=pk)
    form = InteractionForm(
        request.POST if request.method == "POST" else None,
        initial={"channel": _channel(request)},
    )
    if form.is_valid() and _log(request, customer, form):
        responses.add_message(request, _saved(form.cleaned_data["channel"]))
        return responses.see_other(customer.get_absolute_url())
    name = "crm/_composer.html" if request.htmx else "crm/interaction_create.html"
    context = {"form": form, "customer": customer}
    status = responses.UNPROCESSABLE if form.errors else 200
    answer = render(request, name, context, status=status)
    if form.errors:
        # Only the composer comes back: the timeline below it has not changed.
        answer["HX-Retarget"], answer["HX-Reswap"] = "#log", "outerHTML"
    return answer


def _channel(request: HtmxRequest) -> str:
    wanted = request.GET.get("channel", "")
    return wanted if wanted in list(Channel) else Channel.NOTE.value


def _saved(channel: str) -> str:
    return {
        Channel.NOTE.value: _("Note saved."),
        Channel.CALL.value: _("Call saved."),
        Channel.EMAIL.value: _("Email saved."),
        Channel.CHAT.value: _("Chat saved."),
        Channel.VISIT.value: _("Visit saved."),
        Channel.SOCIAL.value: _("Post saved."),
    }[channel]


def _log(request: HtmxRequest, customer: Customer, form: InteractionForm) -> bool:
    data = form.cleaned_data
    try:
        interactions.log_interaction(
            customer=customer,
            channel=data["channel"],
            body=data["body"],
            subject=data["subject"],
            direction=data["direction"],
            happened_at=_in_zone(request, data["happened_at"]),
            outcome=data["outcome"],
            staff=staff_of(request),
            source_key=once_key(
                data | {"customer": customer.pk},
                over=Interaction.objects.exclude(version=1),
            ),
            now=timezone.now(),
        )
    except DomainError as error:
        add_to_form(form, error)
        return False
    return True


def _in_zone(request: HtmxRequest, moment: datetime | None) -> datetime | None:
    """What was typed is a clock on this person's wall."""
    if moment is None:
        return None
    return moment.replace(tzinfo=zone_of_reader(request))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.LOG_CONTACT)
def interaction_edit(request: HtmxRequest, pk: int) -> HttpResponse:
    """GET: the form. POST: save it; 409 where it was changed since."""
    row = get_object_or_404(
        Interaction.objects.select_related("customer", "staff"), pk=pk
    )
    values = {
        "subject": row.subject,
        "body": row.body,
        "outcome": row.outcome,
        "version": row.version,
    }
    form = InteractionTextForm(
        request.POST if request.method == "POST" else None, initial=values
    )
    status, theirs = 200, None
    if form.is_valid():
        try:
            _edit(request, row, form)
        except StaleVersion:
            status, theirs = responses.CONFLICT, row
            responses.with_values(form, version=str(row.version))
        except DomainError as error:
            add_to_form(form, error)
        else:
            responses.add_message(request, _("Saved. The text before is kept."))
            return responses.see_other(row.customer.get_absolute_url())
    if form.errors:
        status = responses.UNPROCESSABLE
    context = {
        "form": form,
        "interaction": row,
        "customer": row.customer,
        "theirs": theirs,
        "versions": row.versions.select_related("replaced_by").order_by("-version")[
            :20
        ],
    }
    return render(request, "crm/interaction_edit.html", context, status=status)


def _edit(request: HtmxRequest, row: Interaction, form: InteractionTextForm) -> None:
    data = form.cleaned_data
    interactions.edit_interaction(
        row,
        version=data["version"],
        body=data["body"],
        subject=data["subject"],
        outcome=data["outcome"],
        staff=staff_of(request),
        now=timezone.now(),
    )
