"""Asked again, some weeks after somebody took care of an unhappy answer."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import selectors as crm
from messaging.kinds import (
    Due,
    Group,
    MailContext,
    Reason,
    StartingPoint,
    Window,
)
from messaging.models import Automation, Message
from surveys.kinds.asking import TakesPlaces, closed, shop_zone
from surveys.kinds.mails import contexts
from surveys.kinds.wordings import general
from surveys.models import Invitation, Response, Survey
from surveys.rules.questionnaire import Questionnaire
from surveys.services import invitations, limits
from surveys.sql import again as sql
from web import formats


class SurveyAgain(TakesPlaces):
    """The survey that the answer was of, once for each follow-up. Staff say for each
    survey and band whether; an answer that came meanwhile makes it needless."""

    name = "survey_again"
    label = gettext_lazy("A survey again, after an unhappy answer")
    summary = gettext_lazy(
        "Asks once more, 30 days after the follow-up on an unhappy answer was closed."
    )
    template = "emails/surveys/ask"
    priority = 56
    life_days = 10
    send_hour = 10
    occasion = gettext_lazy("30 days after the follow-up was closed")
    starting_points = (
        StartingPoint(
            name="again",
            group=Group.ASK,
            label=gettext_lazy("Is it better now?"),
            summary=gettext_lazy(
                "The same survey once more to whom you helped after a bad answer."
            ),
            suits=gettext_lazy("Shops that write to whoever was unhappy."),
            goes=gettext_lazy("30 days after a colleague closed the follow-up."),
        ),
    )
    wording = general(
        subject=gettext_lazy("Is it better now? {shop} would like to know"),
        intro=gettext_lazy(
            "not long ago you told us that something was wrong. We would like to know "
            "how it is today; it takes less than a minute:"
        ),
    )

    def due(self, automation: Automation, window: Window, now: datetime) -> Due:
        days = limits.AGAIN_AFTER + automation.offset_days
        return sql.due(window, days=days, zone=shop_zone().key)

    def refused_ahead(self, automation: Automation, now: datetime) -> Due:
        days = limits.AGAIN_AFTER + automation.offset_days
        return limits.refused_again_ahead(automation, days=days, now=now)

    def put_off_ahead(self, automation: Automation, now: datetime) -> Due | None:
        days = limits.AGAIN_AFTER + automation.offset_days
        return limits.put_off_again_ahead(automation, days=days, now=now)

    def no_longer_due(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, Reason]:
        asked = {message.pk: message.why.get("follow_up", 0) for message in messages}
        refused = sql.refused(asked.values())
        surveys = {message.pk: message.why.get("survey", 0) for message in messages}
        return {
            **limits.refused(messages, surveys, now=now),
            **{
                pk: Reason(refused[follow_up], {"follow_up": follow_up})
                for pk, follow_up in asked.items()
                if follow_up in refused
            },
            **closed(messages),
        }

    def prepare(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, MailContext]:
        answers = _answers(messages)
        found = contexts(messages, _invited(messages, answers, now))
        days = {message.pk: _day(answers, message) for message in messages}
        languages = {message.pk: message.language for message in messages}
        return {
            pk: replace(
                context, footer_reason=_reason(days[pk], languages[pk] or _shops())
            )
            for pk, context in found.items()
        }

    def sample_with(
        self, questionnaire: Questionnaire, language: str, now: datetime
    ) -> MailContext:
        context = super().sample_with(questionnaire, language, now)
        return replace(context, footer_reason=_reason(now.date(), language))

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        answers = _answers(messages)
        return {message.pk: _explained(_day(answers, message)) for message in messages}


def _answers(messages: Sequence[Message]) -> dict[int, Response]:
    rows = Response.objects.select_related("invitation")
    return rows.in_bulk({message.why.get("response", 0) for message in messages})


def _day(answers: dict[int, Response], message: Message) -> date | None:
    answer = answers.get(message.why.get("response", 0))
    return crm.business().day(answer.first_at) if answer else None


def _invited(
    messages: Sequence[Message], answers: dict[int, Response], now: datetime
) -> dict[int, Invitation]:
    """An invitation for each message, about the order that the answer was about."""
    groups: dict[int, list[Message]] = defaultdict(list)
    orders: dict[int, int] = {}
    for message in messages:
        groups[message.why.get("survey", 0)].append(message)
        answer = answers.get(message.why.get("response", 0))
        if answer and answer.invitation and answer.invitation.order_id:
            orders[message.pk] = answer.invitation.order_id
    found: dict[int, Invitation] = {}
    for pk, survey in Survey.objects.in_bulk(groups).items():
        found |= invitations.invite(survey, messages=groups[pk], orders=orders, now=now)
    return found


def _shops() -> str:
    return crm.business().language


def _reason(day: date | None, language: str) -> str:
    with translation.override(language):
        if day is None:
            return _("You got this because you are our customer.")
        return _("You got this because you answered a survey of ours on %(day)s.") % {
            "day": formats.full_day(day)
        }


def _explained(day: date | None) -> str:
    if day is None:
        return _("A follow-up on their answer was closed")
    return _("The follow-up on their answer of %(day)s was closed") % {
        "day": formats.day(day)
    }
