"""The week's answers, to colleagues who want to read of them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from crm import selectors as crm
from crm.models import Business
from messaging.kinds import DirectKind, MailContext, Reason
from messaging.models import Message
from messaging.rendering import language_of
from messaging.rules.choices import OnUncertain
from surveys import words
from surveys.models import Survey
from surveys.rules import nps_of_counts
from surveys.selectors import digest as selectors
from surveys.selectors.digest import DigestRow
from surveys.services import digest


class SurveyDigest(DirectKind):
    """See surveys/services/digest.py."""

    name = digest.KIND
    label = _("The week’s answers")
    summary = _("Tells the team on Monday what was answered in the week before.")
    template = "emails/surveys/digest"
    priority = 60
    life = timedelta(days=2)
    on_uncertain = OnUncertain.RESEND

    def no_longer_due(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, Reason]:
        """Whoever said no meanwhile."""
        return {
            message.pk: Reason("digest_not_wanted")
            for message in messages
            if message.user is None or not digest.wants(message.user)
        }

    def prepare(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, MailContext]:
        shop, found = crm.business(), {}
        for message in messages:
            with override(language_of(message, shop)):
                monday = date.fromisoformat(message.why["monday"])
                found[message.pk] = _context(selectors.rows(monday, now=now), shop)
        return found

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        said = gettext("They want to read each Monday what was answered")
        return {message.pk: said for message in messages}

    def sample(self, language: str, now: datetime) -> MailContext:
        nps = nps_of_counts({10: 40, 8: 12, 3: 9})
        row = DigestRow(Survey(pk=1, name="Relationship"), 12, 2, 5, nps)
        with override(language):
            return _context([row], crm.business())


def _context(rows: Sequence[DigestRow], shop: Business) -> MailContext:
    """In the language that is active."""
    base = shop.public_url.rstrip("/")
    return MailContext(
        values={
            "answers": sum(row.answers for row in rows),
            "rows": [
                {
                    "survey": row.survey.name,
                    "counts": words.week_of_answers(row),
                    "score": words.score(row.nps),
                    "url": base + reverse("surveys:survey", args=[row.survey.pk]),
                }
                for row in rows
            ],
            "choose_url": base + reverse("surveys:survey-list") + "#digest",
        },
        footer_reason=gettext(
            "You get this mail on Mondays because you work at %(shop)s. You can stop "
            "it on the page of surveys."
        )
        % {"shop": shop.name},
    )
