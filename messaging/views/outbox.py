"""The outbox and one message: what goes, what waits, what left, and why."""

from csp.decorators import csp_replace
from django.contrib import messages as notices
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from crm.access import Capability, requires
from crm.page_parts import place_of, with_places
from crm.request_context import request_context
from crm.staff import staff_of
from messaging import selectors
from messaging.models import Body, Message
from messaging.selectors import circuits
from messaging.selectors import outbox as rows
from messaging.selectors.mail_frame import MAIL_FRAME
from messaging.selectors.outlooks import outlooks
from messaging.services import circuit, messages, pictures, workers
from web import paging
from web.error_messages import for_error
from web.errors import DomainError

_REFUSALS = {
    "message_not_planned": gettext_lazy("This message is no longer waiting."),
    "message_not_uncertain": gettext_lazy("This message does not wait for a decision."),
}
_SHOWS = ("mail", "phone", "text")


@requires(Capability.SEE_MESSAGES)
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """Five tabs of the ledger, each a page by the last row seen."""
    kind, now = _kind(request.GET.get("kind", "")), timezone.now()
    page = rows.outbox(
        _tab(request.GET.get("tab", "")),
        view=_view(request.GET.get("view", "")),
        kind=kind,
        **paging.sides_of(request),
        now=now,
    )
    sees_customers = staff_of(request).can(Capability.SEE_CUSTOMERS)
    stopped = circuits.stopped(
        circuits.open_circuits(), sees_customers=sees_customers, now=now
    )
    context = {
        "page": page,
        "kind": kind,
        "kinds": rows.kind_choices(),
        "held_views": rows.HELD_VIEWS,
        "sees_customers": sees_customers,
        "stopped": stopped,
        "stopped_headline": circuits.headline([one.circuit for one in stopped]),
        "going_again_since": circuits.going_again_since(now),
        "may_decide": staff_of(request).can(Capability.DECIDE_MESSAGES),
        "now": now,
    }
    return render(request, "messaging/outbox.html", context)


def _tab(name: str) -> rows.Tab:
    return rows.Tab(name) if name in set(rows.Tab) else rows.Tab.PLANNED


def _kind(name: str) -> str:
    return name if name in dict(rows.kind_choices()) else ""


def _view(name: str) -> str:
    return name if name in rows.HELD_VIEWS else "later"


@requires(Capability.SEE_MESSAGES)
@require_safe
def message_why(request: HttpRequest, pk: int) -> HttpResponse:
    """The ledger in place: what let this mail go, wait, or end."""
    found = get_object_or_404(Message.objects.select_related("customer", "user"), pk=pk)
    now = request_context(request).now
    context = {"checks": selectors.why(found, now=now), "message": found, "now": now}
    return render(request, "messaging/_message_why.html", context)


@requires(Capability.SEE_CUSTOMERS)
@require_safe
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message: every check in order, the one that decided last, and the mail."""
    reader = request_context(request)
    shown = Message.objects.select_related("customer", "user")
    found = get_object_or_404(with_places(reader, shown), pk=pk)
    show = request.GET.get("show", "mail")
    now = timezone.now()
    outlook = outlooks([found], now=now).get(pk)
    context = {
        "message": found,
        "row": rows.row_of(found, outlook),
        "outlook": outlook,
        "checks": selectors.why(found, now=now),
        "body": Body.objects.filter(pk=pk).first(),
        "not_kept": rows.not_kept(found),
        "place": place_of(reader, found),
        "show": show if show in _SHOWS else "mail",
        "may_decide": staff_of(request).can(Capability.DECIDE_MESSAGES),
        "is_undecided": rows.is_undecided(found),
        "now": now,
    }
    return render(request, "messaging/message.html", context)


def _message(pk: int) -> Message:
    return get_object_or_404(Message.objects.select_related("customer", "user"), pk=pk)


# The mail brings its own styles; nothing else of it may do anything here.
@requires(Capability.SEE_CUSTOMERS)
@require_safe
@xframe_options_sameorigin
@csp_replace(MAIL_FRAME)  # type: ignore[arg-type] # typed for views without arguments
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """The mail itself, for the sandboxed frame of the message page."""
    body = Body.objects.filter(pk=pk).first()
    if body is None:
        raise Http404
    # Its links open beside the desk, as they would from a mail programme.
    html = pictures.seen_here(body.html)
    html = html.replace("<head>", '<head><base target="_blank">', 1)
    answer = HttpResponse(html)
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@requires(Capability.DECIDE_MESSAGES)
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: cancel a message that has not been sent."""
    found = _message(pk)
    try:
        messages.cancel(found, now=timezone.now(), staff=staff_of(request))
        notices.success(request, _("Cancelled. It will not be sent."))
    except DomainError as error:
        notices.error(request, _why_not(error))
    return redirect("messaging:message", pk=pk)


@requires(Capability.DECIDE_MESSAGES)
@require_POST
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: send a message again that may or may not have arrived."""
    found = _message(pk)
    try:
        messages.send_again(found, now=timezone.now())
        workers.notify_workers_on_commit()
        notices.success(request, _("It goes once more."))
    except DomainError as error:
        notices.error(request, _why_not(error))
    return redirect("messaging:message", pk=pk)


@requires(Capability.DECIDE_MESSAGES)
@require_POST
def leave_it(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: leave such a message as it is, and ask no more."""
    found = _message(pk)
    try:
        messages.leave_it(found, now=timezone.now())
        notices.success(request, _("Left as it is."))
    except DomainError as error:
        notices.error(request, _why_not(error))
    return redirect("messaging:message", pk=pk)


def _why_not(error: DomainError) -> str:
    return str(_REFUSALS.get(error.code) or for_error(error))


@requires(Capability.DECIDE_MESSAGES)
@require_POST
def try_now(request: HttpRequest) -> HttpResponse:
    """Anyone who mended the mail server need not wait for the next try.

    A worker does it: a silent mail server must not hold a page. What came of it stands
    above the outbox.
    """
    if circuit.try_all_now(now=timezone.now()):
        workers.notify_workers_on_commit()
        notices.success(request, _("One mail is tried now. If it leaves, all go."))
    else:
        notices.info(request, _("Mail is leaving. There is nothing to try."))
    return redirect("messaging:outbox")
