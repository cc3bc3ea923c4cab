"""Those who are happy and would like to recommend us: kept, and a follow-up of ours."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from crm import selectors as crm
from crm.models import FollowUp
from crm.rules.choices import FollowUpState
from crm.services import audit, follow_ups
from surveys.choices import NextStep, ResponseState
from surveys.errors import NotOffered
from surveys.models import ReferralWish, Response
from surveys.services.after import after_answer, band_of_answer

# Soon enough that they remember, and not the same day.
AFTER = timedelta(days=7)


def is_offered(response: Response) -> bool:
    """Whether staff chose it for such an answer. Never where nobody is known, or where
    we promised to tell few who answered."""
    if response.customer_id is None or response.is_confidential:
        return False
    if response.state != ResponseState.CONFIRMED:
        return False
    band = band_of_answer(response.scale, response.score)
    chosen = after_answer(response.survey_id, band)
    return chosen is not None and chosen.next_step == NextStep.REFER


@transaction.atomic
def wish(response_id: int, *, now: datetime) -> ReferralWish:
    """Keep it, and ask a colleague to come back to them in a week. Twice is once.
    Raises NotOffered."""
    response = _lock(response_id)
    if not is_offered(response):
        raise NotOffered
    row, is_new = ReferralWish.objects.get_or_create(
        response=response, defaults={"wished_at": now}
    )
    if not is_new and row.withdrawn_at is None:
        return row
    row.wished_at, row.withdrawn_at = now, None
    row.save(update_fields=["wished_at", "withdrawn_at"])
    _owe(row, now)
    _record("wished", row, now)
    return row


@transaction.atomic
def withdraw(response_id: int, *, now: datetime) -> None:
    """Take it back; what a colleague has begun stays theirs. Twice: nothing."""
    response = _lock(response_id)
    row = ReferralWish.objects.filter(response=response, withdrawn_at=None).first()
    if row is None:
        return
    row.withdrawn_at = now
    row.save(update_fields=["withdrawn_at"])
    owed = FollowUp.objects.filter(source_key=source_key(row)).first()
    if owed is not None and owed.state == FollowUpState.OPEN:
        follow_ups.drop(owed, now=now)
    _record("wish_withdrawn", row, now)


def review(response: Response, *, now: datetime) -> None:
    """After an answer was changed: who is not happy any more has no wish."""
    if not is_offered(response):
        withdraw(response.pk, now=now)


def source_key(row: ReferralWish) -> str:
    """The key of the follow-up that this wish opens."""
    return f"wish:{row.pk}"


def _lock(response_id: int) -> Response:
    rows = Response.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("customer__owner").get(pk=response_id)


def _owe(row: ReferralWish, now: datetime) -> None:
    customer = row.response.customer
    assert customer is not None
    owner = customer.owner
    with translation.override((owner.language if owner else "") or "en"):
        why = _("Would like to recommend us")
    owed = follow_ups.open_follow_up(
        customer_id=customer.pk,
        why=why,
        due_on=crm.business().day(now + AFTER),
        now=now,
        assignee=owner,
        source_key=source_key(row),
    )
    if owed.state == FollowUpState.DROPPED and owed.done_by_id is None:
        follow_ups.reopen(owed, now=now)


def _record(action: str, row: ReferralWish, now: datetime) -> None:
    audit.record(
        f"survey.{action}",
        f"response:{row.response_id}",
        customer_id=row.response.customer_id,
        now=now,
        fields=["withdrawn_at"],
    )
