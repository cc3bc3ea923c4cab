"""The recommendation score by group: countries, languages, products and segments."""

from dataclasses import dataclass, replace

from crm.models import Segment
from insights.selectors.asked import SEGMENT
from insights.selectors.scores_asked import ScoresAsked
from surveys import result_words
from surveys.choices import CountedBy
from surveys.models import Survey
from surveys.rules import spans
from surveys.rules.spans import Days
from surveys.selectors import trend
from surveys.selectors.kept_counts import Book
from surveys.selectors.trend import GroupScore, ScoreSpan

# So many are drawn; segments are counted one by one, each when it is asked for.
MOST_DRAWN, MOST_SEGMENTS = 8, 6


@dataclass(frozen=True)
class GroupTrend:
    """What a group is called, its score of the last 12 months and how it moved, and its
    spans where they are drawn."""

    name: str
    score: GroupScore
    spans: list[ScoreSpan]


def year(asked: ScoresAsked) -> Days:
    """The last 12 months, this one among them."""
    return spans.months(spans.add_months(asked.today.replace(day=1), -11), 12)


def by_group(
    survey: Survey, asked: ScoresAsked, secret: set[int], *, book: Book
) -> list[GroupTrend]:
    """The groups of most answers within 12 months first; none where all are asked for.
    `secret`: as the readers of `asked` take it."""
    if asked.by == CountedBy.ALL:
        return []
    days = spans.of_whole_months(asked.unit, asked.today)
    if asked.by == SEGMENT:
        return _segments(survey, asked, secret, days)
    by, reader = CountedBy(asked.by), asked.reader(survey, secret, book=book)
    compared = spans.compared_months(asked.today, 3)
    drawn = trend.of_groups(reader, by, days, today=asked.today, most=MOST_DRAWN)
    return [
        GroupTrend(
            result_words.group(by, one.value, one.name), one, drawn.get(one.value, [])
        )
        for one in trend.by_group(reader, by, year(asked), compared)
    ]


def _segments(
    survey: Survey, asked: ScoresAsked, secret: set[int], days: list[Days]
) -> list[GroupTrend]:
    """The first by name, of their members now, also beside a segment that is asked
    for."""
    found = []
    # One statement each: who is in a segment is asked once for all of its spans.
    counted = [*days, year(asked), *spans.compared_months(asked.today, 3)]
    for segment in Segment.objects.order_by("name")[:MOST_SEGMENTS]:
        of = replace(asked, by=CountedBy.ALL.value, segment=segment)
        members = of.reader(survey, secret, book=Book())
        *drawn, whole, before, after = trend.spans(members, counted, today=asked.today)
        if whole.result is None:
            continue
        change = trend.span_change(members, before, after)
        score = GroupScore(
            str(segment.pk), segment.name, whole.counts, whole.result, change
        )
        found.append(GroupTrend(segment.name, score, drawn))
    return sorted(found, key=lambda one: (-one.score.result.n, one.name))
