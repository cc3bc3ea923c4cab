"""What other programs ask for: one question to a customer, once for each key."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from crm.models import Customer
from crm.services import audit
from messaging.models import Message
from messaging.rules.choices import State
from surveys.choices import TRIGGERS, Trigger
from surveys.errors import NotAskedOnRequest
from surveys.models import AskRequest, Survey

KINDS = [kind for kind, trigger in TRIGGERS.items() if trigger is Trigger.REQUEST]
WAITING = "waiting"
# So long the same key is the same question.
KEPT = timedelta(days=400)


@transaction.atomic
def ask(
    survey: Survey, *, customer: Customer, key: str, now: datetime
) -> tuple[AskRequest, bool]:
    """Note it for the automation that asks on request; whether it is new. Raises
    NotAskedOnRequest where none is on that asks this survey: else it would wait for
    ever, and nobody would know."""
    before = AskRequest.objects.filter(survey=survey, customer=customer, key=key)
    if found := before.first():
        return found, False
    if not survey.askings.filter(
        automation__kind__in=KINDS, automation__is_on=True
    ).exists():
        raise NotAskedOnRequest
    row, is_new = AskRequest.objects.get_or_create(
        survey=survey, customer=customer, key=key, defaults={"requested_at": now}
    )
    if is_new:
        audit.record(
            "survey.ask_requested",
            f"survey:{survey.pk}",
            customer_id=customer.pk,
            now=now,
            fields=["requested_at"],
        )
    return row, is_new


def outcome(row: AskRequest) -> tuple[str, str]:
    """The state of its mail and the code of its reason; waiting: nobody looked yet."""
    mail = mails([row]).get(row.pk)
    if mail is None:
        return WAITING, ""
    return mail.state, mail.reason_code or mail.deferred_reason


def mails(rows: Collection[AskRequest]) -> dict[int, Message]:
    """The mail of each of these requests, by its id; none where nobody looked yet."""
    ids = [row.pk for row in rows]
    found = (
        Message.objects.filter(
            kind__in=KINDS,
            customer__in={row.customer_id for row in rows},
            why__request__in=ids,
        )
        .exclude(state=State.SUPERSEDED.value)
        .order_by("id")
    )
    return {mail.why["request"]: mail for mail in found}


def forget(now: datetime) -> int:
    """Delete requests older than 400 days; their mails stay. Returns how many."""
    # By survey, for the index.
    rows = AskRequest.objects.filter(survey__in=Survey.objects.values("pk"))
    return rows.filter(requested_at__lt=now - KEPT).delete()[0]
