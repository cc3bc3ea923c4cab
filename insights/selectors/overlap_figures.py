"""Recommendations as figures: the low and the high end, by the record alone and with
what surveys and codes say, too."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from insights.figures import Figure, Unit, figure
from insights.metrics.intervals import share
from insights.metrics.measures import (
    ENOUGH_FOR_A_SHARE,
    Measure,
    Why,
    without,
)
from insights.metrics.referrals import Bounds, Told
from insights.selectors.asked import POSSIBLY, RECOMMENDED, Asked
from insights.selectors.origins import Shares
from insights.selectors.overlaps import Overlaps
from insights.selectors.people import GROUP_NAMES


def of_record(found: Shares, asked: Asked, said: dict[str, Any]) -> Iterator[Figure]:
    """Both ends of the share by the record, of people and of what they brought. Lists
    are of everybody alone: an address names one group. `said`: what all figures of the
    page have alike."""
    is_all = asked.by == "all"
    ends = (
        ("recommended", _least(), found.said, RECOMMENDED),
        ("recommended-most", _most(), found.said + found.unknown, POSSIBLY),
    )
    for key, title, people, by in ends:
        url = asked.of("", by=by).people_url("new") if is_all else None
        more = {"people_url": url, "people": people, **said}
        yield figure(key, title, share(people, found.total), Unit.PERCENT, **more)
        for code, bounds in found.revenue.items():
            yield _of_revenue(key, title, bounds, code, found.total, more)


def of_all_ways(
    found: Overlaps, asked: Asked, said: dict[str, Any]
) -> Iterator[Figure]:
    """What each way says, what they say together, and both ends; none where the record
    alone says anything."""
    if not found.says_more:
        return
    for group, people in found.groups.items():
        more = {"people_url": asked.people_url(group), "people": people, **said}
        title = str(GROUP_NAMES[group])
        yield figure(group, title, Measure(people), Unit.PEOPLE, **more)
    least, most = found.people[Told.SURE], found.groups["heard-most"]
    ends = (("heard-sure", _least(), least), ("heard-most", _most(), most))
    for group, title, people in ends:
        key = f"share-{group}"
        name = _("%(end)s, by all that says so") % {"end": title}
        more = {"people_url": asked.people_url(group), "people": people, **said}
        yield figure(key, name, share(people, found.total), Unit.PERCENT, **more)
        for code, bounds in found.shares_of_revenue.items():
            yield _of_revenue(key, name, bounds, code, found.total, more)
    for code, sums in found.revenue.items():
        yield figure(
            "brought-heard-unknown",
            _("Brought by those of whom nobody knows how they heard of us"),
            Measure(float(sums[Told.UNKNOWN])),
            Unit.MONEY,
            people_url=asked.people_url("heard-unknown"),
            people=found.people[Told.UNKNOWN],
            currency=code,
            **said,
        )


def _of_revenue(
    key: str, title: str, bounds: Bounds, code: str, base: int, more: dict[str, Any]
) -> Figure:
    end = bounds.high if key.endswith("most") else bounds.low
    measure = without(Why.NO_REVENUE, base=base)
    if base < ENOUGH_FOR_A_SHARE:
        measure = without(Why.TOO_FEW, base=base)
    elif end is not None:
        measure = Measure(end, base=base)
    name = _("%(end)s, of what they brought") % {"end": title}
    return figure(f"{key}-revenue", name, measure, Unit.PERCENT, currency=code, **more)


def _least() -> str:
    return _("By recommendation, at least")


def _most() -> str:
    return _("By recommendation, at most")
