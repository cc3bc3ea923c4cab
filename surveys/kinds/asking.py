"""What the kinds that ask share: the survey behind them, and who is still asked."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from crm import selectors as crm
from crm.rules import dates
from messaging.kinds import (
    Due,
    Kind,
    MailContext,
    Reason,
    Wait,
    Window,
)
from messaging.models import Automation, Message
from messaging.rules.choices import Category
from surveys import mail_samples
from surveys.choices import InvitationState, SurveyState
from surveys.forms.asking import SurveyChoiceForm
from surveys.kinds.mails import contexts
from surveys.models import Asking, Invitation, Survey
from surveys.rules import questionnaire as q
from surveys.rules.questionnaire import Questionnaire
from surveys.services import invitations, limits
from surveys.services.versions import questionnaire_of

CLOSED = {
    InvitationState.ANSWERED.value: "already_answered",
    InvitationState.DECLINED.value: "invitation_declined",
    InvitationState.REVOKED.value: "invitation_revoked",
    InvitationState.EXPIRED.value: "invitation_expired",
}


class AsksForScore(Kind):
    """A mail that asks for an answer to a survey."""

    category: ClassVar[Category] = Category.SURVEY

    def refresh(self, automation: Automation, now: datetime) -> None:
        invitations.expire(now=now)

    def sample(self, language: str, now: datetime) -> MailContext:
        return self.sample_with(q.NPS, language, now)

    def sample_of(
        self, automation: Automation, language: str, now: datetime
    ) -> MailContext:
        return self.sample_with(self._questions(automation), language, now)

    def sample_with(
        self, questionnaire: Questionnaire, language: str, now: datetime
    ) -> MailContext:
        """The sample of a mail that asks these questions."""
        return mail_samples.sample(questionnaire, language=language, now=now)

    def survey_shown(self, automation: Automation) -> Survey | None:
        """Of which survey the sample is; None: of a plain recommendation score."""
        return asked_first()

    def _questions(self, automation: Automation) -> Questionnaire:
        survey = self.survey_shown(automation)
        version_id = survey.live_version_id if survey else None
        return questionnaire_of(version_id) if version_id else q.NPS


class TakesPlaces(AsksForScore):
    """A first question, which takes one of the places that its survey has a month."""

    def put_off(self, messages: Sequence[Message], now: datetime) -> dict[int, Wait]:
        return limits.put_off(messages, _asked_in(messages), now=now)


class AsksSurvey(TakesPlaces):
    """The first mail of a survey: staff choose which one on the page of the automation,
    and what limits it has holds for all that ask it."""

    occurs_per_automation = True
    priority = 60
    life_days = 10
    send_hour = 10
    params_form = SurveyChoiceForm

    @abstractmethod
    def asked(
        self, automation: Automation, window: Window, now: datetime
    ) -> QuerySet[Any, Any] | Due:
        """Whose turn it is; see `Kind.due`."""

    def due(
        self, automation: Automation, window: Window, now: datetime
    ) -> QuerySet[Any, Any] | Due:
        """No one once the survey is over: else each would get a row that says so."""
        survey = asking_of(automation).survey_id
        if limits.over([survey], now=now):
            return Asking.objects.none()
        return self.asked(automation, window, now)

    def due_ahead(
        self, automation: Automation, window: Window, now: datetime
    ) -> QuerySet[Any, Any] | Due:
        """Also then, so that the forecast says why."""
        return self.asked(automation, window, now)

    def refused_ahead(self, automation: Automation, now: datetime) -> Due | None:
        return limits.refused_ahead(automation, now=now)

    def apart_ahead(self, automation: Automation, now: datetime) -> Due | None:
        return limits.apart_ahead(automation, now=now)

    def put_off_ahead(self, automation: Automation, now: datetime) -> Due | None:
        return limits.put_off_ahead(automation, now=now)

    def changed(self, messages: Sequence[Message], now: datetime) -> dict[int, Reason]:
        """What is no longer as it was when the mail was planned."""
        return {}

    def no_longer_due(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, Reason]:
        return {
            **limits.refused(messages, _surveys_of(messages), now=now),
            **self.changed(messages, now),
            **closed(messages),
        }

    def prepare(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, MailContext]:
        return self.asking(messages, invited(messages, orders={}, now=now))

    def asking(
        self, messages: Sequence[Message], asked: Mapping[int, Invitation]
    ) -> dict[int, MailContext]:
        """What the mails of these invitations need."""
        return contexts(messages, asked, self.words_for)

    def words_for(self, survey_kind: str) -> Mapping[str, Promise]:
        """Texts instead of the defaults of its wording, for a survey of this kind."""
        return {}

    def words_of(self, automation: Automation) -> Mapping[str, Promise]:
        return self.words_for(survey_of(automation).kind)

    def survey_shown(self, automation: Automation) -> Survey | None:
        return survey_of(automation)

    def params_in_words(self, automation: Automation) -> str:
        return _("the survey “%(name)s”") % {"name": survey_of(automation).name}


def asking_of(automation: Automation) -> Asking:
    """In which rhythm this automation asks, and what."""
    return Asking.objects.select_related("survey").get(automation=automation)


def shop_zone() -> ZoneInfo:
    """By whose clock days begin that are no customer's."""
    return dates.zone_of(crm.business().time_zone, "UTC")


