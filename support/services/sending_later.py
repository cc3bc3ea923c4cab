"""Drafts that go by themselves at a time, unless the customer writes first."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from crm.rules import names
from crm.services import audit
from support.errors import SendTimeOver
from support.models import Conversation, Draft
from support.rules import replies
from support.services import writing
from web.errors import DomainError

logger = logging.getLogger(__name__)

FURTHEST = timedelta(days=365)
THEY_WROTE_FIRST = "they_wrote_first"
_SLICE = 200


@transaction.atomic
def schedule(draft: Draft, *, at: datetime, now: datetime) -> Draft:
    """Let it go at this moment. Raises SendTimeOver, and what `writing.send` would of
    its people and words, so that they are mended while somebody is there."""
    if not now < at <= now + FURTHEST:
        raise SendTimeOver
    locked = Draft.objects.select_for_update(no_key=True).get(pk=draft.pk)
    writing.check(locked)
    locked.send_at, locked.held_back = at, ""
    locked.version += 1
    locked.save()
    return locked


@transaction.atomic
def unschedule(draft: Draft) -> Draft:
    """It waits for its author again."""
    locked = Draft.objects.select_for_update(no_key=True).get(pk=draft.pk)
    if locked.send_at is not None:
        locked.send_at = None
        locked.version += 1
        locked.save()
    return locked


def they_wrote_first(conversation: Conversation, sender: str) -> int:
    """What was to go later may be answered by what just came in: it waits again, also
    what was to begin a conversation with them, or goes in another one. `sender`: the
    address that wrote, as crm compares addresses."""
    waiting = Draft.objects.filter(send_at__isnull=False)
    concerned = Q(conversation=conversation)
    if conversation.side_of_id is None:
        # A side thread has their name, and somebody else writes in it.
        theirs = Q(conversation=None) | Q(conversation__side_of=None, forwards=None)
        if conversation.customer_id is not None:
            concerned |= theirs & Q(customer=conversation.customer_id)
        new = waiting.filter(conversation=None, customer=None)
        concerned |= Q(pk__in=[draft.pk for draft in new if _goes_to(draft, sender)])
    held = waiting.filter(pk__in=waiting.filter(concerned).values("pk"))
    return held.update(send_at=None, held_back=THEY_WROTE_FIRST)


def _goes_to(draft: Draft, sender: str) -> bool:
    people = replies.people_in(draft.to)
    return sender in {names.normalise_email(address) for _name, address in people}


def send_due(now: datetime) -> int:
    """Send what is due; what cannot go is a draft again, with the reason. How many
    went."""
    due = Draft.objects.filter(send_at__lte=now).order_by("send_at", "pk")
    return sum(_send(pk, now) for pk in due.values_list("pk", flat=True)[:_SLICE])


def _send(pk: int, now: datetime) -> bool:
    with transaction.atomic():
        draft = (
            Draft.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
            .select_related("author")
            .filter(pk=pk, send_at__lte=now)
            .first()
        )
        if draft is None:
            return False
        if not draft.author.is_active:
            return _hold_back(draft, "author_gone")
        try:
            with (
                transaction.atomic(),
                audit.acting(audit.Actor("user", draft.author_id, "task")),
            ):
                writing.send(draft, now=now)
        except DomainError as error:
            return _hold_back(draft, error.code)
    return True


def _hold_back(draft: Draft, reason: str) -> bool:
    logger.info("Draft %s was not sent: %s", draft.pk, reason)
    Draft.objects.filter(pk=draft.pk).update(send_at=None, held_back=reason)
    return False
