"""How many gave which score: from the cells where everybody is asked for, else one by
one. Both say the same."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from psycopg.sql import Composable

from surveys.choices import CountedBy
from surveys.rules.questionnaire import Scale
from surveys.rules.spans import ONE_DAY
from surveys.selectors import kept_counts
from surveys.selectors.kept_counts import Book, book_of
from surveys.selectors.rows import rows_of
from surveys.sql import cells
from surveys.sql import trend as one_by_one

Days = tuple[date, date]
Counts = dict[int, int]
MOST_VALUES = 50
_T = TypeVar("_T")


class Reader:
    """Counts of one survey's answers to its lead question, by days of the shop.

    `who`: a condition on the response; None: everybody. Without a scale: of those that
    gave no score. `book`: where it was read already.
    """

    def __init__(
        self,
        survey_id: int,
        scale: Scale | None,
        zone: ZoneInfo,
        who: Composable | None = None,
        *,
        book: Book | None = None,
    ) -> None:
        self.survey_id, self.scale, self.zone = survey_id, scale, zone
        self._scale = scale.value if scale else ""
        self.who = one_by_one.EVERYBODY if who is None else who
        # What selectors/spreads.py has read for these counts already.
        self.spreads: dict[str, Any] = {}
        # Cells are of everybody, and of days in the zone of their book.
        of_book = book or (book_of(zone) if who is None else Book())
        self.has_cells = who is None and of_book.has_days
        self._state = of_book.state if self.has_cells else None

    @property
    def scored(self) -> Scale:
        """The scale, of those who gave a score."""
        assert self.scale is not None, "A survey without a score has no figure."
        return self.scale

    def once(self, what: Hashable, work: Callable[[], _T]) -> _T:
        """What is worked out of these counts alone: as it was kept while no answer came
        or changed since, where they are of cells. Nobody may change it. `what`: all
        that it depends on besides."""
        return kept_counts.once(self._state, (self.survey_id, self._scale, what), work)

    def by_span(self, days: Sequence[Days]) -> list[Counts]:
        """{score: answers} of each span, in their order. Spans may overlap."""
        if not days:
            return []
        if self.has_cells:
            return self._by_stretch(days)
        found: list[Counts] = [{} for _ in days]
        moments = [moments_of(*span, self.zone) for span in days]
        query = one_by_one.by_span(self.survey_id, self._scale, moments, self.who)
        for at, score, answers in rows_of(query):
            found[at][score] = answers
        return found

    def _by_stretch(self, days: Sequence[Days]) -> list[Counts]:
        """Each day is read once, however many spans it is in."""
        ends = {last + ONE_DAY for _, last in days}
        begins = sorted({first for first, _ in days} | ends)
        place = {begin: at for at, begin in enumerate(begins)}
        stretches: list[Counts] = [{} for _ in begins]
        query = cells.by_stretch(self.survey_id, self._scale, self.zone.key, begins)
        for at, score, answers in rows_of(query):
            stretches[at][score] = answers
        return [
            added_up(stretches[place[first] : place[last + ONE_DAY]])
            for first, last in days
        ]

    def by_value(
        self, by: CountedBy, spans: Sequence[Days]
    ) -> list[Mapping[str, Counts]]:
        """{score: answers} of each span, of those values of a group that have most
        answers in the first one. Of whole months: from the first of one to the last day
        of another; spans may overlap."""
        if self.has_cells:
            query = cells.by_value(
                self.survey_id,
                self._scale,
                self.zone.key,
                by.value,
                [(first, last.replace(day=1)) for first, last in spans],
                MOST_VALUES,
            )
        else:
            moments = [moments_of(*span, self.zone) for span in spans]
            query = one_by_one.by_value(
                self.survey_id, self._scale, moments, by, self.who, MOST_VALUES
            )
        found: list[dict[str, Counts]] = [defaultdict(dict) for _ in spans]
        for value, score, counted in rows_of(query):
            for of_span, answers in zip(found, counted, strict=True):
                if answers:
                    of_span[value][score] = answers
        return [dict(of_span) for of_span in found]

    def by_month(
        self, by: CountedBy, months: Days, most: int
    ) -> Mapping[str, Mapping[date, Counts]]:
        """The same by the first day of each month, of `most` values."""
        if self.has_cells:
            query = cells.by_month(
                self.survey_id,
                self._scale,
                self.zone.key,
                by.value,
                (months[0], months[1].replace(day=1)),
                most,
            )
        else:
            span = moments_of(*months, self.zone)
            query = one_by_one.by_month(
                self.survey_id, self._scale, span, self.zone.key, by, self.who, most
            )
        found: dict[str, dict[date, Counts]] = defaultdict(lambda: defaultdict(dict))
        for value, month, score, answers in rows_of(query):
            found[value][month][score] = answers
        return found

    def by_question(self, days: Days) -> Mapping[str, Mapping[tuple[str, int], int]]:
        """Of each further question: how many gave a choice or a number. Without a
        choice: how many answered it at all."""
        if self.has_cells:
            query = cells.by_question(self.survey_id, self.zone.key, days)
        else:
            span = moments_of(*days, self.zone)
            query = one_by_one.by_question(self.survey_id, span, self.who)
        found: dict[str, dict[tuple[str, int], int]] = defaultdict(dict)
        for question, value, score, answers in rows_of(query):
            found[question][value, score] = answers
        return found


def added_up(counts: Sequence[Counts]) -> Counts:
    """The answers of several spans together."""
    found: Counts = {}
    for scores in counts:
        for score, answers in scores.items():
            found[score] = found.get(score, 0) + answers
    return found


def moments_of(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From midnight of the first day to that after the last one, in the shop's zone."""
    begins = datetime.combine(first, time(), zone)
    return begins, datetime.combine(last + timedelta(days=1), time(), zone)
