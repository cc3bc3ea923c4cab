"""An unhappy answer becomes somebody's task, in the same transaction."""

from datetime import datetime
from functools import cache

from babel import Locale, UnknownLocaleError
from django.utils import translation
from django.utils.translation import gettext as _

from crm.models import Business, FollowUp, User
from crm.rules.choices import FollowUpState
from crm.rules.dates import zone_of
from crm.services import follow_ups
from surveys import rules
from surveys.choices import AnswerBand
from surveys.models import Response
from surveys.rules.questionnaire import Scale, numbers_of
from surveys.services.after import after_answer, band_of_answer

_UNHAPPY = (AnswerBand.URGENT, AnswerBand.LOW)
SATURDAY_AND_SUNDAY = frozenset({5, 6})


def follow_up_on(response: Response, *, now: datetime) -> None:
    """Open, reword or drop the task of this answer, as its score now asks."""
    existing = FollowUp.objects.filter(source_key=source_key(response)).first()
    if not is_low(response):
        _drop(existing, now)
    elif existing is None:
        _open(response, _owner_today(response), now, is_first=False)
    else:
        _bring_up_to_date(existing, response, now)


def is_low(response: Response) -> bool:
    """Whether somebody should ask what went wrong; never of somebody unknown."""
    return response.customer_id is not None and _band(response) in _UNHAPPY


def source_key(response: Response) -> str:
    """The key of the follow-up that this answer opens."""
    return f"response:{response.pk}"


def open_task(response: Response, *, now: datetime) -> None:
    """For an answer that has none yet, and whose owner is the customer's of today."""
    _open(response, response.owner, now, is_first=True)


def _open(
    response: Response, owner: User | None, now: datetime, *, is_first: bool
) -> None:
    assert response.customer_id is not None
    due_at = _due_at(response, now)
    follow_ups.open_follow_up(
        customer_id=response.customer_id,
        why=_why(response, owner),
        due_on=due_at.date(),
        due_at=due_at,
        now=now,
        assignee=owner,
        source_key=source_key(response),
        is_first=is_first,
        is_urgent=_is_urgent(response),
    )


def _due_at(response: Response, now: datetime) -> datetime:
    """By when somebody writes to whoever gave this answer now, by its band."""
    # The whole row of the shop is thirty columns.
    zone, country = Business.objects.values_list("time_zone", "country").get(pk=1)
    chosen = after_answer(response.survey_id, _band(response))
    return rules.call_back_by(
        now.astimezone(zone_of(zone, "UTC")),
        _weekend(country),
        chosen.within_days if chosen else 0,
    )


def _drop(existing: FollowUp | None, now: datetime) -> None:
    # Somebody who took it up may have phoned already: that one stays theirs to finish.
    if existing is not None and existing.state == FollowUpState.OPEN:
        follow_ups.drop(existing, now=now)


def _bring_up_to_date(existing: FollowUp, response: Response, now: datetime) -> None:
    """Unhappy again, or with another score: the open task shows today's score. The day
    to which staff moved it stays, unless the answer came into another band."""
    dropped_by_us = (
        existing.state == FollowUpState.DROPPED and existing.done_by_id is None
    )
    if dropped_by_us:
        existing = follow_ups.reopen(existing, now=now)
    if existing.state in follow_ups.OWED:
        is_urgent = _is_urgent(response)
        is_due_anew = dropped_by_us or is_urgent != existing.is_urgent
        follow_ups.reword(
            existing,
            why=_why(response, _owner_today(response)),
            is_urgent=is_urgent,
            due_at=_due_at(response, now) if is_due_anew else None,
            now=now,
        )


def _owner_today(response: Response) -> User | None:
    return response.customer.owner if response.customer else None


def _why(response: Response, owner: User | None) -> str:
    """In the language of who will read it, not of the customer who is answering."""
    language = (owner.language if owner else "") or "en"
    most = numbers_of(Scale(response.scale))[-1]
    with translation.override(language):
        if response.is_confidential:
            return _("An unhappy answer, given in confidence")
        return _("Scored %(score)d of %(most)d") % {
            "score": response.score,
            "most": most,
        }


def _is_urgent(response: Response) -> bool:
    """Of NPS 0 to 3, else the lowest score."""
    return _band(response) is AnswerBand.URGENT


def _band(response: Response) -> AnswerBand | None:
    return band_of_answer(response.scale, response.score)


@cache
def _weekend(country: str) -> frozenset[int]:
    """The days off where the shop is: Friday and Saturday in Israel."""
    try:
        locale = Locale.parse(f"und_{country}")
    except (ValueError, UnknownLocaleError):
        return SATURDAY_AND_SUNDAY
    return frozenset({locale.weekend_start, locale.weekend_end})
