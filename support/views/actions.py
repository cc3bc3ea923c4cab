"""What is done with a conversation: each one POST, with its undo."""

from collections.abc import Callable
from datetime import datetime
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
from support.rules.choices import ChangeAction
from support.selectors import people
from support.services import away, changes, conversations, notes
from support.views import snoozing
from web import responses
from web.errors import DomainError
from web.rules.numbers import whole_number

Row = TypeVar("Row", bound=Model)

Act = Callable[[HttpRequest, Conversation, datetime], tuple[str, str]]


@requires(Capability.REPLY)
@require_POST
def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """One action of `_ACTIONS`; back to where it was asked."""
    if action not in _ACTIONS:
        raise Http404
    found = get_object_or_404(Conversation, pk=pk)
    try:
        said, undo_url = _ACTIONS[action](request, found, timezone.now())
    except DomainError as error:
        responses.add_refusal(request, error)
    else:
        responses.add_message(request, said, undo_url)
    return responses.back(request, reverse("support:conversation", args=[pk]))


def _change(
    request: HttpRequest,
    found: Conversation,
    action: ChangeAction,
    change: changes.Act,
    now: datetime,
) -> str:
    """Do it, and return where a POST puts everything back as it was; empty where
    nothing changed."""
    kept = changes.apply_one(action, change, found, by=staff_of(request), now=now)
    return reverse("support:change-undo", args=[kept.pk]) if kept else ""


def _taken_back_by(found: Conversation, action: str) -> str:
    return reverse("support:conversation-act", args=[found.pk, action])


def _take(request: HttpRequest, found: Conversation, now: datetime) -> tuple[str, str]:
    take = changes.assign(staff_of(request), now)
    undo_url = _change(request, found, ChangeAction.ASSIGN, take, now)
    return _("It is yours."), undo_url


def _give_back(
    request: HttpRequest, found: Conversation, now: datetime
) -> tuple[str, str]:
    give = changes.assign(None, now)
    undo_url = _change(request, found, ChangeAction.ASSIGN, give, now)
    return _("It waits for whoever is free."), undo_url


def _assign(
    request: HttpRequest, found: Conversation, now: datetime
) -> tuple[str, str]:
    rows = User.objects.filter(pk__in=[one.pk for one in people.colleagues()])
    colleague = _row(rows, request, "colleague")
    words, by = request.POST.get("note", ""), staff_of(request)

    def hand_over(row: Conversation) -> object:
        return notes.hand_over(row, to=colleague, words=words, by=by, now=now)

    undo_url = _change(request, found, ChangeAction.ASSIGN, hand_over, now)
    said = _("Given to %(name)s.")
    if colleague.pk in away.away(now):
        said = _("Given to %(name)s, who is away.")
    return said % {"name": colleague}, undo_url


def _close(request: HttpRequest, found: Conversation, now: datetime) -> tuple[str, str]:
    close = changes.close(staff_of(request), now, request.POST.get("outcome", ""))
    undo_url = _change(request, found, ChangeAction.CLOSE, close, now)
    return _("Closed. It opens again when they write."), undo_url


def _reopen(
    request: HttpRequest, found: Conversation, now: datetime
) -> tuple[str, str]:
    conversations.reopen(found, now=now)
    return _("Open again."), ""


def _snooze(
    request: HttpRequest, found: Conversation, now: datetime
) -> tuple[str, str]:
    snooze = changes.snooze(snoozing.until(request, now), now)
    undo_url = _change(request, found, ChangeAction.SNOOZE, snooze, now)
    return _("Put aside. It comes back then, or when they write."), undo_url


def _spam(request: HttpRequest, found: Conversation, now: datetime) -> tuple[str, str]:
    spam = changes.spam(staff_of(request), now)
    undo_url = _change(request, found, ChangeAction.SPAM, spam, now)
    return _("Closed as spam."), undo_url


def _block(request: HttpRequest, found: Conversation, now: datetime) -> tuple[str, str]:
    block = changes.block(staff_of(request), now)
    undo_url = _change(request, found, ChangeAction.BLOCK, block, now)
    if found.address:
        return _("Blocked: what else they write is kept and closed."), undo_url
    return _("Closed as spam. It has no address that could be blocked."), undo_url


def _unblock(
    request: HttpRequest, found: Conversation, now: datetime
) -> tuple[str, str]:
    conversations.unblock_sender(found, now=now)
    return _("Not blocked any more."), ""


def _join(request: HttpRequest, found: Conversation, now: datetime) -> tuple[str, str]:
    customer = _row(Customer.objects.live(), request, "customer")
    conversations.belongs_to(found, customer=customer, now=now)
    return _("It is theirs now, and in their timeline."), _taken_back_by(found, "part")


def _join_with_address(
    request: HttpRequest, found: Conversation, now: datetime
) -> tuple[str, str]:
    if not staff_of(request).can(Capability.EDIT_CUSTOMERS):
        raise Http404
    customer = _row(Customer.objects.live(), request, "customer")
    conversations.belongs_to_with_address(found, customer=customer, now=now)
    undo_url = _taken_back_by(found, "part-with-address")
    return _("It is theirs now, and so is the address."), undo_url


def _create(
    request: HttpRequest, found: Conversation, now: datetime
) -> tuple[str, str]:
    if not staff_of(request).can(Capability.EDIT_CUSTOMERS):
        raise Http404
    conversations.create_customer(found, now=now)
    said = _("A new customer. Their conversation is in the timeline.")
    return said, _taken_back_by(found, "part")


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
    return get_object_or_404(rows, pk=whole_number(request.POST.get(name, "")) or 0)


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
