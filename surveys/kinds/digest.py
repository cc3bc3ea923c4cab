"""The week's answers, to colleagues who want to read of them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from crm import selectors as crm
from crm.models import Business
from messaging.kinds import DirectKind, MailContext, Reason
from messaging.models import Message
from messaging.rendering import language_of
from messaging.rules.choices import OnUncertain
from surveys import digest_words as words
from surveys.models import Survey
from surveys.rules import nps_of_counts
from surveys.rules.questionnaire import Scale, low_scores
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
        """Colleagues who switched it off meanwhile."""
        return {
            message.pk: Reason("digest_not_wanted")
            for message in messages
            if message.user is None or not digest.wants(message.user)
        }

    def prepare(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, MailContext]:
        shop, found = crm.business(), {}
        weeks = {message.why["monday"] for message in messages}
        rows = {
            monday: selectors.rows(date.fromisoformat(monday), now=now)
            for monday in weeks
        }
        for message in messages:
            with override(language_of(message, shop)):
                found[message.pk] = _context(rows[message.why["monday"]], shop)
        return found

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        said = gettext("They want to read each Monday what was answered")
        return {message.pk: said for message in messages}

    def sample(self, language: str, now: datetime) -> MailContext:
        row = DigestRow(
            Survey(pk=1, name="Relationship"),
            (now.date() - timedelta(days=7), now.date() - timedelta(days=1)),
            answers=12,
            low=2,
            with_words=5,
            scale=Scale.NPS,
            result=nps_of_counts({10: 40, 8: 12, 3: 9}),
            themes=[("Delivery", 3), ("Price", 1)],
        )
        with override(language):
            return _context([row], crm.business())


def _low_answers(row: DigestRow) -> str:
    """Where the low ones of the week are read."""
    scores = low_scores(row.scale) if row.scale else ()
    first, last = row.days
    asked = [
        *(("score", str(score)) for score in scores),
        *(("from", first.isoformat()), ("to", last.isoformat())),
    ]
    path = reverse("surveys:survey-answers", args=[row.survey.pk])
    return f"{path}?{urlencode(asked)}"


def _context(rows: Sequence[DigestRow], shop: Business) -> MailContext:
    """In the language that is active."""
    base = shop.public_url.rstrip("/")
    return MailContext(
        values={
            "answers": sum(row.answers for row in rows),
            "rows": [
                {
                    "survey": row.survey.name,
                    "counts": words.week(row),
                    "score": words.score(row),
                    "themes": words.themes(row),
                    "url": base + reverse("surveys:survey", args=[row.survey.pk]),
                    "low_url": base + _low_answers(row) if row.low else "",
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
