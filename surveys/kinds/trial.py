"""The test of a survey that staff send to themselves."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm import selectors as crm
from crm.models import User
from messaging import kinds
from messaging.kinds import Kind, Letter, LetterKind
from messaging.models import Message
from messaging.rendering import Rendered, sample
from messaging.selectors.step_words import own_texts
from messaging.services.delivery.headers import sender_of
from messaging.services.trial_mails import saved_words
from surveys import mail_samples
from surveys.kinds import wordings
from surveys.models import Survey
from surveys.selectors.editor import editor
from surveys.services import trial_mails

# Whose words it has while no automation asks it.
USUAL = "survey_regularly"


class SurveyTest(LetterKind):
    """The mail of a survey, to the member of staff who tries it."""

    name = trial_mails.KIND
    label = _("Test of a survey")
    summary = _("Shows a member of staff the mail of a survey. No customer gets it.")
    priority = 3
    life = timedelta(hours=1)

    def letters(self, messages: Sequence[Message], now: datetime) -> dict[int, Letter]:
        """Without those whose survey has no question any more."""
        asked = Survey.objects.in_bulk({message.why["survey"] for message in messages})
        found = {}
        for message in messages:
            survey = asked.get(message.why["survey"])
            mail = _mail(survey, message.language, now) if survey else None
            if mail is not None and message.user is not None:
                found[message.pk] = _letter(message, mail, message.user)
        return found

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        words = gettext("They asked for a test of this survey.")
        return {message.pk: words for message in messages}


def _mail(survey: Survey, language: str, now: datetime) -> Rendered | None:
    """As the first automation that asks it writes it, with the questions of its draft.
    None: there is nothing to ask."""
    questionnaire = editor(survey).questionnaire
    if not questionnaire.questions:
        return None
    kind, texts, fields = _words_of(survey, language)
    context = mail_samples.sample(
        questionnaire,
        language=language,
        now=now,
        path=reverse("surveys:survey-trial", args=[survey.pk, language]),
        wording=texts,
    )
    return sample(kind, language, now, fields=fields, context=context)


def _words_of(
    survey: Survey, language: str
) -> tuple[Kind, Mapping[str, Promise], Mapping[str, str]]:
    """A kind, what it says instead of its defaults for this survey, and staff's own
    words in this language."""
    asking = survey.askings.filter(automation__archived_at=None).order_by("id").first()
    if asking is None:
        texts = wordings.instead(survey.kind, wordings.NOW_AND_THEN)
        return kinds.get(USUAL), texts, {}
    step = asking.automation.steps.order_by("position")[0]
    words = {**own_texts(step, language), **saved_words(step, language)}
    return kinds.get(asking.automation.kind), {}, words


def _letter(message: Message, mail: Rendered, to: User) -> Letter:
    business = crm.business()
    sender = sender_of(kinds.get(USUAL).category, business)
    return Letter(
        subject=gettext("[Test] %(subject)s") % {"subject": mail.subject},
        text=mail.text,
        html=mail.html,
        sender=sender,
        sender_name=business.from_name,
        message_id=f"<{message.message_uuid}@{sender.rpartition('@')[2]}>",
        to=((to.name, to.email),),
    )
