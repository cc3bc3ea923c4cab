"""Whom a survey does not ask although they are due for it, each with its reason.

It has ended or is closed; they are not in its sample; they declined one, or left the
last ones unanswered, and rest; or the places of this month are taken, and they wait
for the next.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from psycopg.sql import SQL, Composable

from crm import selectors as crm
from crm.rules import dates
from messaging.kinds import Due, Reason, Wait
from messaging.models import Automation, Message
from surveys.choices import SurveyState
from surveys.models import Asking, Survey
from surveys.rules.places import next_place_on, places_by
from surveys.sql import again, places
from surveys.sql import limits as sql
from surveys.sql.limits import Moment

# Anyone who was helped is asked again so many days behind the closing of their
# follow-up; the automation may add some.
AGAIN, AGAIN_AFTER = "survey_again", 30
REASONS = {
    reason.code: reason
    for reason in (
        Reason("survey_closed"),
        Reason("survey_ended"),
        Reason("survey_has_enough"),
        Reason("outside_sample"),
        Reason("declined_survey"),
        Reason("ignored_surveys"),
    )
}


def over(surveys: Collection[int], *, now: datetime) -> dict[int, Reason]:
    """Of these surveys, those that nobody is asked any more: id to reason."""
    found = sql.over(surveys, _moment(now))
    return {pk: _reason(code, pk) for pk, code in found.items()}


def refused(
    messages: Sequence[Message], surveys: Mapping[int, int], *, now: datetime
) -> dict[int, Reason]:
    """Of first mails, those that do not go: message id to reason. `surveys`: of each
    message, by its id; one that is missing has nothing to say."""
    asked = {one.pk: surveys[one.pk] for one in messages if one.pk in surveys}
    found = sql.refused(asked, _moment(now)) if asked else {}
    return {pk: _reason(code, asked[pk]) for pk, code in found.items()}


def refused_ahead(automation: Automation, *, now: datetime) -> Due | None:
    """The same of a forecast; see `Kind.refused_ahead`."""
    asking = Asking.objects.filter(automation=automation).first()
    return Due(sql.ahead([asking.survey_id], _moment(now))) if asking else None


def apart_ahead(automation: Automation, *, now: datetime) -> Due | None:
    """Until when each of whom a survey knows that rests, where nothing else decides
    whom it asks; see `Kind.apart_ahead`."""
    asking = Asking.objects.select_related("survey").filter(automation=automation)
    found = asking.first()
    if found is None or not _asks_everybody(found.survey):
        return None
    survey = found.survey
    return Due(sql.resting(survey.rest_after_ignored, survey.rest_days, _moment(now)))


def _asks_everybody(survey: Survey) -> bool:
    return (
        survey.state == SurveyState.LIVE
        and survey.archived_at is None
        and survey.sample_percent == 100
        and survey.ends_on is None
        and survey.ends_after is None
    )


def refused_again_ahead(automation: Automation, *, days: int, now: datetime) -> Due:
    """The same of whoever is asked again so many days after a follow-up was closed."""
    asked_again = _asked_again(automation, days, now)
    asks = SQL("{} JOIN survey ON survey.id = again.survey_id").format(asked_again)
    surveys = Survey.objects.values_list("pk", flat=True)
    return Due(sql.ahead(list(surveys), _moment(now), asks))


def put_off_ahead(automation: Automation, *, now: datetime) -> Due | None:
    """The same of those that wait for a place; see `Kind.put_off_ahead`."""
    asking = Asking.objects.select_related("survey").filter(automation=automation)
    found = asking.first()
    if found is None or found.survey.most_a_month is None:
        return None
    own = places.of_one(automation.pk)
    return Due(_queue(found.survey, automation, own, now))


def put_off_again_ahead(
    automation: Automation, *, days: int, now: datetime
) -> Due | None:
    """The same of whoever is asked again so many days after a follow-up was closed:
    they stand in the queue of the survey that they are asked."""
    asked_again = _asked_again(automation, days, now)
    queues = [
        _queue(survey, automation, places.of_again(survey.pk, asked_again), now)
        for survey in Survey.objects.exclude(most_a_month=None).order_by("pk")
    ]
    if not queues:
        return None
    return Due(" UNION ALL ".join(f"({queue})" for queue in queues))


def _asked_again(automation: Automation, days: int, now: datetime) -> Composable:
    zone = crm.business().time_zone
    return again.asks(automation.pk, days=days, zone=zone, since=now)


def _queue(
    survey: Survey, automation: Automation, own: Composable, now: datetime
) -> str:
    """Of `own` mails of this automation, which wait for a place of this survey."""
    askings = Asking.objects.filter(survey=survey, automation__is_on=True)
    others = askings.exclude(automation=automation)
    again_too = Automation.objects.filter(kind=AGAIN, is_on=True)
    return places.ahead(
        survey.most_a_month or 0,
        asked=sql.asked_since(survey.pk, _month_began(now)),
        own=own,
        others=list(others.values_list("automation", flat=True)),
        beside=[
            places.of_again(
                survey.pk,
                _asked_again(one, AGAIN_AFTER + one.offset_days, now),
            )
            for one in again_too.exclude(pk=automation.pk)
        ],
        is_on=automation.is_on,
        today=crm.business().day(now),
    )


def put_off(
    messages: Sequence[Message], surveys: Mapping[int, Survey], *, now: datetime
) -> dict[int, Wait]:
    """Of mails that may go, those for which their survey has no place now. `surveys`:
    of each message, by its id."""
    by_survey: dict[Survey, list[Message]] = defaultdict(list)
    for message in messages:
        survey = surveys.get(message.pk)
        if survey and survey.most_a_month is not None:
            by_survey[survey].append(message)
    if not by_survey:
        return {}
    sql.lock_places()
    found: dict[int, Wait] = {}
    for survey, group in by_survey.items():
        found |= _without_place(survey, group, now)
    return found


def _without_place(
    survey: Survey, messages: Sequence[Message], now: datetime
) -> dict[int, Wait]:
    most, today = survey.most_a_month or 0, crm.business().day(now)
    asked = sql.asked_since(survey.pk, _month_began(now))
    free = max(0, places_by(most, today) - asked)
    gone = asked + min(free, len(messages))
    reason = Reason("survey_month_full", {"survey": survey.pk, "most": most})
    day = next_place_on(most, gone, today)
    zone = dates.zone_of(crm.business().time_zone, "UTC")
    return {
        message.pk: Wait(dates.moment_at(day, _hour(message), zone), reason)
        for message in messages[free:]
    }


def _hour(message: Message) -> int:
    """At which it was to go."""
    return message.automation.send_hour if message.automation else 0


def _moment(now: datetime) -> Moment:
    return Moment(now, crm.business().day(now))


def _month_began(now: datetime) -> datetime:
    """The first moment of the month, by the clock of the shop."""
    business = crm.business()
    first = business.day(now).replace(day=1)
    return business.begins(first)


def _reason(code: str, survey: int) -> Reason:
    return Reason(REASONS[code].code, {"survey": survey})
