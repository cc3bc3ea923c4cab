"""Which answers recommendation scores are asked of, and where these are listed."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.http import urlencode

from crm.models import Segment
from insights.selectors.asked import SEGMENT
from surveys.choices import CountedBy
from surveys.models import Survey
from surveys.rules.questionnaire import Scale
from surveys.rules.spans import Days
from surveys.rules.spans import Unit as Span
from surveys.selectors.confidence import Confidence, promised
from surveys.selectors.counts import Reader
from surveys.selectors.kept_counts import Book
from surveys.selectors.narrowing import Narrowing

UNITS = (Span.MONTH, Span.QUARTER, Span.ROLLING)
GROUPS = (
    CountedBy.COUNTRY.value,
    CountedBy.LANGUAGE.value,
    CountedBy.PRODUCT.value,
    SEGMENT,
)


@dataclass(frozen=True)
class ScoresAsked:
    """What a page of scores is asked for: `by`: one of GROUPS, or all; `segment`: of
    its members now. Either may be one person: not `sees_confidential` leaves out there
    what was answered in confidence, of surveys that promised it."""

    unit: Span
    today: date
    zone: ZoneInfo
    by: str = CountedBy.ALL.value
    segment: Segment | None = None
    sees_confidential: bool = True

    @property
    def leaves_out(self) -> bool:
        """Whether answers in confidence are in no figure."""
        is_narrow = self.segment is not None or self.by != CountedBy.ALL
        return is_narrow and not self.sees_confidential

    @property
    def secret(self) -> set[int]:
        """The ids of surveys of which answers in confidence are left out."""
        return promised() if self.leaves_out else set()

    def reader(self, survey: Survey, secret: set[int], *, book: Book) -> Reader:
        """The answers that are asked for; `secret`: as above, once for all surveys."""
        is_secret = survey.pk in secret
        by_segment = self.by == SEGMENT
        narrowed = Narrowing(
            segment=self.segment,
            by=CountedBy.ALL if by_segment else CountedBy(self.by),
            by_segment=by_segment,
            confidence=Confidence.NAMELESS if is_secret else Confidence.BY_NAME,
        )
        who = narrowed.who(today=self.today)
        return Reader(survey.pk, Scale.NPS, self.zone, who, book=book)

    def answers_url(self, survey: Survey, days: Days, value: str | None = None) -> str:
        """The list of answers from these days, of one value of the group."""
        named = {"from": days[0].isoformat(), "to": days[1].isoformat()}
        if self.segment:
            named["segment"] = str(self.segment.pk)
        if self.by != CountedBy.ALL:
            named["by"] = self.by
        if value is not None:
            named["segment" if self.by == SEGMENT else "value"] = value
        page = reverse("surveys:survey-answers", args=[survey.pk])
        return f"{page}?{urlencode(named)}"
