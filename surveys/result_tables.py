"""Rows of the results page, for the page and for files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from surveys import result_words as said
from surveys.rules import Enough
from surveys.rules.scales import Result
from surveys.selectors.further import Bar, FurtherQuestion, Words
from surveys.selectors.narrowing import Narrowing
from surveys.selectors.results import Results
from web.tables import Line, cell

COLUMNS = (
    *("part", "name", "from", "to", "answers", "value", "low", "high", "unit"),
    *("enough", "movement"),
)
_UNITS = {"nps": "points", "csat": "percent", "ces": "mean"}


@dataclass(frozen=True)
class GroupRow:
    """One group in the table of results."""

    name: str
    result: Result
    moved: str
    url: str
    answers_url: str


@dataclass(frozen=True)
class BarRow:
    """`share` and `doubt` in words; `percent` is how long the bar is."""

    name: str
    count: int
    share: str
    doubt: str
    percent: int
    url: str


@dataclass(frozen=True)
class FurtherRows:
    """The answers to one further question."""

    title: str
    answers: int
    url: str
    bars: list[BarRow]
    words: list[Words]


def groups(found: Results, url: str, narrowed: Narrowing) -> list[GroupRow]:
    """A row for each value, with the address of its own page and of its answers."""
    if found.group_days is None:
        return []
    first, last = found.group_days
    days = urlencode({"from": first.isoformat(), "to": last.isoformat()})
    asked = urlencode({**narrowed.query, "by": found.by.value})
    moves = said.group_moves()
    rows = []
    for one in found.groups:
        query = f"?{asked}&{urlencode({'value': one.value})}"
        name = said.group(found.by, one.value, one.name)
        moved = moves[found.group_moved[one.value]]
        answers_url = f"{url}{query}&{days}"
        rows.append(GroupRow(name, one.result, moved, query, answers_url))
    return rows


def further(
    found: Results, url: str, query: Mapping[str, str], language: str
) -> list[FurtherRows]:
    """The other questions, in their order."""
    return [
        FurtherRows(
            said.question(one.question, language),
            one.answers,
            link_of(url, {**query, "question": one.question.key}),
            [_bar(one, bar, url, query, language) for bar in one.bars],
            one.words,
        )
        for one in found.further
    ]


def _bar(
    one: FurtherQuestion, bar: Bar, url: str, query: Mapping[str, str], language: str
) -> BarRow:
    asked = {**query, "question": one.question.key, "choice": bar.key}
    return BarRow(
        said.choice(one.question, bar.key, language),
        bar.count,
        said.share(bar.count, bar.base),
        said.share_doubt(bar),
        round(100 * bar.count / bar.base),
        link_of(url, asked),
    )


def link_of(url: str, query: Mapping[str, str]) -> str:
    """To the answers that a query asks for."""
    return f"{url}?{urlencode(query)}"


def rows(found: Results, language: str) -> list[Line]:
    """All that the page shows, as lines of a file."""
    return [[cell(one) for one in line] for line in _lines(found, language)]


def _lines(found: Results, language: str) -> Iterator[Sequence[object]]:
    first, last = found.days
    unit = _UNITS[found.scale] if found.scale else ""
    yield ("score", "", first, last, *_result(found.result, unit), found.moved)
    beside = found.beside
    for name, number in vars(beside).items():
        yield ("beside", name, first, last, number, "", "", "", "", "", "")
    if found.asked:
        yield ("asked", "", "", last, found.asked.asked, *[""] * 6)
        yield ("answered", "", "", last, found.asked.answered, *[""] * 6)
    for score, answers in found.counts.items():
        yield ("answers by score", score, first, last, answers, *[""] * 6)
    for span in found.trend:
        name = found.unit.value
        yield ("trend", name, *span.days, *_result(span.result, unit), "")
    for group in found.groups:
        assert found.group_days
        name = said.group(found.by, group.value, group.name)
        moved = found.group_moved[group.value]
        result = _result(group.result, unit)
        yield (found.by.value, name, *found.group_days, *result, moved)
    for one in found.further:
        title = said.question(one.question, language)
        yield (title, "", first, last, one.answers, *[""] * 6)
        for bar in one.bars:
            yield (title, *_choice(one, bar, language, first, last))


def _choice(
    one: FurtherQuestion, bar: Bar, language: str, first: object, last: object
) -> Sequence[object]:
    name = said.choice(one.question, bar.key, language)
    if bar.base < 30:
        return (name, first, last, bar.count, "", "", "", "", Enough.NOT_YET, "")
    low, high = (100 * end for end in bar.interval)
    value = 100 * bar.count / bar.base
    return (name, first, last, bar.count, value, low, high, "percent", Enough.FULL, "")


def _result(result: Result | None, unit: str) -> Sequence[object]:
    """Answers, value, low, high, unit and how far they allow a conclusion."""
    if result is None:
        return (0, "", "", "", unit, Enough.NOT_YET)
    if result.enough is Enough.NOT_YET:
        return (result.n, "", "", "", unit, result.enough)
    value = result.exact if result.enough is Enough.FULL else ""
    return (result.n, value, result.low, result.high, unit, result.enough)
