"""Which answers a page is about: of a segment's members now, or of one group."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from psycopg.sql import SQL, Composable

from crm import segment_people
from crm.models import Segment
from surveys.choices import CountedBy
from surveys.models import Answer, Response
from surveys.rules.questionnaire import Scale
from surveys.selectors.confidence import Confidence
from surveys.sql import trend as sql
from web.composed_sql import subquery
from web.rules.numbers import whole_number

# A number, a name and a value, each as long as a link may have it.
_LONGEST_LINK = 120
_COLUMNS = {
    CountedBy.COUNTRY: "country",
    CountedBy.LANGUAGE: "language",
    CountedBy.OWNER: "owner",
    CountedBy.VERSION: "survey_version",
}


@dataclass(frozen=True)
class CameBy:
    """A link that everybody may open, and what its address carried besides: till=2. No
    name: whatever it holds."""

    link: int
    name: str = ""
    value: str = ""

    def __str__(self) -> str:
        """As the address of a page holds it: 12, or 12:till=2."""
        told = f":{self.name}={self.value}" if self.name else ""
        return f"{self.link}{told}"

    @property
    def told(self) -> Mapping[str, str]:
        """As the answers hold it."""
        return {self.name: self.value} if self.name else {}

    def among(self, rows: "QuerySet[Response]") -> "QuerySet[Response]":
        """Those of these answers."""
        return rows.filter(link=self.link, declared__contains=self.told)


@dataclass(frozen=True)
class Narrowing:
    """Everybody where nothing is set. `is_one`: of one value of `by`, which may be
    empty: of those whose country is not known. `by_segment`: segments stand beside each
    other, by which nothing is summed up.

    Without what was answered in confidence, for whoever may not know whose it is, where
    it is of a segment or of groups: any of them may be one person. Single answers are
    left out where `confidence` is COUNTED.
    """

    segment: Segment | None = None
    came_by: CameBy | None = None
    by: CountedBy = CountedBy.ALL
    value: str = ""
    is_one: bool = False
    by_segment: bool = False
    confidence: Confidence = Confidence.BY_NAME

    @property
    def is_everybody(self) -> bool:
        """Whether nothing is set."""
        return not (self.segment or self.came_by or self.is_one)

    @property
    def leaves_out_confidential(self) -> bool:
        """Whether answers in confidence are in no figure."""
        by_group = self.by is not CountedBy.ALL or self.by_segment
        is_narrow = self.segment is not None or by_group
        return is_narrow and self.confidence is not Confidence.BY_NAME

    @property
    def lists_confidential(self) -> bool:
        """Whether answers in confidence stand in a list of single ones."""
        is_told = self.confidence is not Confidence.COUNTED
        return is_told and not self.leaves_out_confidential

    def who(self, *, today: date) -> Composable | None:
        """A condition on the response `r`; None: everybody."""
        parts: list[Composable] = []
        if self.segment:
            people = segment_people.compiled(self.segment, today=today)
            parts.append(sql.of_people(people))
        if self.leaves_out_confidential:
            parts.append(sql.WITHOUT_CONFIDENTIAL)
        if self.came_by:
            parts.append(sql.of_link(self.came_by.link, self.came_by.told))
        if self.is_one:
            parts.append(sql.of_value(self.by, self.value))
        return SQL(" AND ").join(parts) if parts else None

    def among(self, rows: "QuerySet[Response]", *, today: date) -> "QuerySet[Response]":
        """Those of these answers that may be seen one by one."""
        if self.segment:
            people = segment_people.compiled(self.segment, today=today)
            rows = rows.filter(customer__in=subquery(people))
        if not self.lists_confidential:
            rows = rows.filter(is_confidential=False)
        if self.came_by:
            rows = self.came_by.among(rows)
        return rows.filter(self._one()) if self.is_one else rows

    def _one(self) -> Q:
        if self.by is CountedBy.PRODUCT:
            return Q(product_ids__contains=[whole_number(self.value) or -1])
        column = _COLUMNS[self.by]
        if self.by in (CountedBy.COUNTRY, CountedBy.LANGUAGE):
            return Q(**{column: self.value})
        return Q(**{column: whole_number(self.value)})

    @property
    def query(self) -> Mapping[str, str]:
        """As the address of a page holds it."""
        found = {"segment": str(self.segment.pk)} if self.segment else {}
        if self.came_by:
            found["link"] = str(self.came_by)
        if self.by_segment or self.by is not CountedBy.ALL:
            found["by"] = "segment" if self.by_segment else self.by.value
        return found | {"value": self.value} if self.is_one else found


def narrowing(
    asked: Mapping[str, str], *, confidence: Confidence = Confidence.BY_NAME
) -> Narrowing:
    """As an address asks for it; what makes no sense is everybody."""
    by = asked.get("by", "")
    pk = whole_number(asked.get("segment", ""))
    return Narrowing(
        segment=Segment.objects.filter(pk=pk).first() if pk else None,
        came_by=came_by(asked.get("link", "")),
        by=CountedBy(by) if by in set(CountedBy) else CountedBy.ALL,
        value=_word(asked, "value"),
        is_one="value" in asked and by in set(CountedBy) - {CountedBy.ALL},
        by_segment=by == "segment",
        confidence=confidence,
    )


def came_by(asked: str) -> CameBy | None:
    """As an address asks for it: 12, or 12:till=2."""
    link, _, told = asked.replace("\0", "")[:_LONGEST_LINK].partition(":")
    name, _, value = told.partition("=")
    pk = whole_number(link)
    return CameBy(pk, name, value) if pk else None


@dataclass(frozen=True)
class AnswersTo:
    """A list of answers: of some people, to a further question, with one choice or
    number of it; empty: whatever it was. `is_apart`: those from 1 to 10, which are
    among no others."""

    people: Narrowing
    today: date
    question: str = ""
    choice: str = ""
    is_apart: bool = False

    def among(self, rows: "QuerySet[Response]") -> "QuerySet[Response]":
        """Those of these answers."""
        ten = Q(scale=Scale.TEN.value)
        rows = rows.filter(ten if self.is_apart else ~ten)
        rows = self.people.among(rows, today=self.today)
        if not self.question:
            return rows
        told = Q(question=self.question)
        if self.choice:
            chosen = Q(choices__contains=[self.choice])
            number = whole_number(self.choice, most=10)
            told &= chosen if number is None else chosen | Q(number=number)
        return rows.filter(pk__in=Answer.objects.filter(told).values("response"))

    @property
    def query(self) -> Mapping[str, str]:
        """As the address of a page holds it."""
        told = {
            "question": self.question,
            "choice": self.choice,
            "scale": Scale.TEN.value if self.is_apart else "",
        }
        return {**self.people.query, **{name: one for name, one in told.items() if one}}


def answers_to(
    asked: Mapping[str, str], *, today: date, confidence: Confidence
) -> AnswersTo:
    """As an address asks for it."""
    question, choice = _word(asked, "question"), _word(asked, "choice")
    people = narrowing(asked, confidence=confidence)
    is_apart = asked.get("scale") == Scale.TEN.value
    return AnswersTo(people, today, question, choice, is_apart)


def _word(asked: Mapping[str, str], name: str) -> str:
    """Of an address, which may hold anything: PostgreSQL takes no NUL."""
    return asked.get(name, "").replace("\0", "")[:40]
