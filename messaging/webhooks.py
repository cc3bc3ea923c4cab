"""What mail providers report to us: one address for each of them.

The address holds a secret (web/uploads.py), which Settings shows to the owner; anymail
knows how each provider asks, and checks ANYMAIL_WEBHOOK_SECRET where that is set. Mail
that comes in is support's.
"""

from collections.abc import Callable
from json import JSONDecodeError
from typing import Any, cast

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason, tracking
from django.core.exceptions import BadRequest, ValidationError
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import timezone
from django.views import View

from crm.access import public
from crm.services import audit
from messaging.models import Message
from messaging.public_forms import token_page
from messaging.rules import smtp_replies
from messaging.services import reports
from web import uploads


@public
@token_page
def provider_webhook(request: HttpRequest, secret: str, path: str) -> HttpResponse:
    """The view of anymail for `path`, such as `postmark/inbound/`, for whoever has the
    secret part of the address."""
    if not uploads.is_webhook_ticket(secret):
        raise Http404
    try:
        found = resolve(f"/{path}", "anymail.urls")
    except Resolver404 as error:
        raise Http404 from error
    uploads.read_whole(request)
    with audit.acting(audit.SYSTEM):
        try:
            return _view(found)(request, *found.args, **found.kwargs)
        except JSONDecodeError as error:
            raise BadRequest("This is no JSON.") from error


def _view(found: ResolverMatch) -> Callable[..., HttpResponse]:
    """Anymail warns of views without its own secret; ours is in the address."""
    view = cast(type[View], found.func.view_class)  # type: ignore[attr-defined]
    # It looks before it takes what as_view() is given, so a class has to say it.
    quiet: type[View] = type(view.__name__, (view,), {"warn_if_no_basic_auth": False})
    return cast(Callable[..., HttpResponse], quiet.as_view())


@receiver(tracking, dispatch_uid="messaging.note_provider_report")
def note_report(sender: object, event: AnymailTrackingEvent, **_: Any) -> None:
    """Bounces and complaints go to the mail that they are about."""
    message = _message(event)
    if message is None:
        return
    if event.event_type == EventType.COMPLAINED:
        reports.complained(message, now=timezone.now())
    elif event.event_type in (EventType.BOUNCED, EventType.FAILED):
        reports.bounced(message, status=_status(event), now=timezone.now())


def _message(event: AnymailTrackingEvent) -> Message | None:
    """By the id that we gave along; providers have ids of their own."""
    try:
        return Message.objects.filter(
            message_uuid=event.metadata.get("message", "")
        ).first()
    except (ValueError, ValidationError):
        return None


def _status(event: AnymailTrackingEvent) -> str:
    """The enhanced code that their server heard, or the nearest one to their word."""
    heard = smtp_replies.any_enhanced(event.mta_response or "")
    return heard or _STATUS.get(event.reject_reason or "", "5.0.0")


_STATUS = {
    RejectReason.INVALID: "5.1.1",
    # Full and closed mailboxes are among them: without a code no address is barred at
    # once.
    RejectReason.BOUNCED: "4.2.0",
    RejectReason.TIMED_OUT: "4.4.7",
    RejectReason.BLOCKED: "5.7.1",
    RejectReason.SPAM: "5.7.1",
}
