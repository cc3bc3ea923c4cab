"""The figures of a programme: for its page, files, the report command and the API."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from insights import programme_words as words
from insights.comparison import Comparison, compare
from insights.figures import Figure, Unit, figure, written
from insights.forms.programmes import CLOSING
from insights.metrics.intervals import mean
from insights.metrics.measures import Measure
from insights.selectors import programmes as selectors
from insights.selectors.programmes import Breakage, Held, Month, Outstanding, Side
from insights.sql.programmes import Span
from loyalty.models import Programme
from web import formats
from web.rules.intervals import Sums


def people_url(programme: Programme, what: str, **more: object) -> str:
    """The address of those behind a figure."""
    query = urlencode({"what": what, **more})
    return f"{reverse('insights:programme-people', args=[programme.pk])}?{query}"


def written_units(programme: Programme, units: Decimal) -> str:
    """In the programme's unit, without its name; of money with its currency."""
    if programme.unit == "money":
        return written(float(units), Unit.MONEY, programme.currency)
    return written(float(units), Unit.UNITS)


def figures(programme: Programme, asked: Span, *, today: date) -> list[Figure]:
    """All of them, each key beginning with that of the programme; `asked`: the days of
    the comparison."""
    sides = selectors.compared(programme, asked)
    found = selectors.outstanding(programme, today=today)
    return [
        *states(programme, found),
        *expiring(programme, found),
        *months(programme, selectors.by_month(programme)),
        *breakages(programme, selectors.breakage(programme)),
        *comparison(programme, asked, sides).figures,
    ]


def states(programme: Programme, found: Outstanding) -> Iterator[Figure]:
    """What is outstanding, pending and missing, in units and in money."""
    for state in ("open", "pending", "over", "owed"):
        held: Held = getattr(found, state)
        if not held.units and state in ("over", "owed"):
            continue
        url = people_url(programme, state)
        name, sentence = str(words.STATES[state]), str(words.SENTENCES[state])
        if held.worth is not None:
            worth = written(float(held.worth), Unit.MONEY, programme.currency)
            sentence = _("%(said)s In orders it pays %(worth)s.") % {
                "said": sentence,
                "worth": worth,
            }
        yield from _held(programme, state, name, held, url, sentence)


def expiring(programme: Programme, found: Outstanding) -> Iterator[Figure]:
    """What can be used now, by the month in which it runs out."""
    for month, held in found.months:
        key = words.month_key(month)
        title = _("Runs out: %(month)s") % {"month": words.month_name(month)}
        url = people_url(programme, "open", month=key)
        yield from _held(programme, f"open.{key}", title, held, url)


def _held(
    programme: Programme,
    key: str,
    title: str,
    held: Held,
    url: str,
    sentence: str = "",
) -> Iterator[Figure]:
    more: dict[str, Any] = {
        "people_url": url,
        "people": held.people,
        "sentence": sentence,
    }
    yield _units(programme, key, title, held.units, how=words.how_held(), **more)
    if held.worth is not None:
        yield figure(
            _key(programme, f"{key}.worth"),
            _("%(what)s, in money") % {"what": title},
            Measure(float(held.worth)),
            Unit.MONEY,
            how=words.how_held(),
            currency=programme.currency,
            **more,
        )


def months(programme: Programme, found: list[Month]) -> Iterator[Figure]:
    """What the entries of each month add up to, by kind, and all until its end."""
    for one in found:
        key, month = words.month_key(one.month), words.month_name(one.month)
        rows = [
            (kind, words.KIND_NAMES[kind], one.sums[kind], words.how_months())
            for kind in selectors.KINDS
            if kind in one.sums
        ]
        for what, name, units, how in (
            *rows,
            (CLOSING, words.CLOSING, one.closing, words.how_closing()),
        ):
            yield _units(
                programme,
                f"{what}.{key}",
                _("%(what)s: %(month)s") % {"what": name, "month": month},
                units,
                how=how,
                people_url=people_url(programme, what, month=key),
            )


def breakages(programme: Programme, found: list[Breakage]) -> Iterator[Figure]:
    """Of each month of earning, the share that ran out."""
    for one in found:
        key = words.month_key(one.month)
        yield figure(
            _key(programme, f"breakage.{key}"),
            _("Ran out of what was earned: %(month)s")
            % {"month": words.month_name(one.month)},
            one.share,
            Unit.PERCENT,
            sentence="",
            how=words.how_breakage(),
            people_url=people_url(programme, "lost", month=key)
            if one.ran_out
            else None,
            is_over=not one.left,
        )


def comparison(
    programme: Programme, asked: Span, sides: tuple[Side, Side]
) -> Comparison:
    """The members beside the others, with how far they differ."""
    known = selectors.currencies(sides)
    others, members = (
        [*_of_side(programme, asked, side, known, is_member=bool(at))]
        for at, side in enumerate(sides)
    )
    names = [
        f"{name} ({formats.number(side.people)})"
        for name, side in zip((_("Others"), _("Members")), sides, strict=True)
    ]
    return compare((names[0], names[1]), others, members, overlap=False)


def _of_side(
    programme: Programme, asked: Span, side: Side, known: list[str], *, is_member: bool
) -> Iterator[Figure]:
    name = "member" if is_member else "other"
    days = (asked.after - asked.first).days
    all_url = people_url(programme, name, days=days)
    rows: list[tuple[str, str, Measure, Unit, str, dict[str, Any]]] = [
        (
            "again",
            _("Ordered again"),
            side.share,
            Unit.PERCENT,
            "",
            {
                "people_url": people_url(programme, f"{name}-again", days=days),
                "people": side.again,
            },
        ),
        ("orders", _("Orders a head"), side.per_head, Unit.RATIO, "", {}),
    ]
    rows += [
        (
            "brought",
            _("Revenue a head"),
            mean(side.brought.get(currency, Sums(side.people, 0.0, 0.0))),
            Unit.MONEY,
            currency,
            {},
        )
        for currency in known
    ]
    for key, title, measure, unit, currency, more in rows:
        yield figure(
            _key(programme, key),
            title,
            measure,
            unit,
            sentence="",
            how=f"{words.how_compared(asked)} {words.warning()}",
            currency=currency,
            **{"people_url": all_url, "people": side.people, **more},
        )


def _units(
    programme: Programme,
    key: str,
    title: str,
    units: Decimal,
    sentence: str = "",
    **more: Any,
) -> Figure:
    is_money = programme.unit == "money"
    return figure(
        _key(programme, key),
        title,
        Measure(float(units)),
        Unit.MONEY if is_money else Unit.UNITS,
        sentence=sentence,
        currency=programme.currency if is_money else "",
        **more,
    )


def _key(programme: Programme, key: str) -> str:
    return f"programme.{programme.pk}.{key}"
