"""Mails to one recipient, written down because somebody just asked."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from crm import selectors
from crm.models import Customer, User
from crm.rules import dates, names
from messaging import kinds
from messaging.kinds import DirectKind
from messaging.models import Message, SendingAccount
from messaging.rules.choices import Category, State
from messaging.services import suppression, workers
from messaging.sql import addresses


@transaction.atomic
def post(
    *,
    kind: str,
    to: Customer | User | str,
    occurrence: str,
    now: datetime,
    language: str = "",
    why: Mapping[str, Any] | None = None,
    wait: timedelta = timedelta(0),
    account: SendingAccount | None = None,
    category: Category | None = None,
) -> Message:
    """Plan one mail of a direct kind, and wake the workers on commit.

    It goes after `wait`, and can be cancelled until then; by `account`, or else by the
    shop's transport.

    `to` is a customer (of whom consent, holds and limits are asked when it goes), a
    colleague or an address. `category`: where it is not that of its kind. The same
    occurrence twice is one message: the one that is there is given back. `why` holds
    ids and numbers only.
    """
    declared = kinds.get(kind)
    if not isinstance(declared, DirectKind):
        raise TypeError(f"{kind} is planned by a sweep")
    customer = to if isinstance(to, Customer) else None
    user = to if isinstance(to, User) else None
    address = names.normalise_email(to) if isinstance(to, str) else None
    theirs = customer or user
    shop = dates.zone_of(selectors.business().time_zone, "")
    message, made = Message.objects.exclude(state=State.SUPERSEDED.value).get_or_create(
        kind=kind,
        customer=customer,
        user=user,
        address=address,
        occurrence=occurrence,
        defaults={
            "account": account,
            "category": (category or declared.category).value,
            "priority": declared.priority,
            "on_uncertain": declared.on_uncertain.value,
            "language": language or (theirs.language if theirs else ""),
            "why": dict(why or {}),
            "due_on": now.astimezone(shop).date(),
            "not_before": now + wait,
            "expires_at": now + wait + declared.life,
            "planned_at": now,
        },
    )
    if made:
        workers.notify_workers_on_commit(wait)
    return message


def has_posted(*, kind: str, to: str, since: datetime) -> bool:
    """Whether a mail of this kind was written down for the address since then.

    Others who ask about it wait for the end of the caller's transaction, so that of
    two at once only one finds that there was none.
    """
    addresses.lock([suppression.address_hash(to)])
    return Message.objects.filter(
        kind=kind,
        customer=None,
        address=names.normalise_email(to),
        planned_at__gt=since,
    ).exists()