def survey_of(automation: Automation) -> Survey:
    """The survey that an automation asks."""
    return asking_of(automation).survey


def asked_first(**only: object) -> Survey | None:
    """Of the surveys that automations ask now, that of the one which goes first; `only`
    those surveys. It stands for all of which a mail may be."""
    rows = Survey.objects.filter(
        state=SurveyState.LIVE.value, archived_at=None, askings__automation__is_on=True
    )
    order = ("askings__automation__priority", "askings__automation", "id")
    return rows.filter(**only).order_by(*order).first()


def askings_of(messages: Sequence[Message]) -> dict[int, Asking]:
    """Message id to the asking of its automation."""
    asking = {message.automation_id for message in messages}
    found = {
        row.automation_id: row
        for row in Asking.objects.select_related("automation", "survey").filter(
            automation__in=asking - {None}
        )
    }
    return {
        message.pk: found[message.automation_id]
        for message in messages
        if message.automation_id in found
    }


def _surveys_of(messages: Sequence[Message]) -> dict[int, int]:
    return {pk: asking.survey_id for pk, asking in askings_of(messages).items()}


def _asked_in(messages: Sequence[Message]) -> dict[int, Survey]:
    """Message id to its survey: that of its automation, or the one it names itself."""
    found = {pk: asking.survey for pk, asking in askings_of(messages).items()}
    named = {one.pk: one.why.get("survey") for one in messages if one.pk not in found}
    surveys = Survey.objects.in_bulk(set(named.values()) - {None}) if named else {}
    return found | {
        pk: surveys[survey] for pk, survey in named.items() if survey in surveys
    }


def invited(
    messages: Sequence[Message], *, orders: Mapping[int, int], now: datetime
) -> dict[int, Invitation]:
    """An invitation for each message, by message id, in the survey of its automation.
    `orders` names the order that a message asks about."""
    askings = askings_of(messages)
    found: dict[int, Invitation] = {}
    for asking in {one.pk: one for one in askings.values()}.values():
        group = [one for one in messages if askings.get(one.pk) == asking]
        found |= invitations.invite(
            asking.survey, asking=asking, messages=group, orders=orders, now=now
        )
    return found


def closed(messages: Sequence[Message]) -> dict[int, Reason]:
    """Messages whose invitation cannot be answered any more, by message id."""
    rows = Invitation.objects.filter(
        message__in=messages, state__in=CLOSED
    ).values_list("message_id", "id", "state")
    return {
        message_id: Reason(CLOSED[state], {"invitation": pk})
        for message_id, pk, state in rows
        if message_id is not None
    }
