"""A score over time and by group: SQL counts, rules give the meaning."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from crm.models import Product, User
from surveys import rules
from surveys.choices import CountedBy
from surveys.models import SurveyVersion
from surveys.rules import Enough
from surveys.rules.scales import Result, result_of
from surveys.rules.spans import Days
from surveys.selectors import spreads
from surveys.selectors.counts import Counts, Reader, added_up
from web.rules.movement import Change, change
from web.rules.numbers import whole_number

UNKNOWN = Change(0.0, None)
# Of very many answers the doubt is worked out by a task, not by a page.
AWAITED = Change(0.0, None, is_awaited=True)


@dataclass(frozen=True)
class ScoreSpan:
    """The score of the days from `first` to `last`; no result: nobody answered."""

    first: date
    last: date
    result: Result | None
    is_over: bool
    counts: Counts = field(default_factory=dict, hash=False)

    @property
    def has_score(self) -> bool:
        """Whether there are enough answers for a score."""
        return self.result is not None and self.result.enough is Enough.FULL

    @property
    def days(self) -> Days:
        """Its first and last day."""
        return self.first, self.last


@dataclass(frozen=True)
class GroupScore:
    """The score of those of one country, language, owner, version or product; its name
    is empty where it has none."""

    value: str
    name: str
    counts: Counts
    result: Result
    change: Change = UNKNOWN


def spans(reader: Reader, days: Sequence[Days], *, today: date) -> list[ScoreSpan]:
    """The score of each span of days of the shop, in their order."""
    return reader.once(("scores", *days, today), lambda: _spans(reader, days, today))


def _spans(reader: Reader, days: Sequence[Days], today: date) -> list[ScoreSpan]:
    return [
        ScoreSpan(first, last, result_of(reader.scored, counts), last < today, counts)
        for (first, last), counts in zip(days, reader.by_span(days), strict=True)
    ]


def span_change(reader: Reader, before: ScoreSpan, after: ScoreSpan) -> Change:
    """How far the score moved from a span to the next one; unknown where either has too
    few answers or is not over, awaited where its doubt is not worked out yet."""
    if not _may_be_compared(before, after):
        return UNKNOWN
    variance = span_variance(reader, before, after)
    if variance is None:
        return AWAITED
    assert before.result is not None
    assert after.result is not None
    return change(after.result.exact - before.result.exact, variance)


def span_variance(reader: Reader, before: ScoreSpan, after: ScoreSpan) -> float | None:
    """Of the difference of a score between a span and a later one, with who answered in
    both as one cluster; None where that is unknown."""
    if not _may_be_compared(before, after):
        return None
    assert before.result is not None
    assert after.result is not None
    found = spreads.sums(
        reader,
        CountedBy.ALL,
        before.days,
        after.days,
        answers=before.result.n + after.result.n,
    )
    people = found.get("")
    if people is None:
        return None
    return rules.variance_of_change(before.result, after.result, people)


def _may_be_compared(before: ScoreSpan, after: ScoreSpan) -> bool:
    return before.has_score and after.has_score and after.is_over


def by_group(
    reader: Reader, by: CountedBy, shown: Days, compared: tuple[Days, Days]
) -> list[GroupScore]:
    """The score of each value of a group in whole months, those of most answers first,
    and how it moved between two neighbouring spans of whole months."""
    days = [shown, *compared]
    values, answers = reader.once(
        ("values", by, *days), lambda: _by_value(reader, by, days)
    )
    sums = spreads.sums(reader, by, *compared, answers=answers)
    names = names_of(by, [one.value for one in values])
    found = [
        GroupScore(
            one.value,
            names.get(one.value, ""),
            one.counts,
            one.result,
            _change(one.before, one.after, sums.get(one.value)),
        )
        for one in values
    ]
    return sorted(found, key=lambda one: (-one.result.n, one.name, one.value))


def _by_value(
    reader: Reader, by: CountedBy, days: Sequence[Days]
) -> tuple[list["_Value"], int]:
    """Those that have answers, and how many there are in the spans compared."""
    counted, before, after = reader.by_value(by, days)
    scale, found = reader.scored, []
    for value, counts in counted.items():
        result = result_of(scale, counts)
        if result is not None:
            was = result_of(scale, before.get(value, {}))
            later = result_of(scale, after.get(value, {}))
            found.append(_Value(value, counts, result, was, later))
    return found, sum(_answers(one) for one in (*before.values(), *after.values()))


@dataclass(frozen=True)
class _Value:
    value: str
    counts: Counts
    result: Result
    before: Result | None
    after: Result | None


def of_groups(
    reader: Reader, by: CountedBy, days: Sequence[Days], *, today: date, most: int
) -> Mapping[str, list[ScoreSpan]]:
    """The score of each span of whole months, which may overlap, of those values of a
    group that have most answers in all of them."""
    whole = min(first for first, _ in days), max(last for _, last in days)
    found = reader.by_month(by, whole, most)
    return {
        value: [
            _of_months(reader, span, months, is_over=span[1] < today) for span in days
        ]
        for value, months in found.items()
    }


def _of_months(
    reader: Reader, span: Days, months: Mapping[date, Counts], *, is_over: bool
) -> ScoreSpan:
    counts = added_up(
        [scores for month, scores in months.items() if span[0] <= month <= span[1]]
    )
    return ScoreSpan(*span, result_of(reader.scored, counts), is_over, counts)


def names_of(by: CountedBy, values: Collection[str]) -> Mapping[str, str]:
    """What stands for a value on a page; countries and languages are their codes."""
    ids = [pk for value in values if (pk := whole_number(value))]
    if not ids and by in (CountedBy.PRODUCT, CountedBy.OWNER, CountedBy.VERSION):
        return {}
    if by is CountedBy.PRODUCT:
        products = Product.objects.filter(pk__in=ids)
        return {str(pk): name for pk, name in products.values_list("pk", "name")}
    if by is CountedBy.OWNER:
        users = User.objects.filter(pk__in=ids)
        return {str(pk): name for pk, name in users.values_list("pk", "name")}
    if by is CountedBy.VERSION:
        versions = SurveyVersion.objects.filter(pk__in=ids)
        return {str(pk): str(no) for pk, no in versions.values_list("pk", "number")}
    return {value: value for value in values}


def _change(
    before: Result | None, after: Result | None, sums: rules.PersonSums | None
) -> Change:
    if before is None or after is None:
        return UNKNOWN
    if {before.enough, after.enough} != {Enough.FULL}:
        return UNKNOWN
    if sums is None:
        return AWAITED
    moved = after.exact - before.exact
    return change(moved, rules.variance_of_change(before, after, sums))


def _answers(counts: Counts) -> int:
    return sum(counts.values())
