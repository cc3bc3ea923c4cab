"""What is done with a conversation: each one POST, with its undo."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.access import Capability, requires
from crm.models import Customer, User
from crm.staff import staff_of
from support.models import Conversation
from support.selectors import people
from support.services import away, conversations, notes
from web import responses
from web.errors import DomainError

Row = TypeVar("Row", bound=Model)

_MOST_DAYS = 365
Act = Callable[[HttpRequest, Conversation, datetime], tuple[str, str]]


@requires(Capability.REPLY)
@require_POST
def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """One action of `_ACTIONS`; back to where it was asked."""
    if action not in _ACTIONS:
        raise Http404
    found = get_object_or_404(Conversation, pk=pk)
    try:
        said, undo = _ACTIONS[action](request, found, timezone.now())
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        undo_url = reverse("support:conversation-act", args=[pk, undo]) if undo else ""
        responses.add_message(request, said, undo_url)
    return responses.back(request, reverse("support:conversation", args=[pk]))


def _take(request: HttpRequest, found: Conversation, now: datetime) -> tuple[str, str]:
    conversations.assign(found, assignee=staff_of(request), now=now)
    return _("It is yours."), "give-back"


def _give_back(
    request: HttpRequest, found: Conversation, now: datetime
) -> tuple[str, str]:
    conversations.assign(found, assignee=None, now=now)
    return _("It waits for whoever is free."), "take"


def _assign(
    request: HttpRequest, found: Conversation, now: datetime
) -> tuple[str, str]:
    rows = User.objects.filter(pk__in=[one.pk for one in people.colleagues()])
    colleague = _row(rows, request, "colleague")
    notes.hand_over(
        found,
        to=colleague,
        words=request.POST.get("note", ""),
        by=staff_of(request),
        now=now,
    )
    said = _("Given to %(name)s.")
    if colleague.pk in away.away(now):
        said = _("Given to %(name)s, who is away.")
    return said % {"name": colleague}, ""


def _close(request: HttpRequest, found: Conversation, now: datetime) -> tuple[str, str]:
    outcome = request.POST.get("outcome", "")
    conversations.close(found, by=staff_of(request), outcome=outcome, now=now)
    return _("Closed. It opens again when they write."), "reopen"


def _reopen(
    request: HttpRequest, found: Conversation, now: datetime
) -> tuple[str, str]:
    conversations.reopen(found, now=now)
    return _("Open again."), ""


def _snooze(
    request: HttpRequest, found: Conversation, now: datetime
) -> tuple[str, str]:
    typed = request.POST.get("days", "1")
    is_number = typed.isascii() and typed.isdigit() and len(typed) < 4
    days = min(int(typed), _MOST_DAYS) if is_number else 1
    conversations.snooze(found, until=now + timedelta(days=max(days, 1)), now=now)
    return _("Put aside. It comes back then, or when they write."), "reopen"


def _spam(request: HttpRequest, found: Conversation, now: datetime) -> tuple[str, str]:
    conversations.mark_as_spam(found, by=staff_of(request), now=now)
    return _("Closed as spam."), "reopen"


def _block(request: HttpRequest, found: Conversation, now: datetime) -> tuple[str, str]:
    if conversations.block_sender(found, by=staff_of(request), now=now):
        return _("Blocked: what else they write is kept and closed."), "unblock"
    return _("Closed as spam. It has no address that could be blocked."), "reopen"


def _unblock(
    request: HttpRequest, found: Conversation, now: datetime
) -> tuple[str, str]:
    conversations.unblock_sender(found, now=now)
    return _("Not blocked any more."), ""


def _join(request: HttpRequest, found: Conversation, now: datetime) -> tuple[str, str]:
    customer = _row(Customer.objects.live(), request, "customer")
    conversations.belongs_to(found, customer=customer, now=now)
    return _("It is theirs now, and in their timeline."), "part"


def _join_with_address(
    request: HttpRequest, found: Conversation, now: datetime
) -> tuple[str, str]:
    if not staff_of(request).can(Capability.EDIT_CUSTOMERS):
        raise Http404
    customer = _row(Customer.objects.live(), request, "customer")
    conversations.belongs_to_with_address(found, customer=customer, now=now)
    return _("It is theirs now, and so is the address."), "part-with-address"


def _create(
    request: HttpRequest, found: Conversation, now: datetime
) -> tuple[str, str]:
    if not staff_of(request).can(Capability.EDIT_CUSTOMERS):
        raise Http404
    conversations.create_customer(found, now=now)
    said = _("A new customer. Their conversation is in the timeline.")
    return said, "part"


def _part(request: HttpRequest, found: Conversation, now: datetime) -> tuple[str, str]:
    conversations.belongs_to_nobody(found, now=now)
    return _("It asks again who this is."), ""


def _part_with_address(
    request: HttpRequest, found: Conversation, now: datetime
) -> tuple[str, str]:
    if not staff_of(request).can(Capability.EDIT_CUSTOMERS):
        raise Http404
    conversations.belongs_to_nobody(found, now=now, forget_address=True)
    return _("It asks again who this is, and the address is not theirs any more."), ""


def _row(rows: QuerySet[Row], request: HttpRequest, name: str) -> Row:
    typed = request.POST.get(name, "")
    if not (typed.isascii() and typed.isdigit() and len(typed) < 19):
        raise Http404
    return get_object_or_404(rows, pk=int(typed))


_ACTIONS: dict[str, Act] = {
    "take": _take,
    "give-back": _give_back,
    "assign": _assign,
    "close": _close,
    "reopen": _reopen,
    "snooze": _snooze,
    "spam": _spam,
    "block": _block,
    "unblock": _unblock,
    "join": _join,
    "join-with-address": _join_with_address,
    "create": _create,
    "part": _part,
    "part-with-address": _part_with_address,
}
