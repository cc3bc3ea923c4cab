"""A figure: what pages, the report command, files and the API show of a measure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from insights.metrics.measures import Measure, Why, without
from web import formats
from web.charts import Chart


class Unit(StrEnum):
    """What the value of a figure counts."""

    PERCENT = "percent"  # the value is a share: 0.9
    PEOPLE = "people"
    DAYS = "days"
    MONTHS = "months"
    MONEY = "money"  # in the figure's currency
    RATIO = "ratio"  # so many for each one
    POINTS = "points"  # of a recommendation score
    UNITS = "units"  # of a programme: points or stamps


@dataclass(frozen=True)
class Figure:
    """A value with its base, its 95 % interval, and all of it in words.

    `value` is None where there is not enough to say: the sentence then gives the
    reason. `how` says how it was counted; `people_url` leads to those who were counted,
    as many as `people`, where the reader may see them. `is_over`: no later order
    changes it any more.
    """

    key: str
    title: str
    value: float | None
    count: int
    base: int
    low: float | None
    high: float | None
    unit: Unit
    sentence: str
    how: str
    people_url: str | None = None
    people: int | None = None
    is_over: bool = True
    currency: str = ""
    movement: str = ""
    trend: Chart | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """The value with its unit; without one 3 of 9 for a share, else a dash."""
        if self.value is None:
            base = self.base if self.unit is Unit.PERCENT else 0
            return _few(self.count, base)
        return written(self.value, self.unit, self.currency)

    @property
    def doubt(self) -> str:
        """Likely between 88 % and 92 %; empty where no interval is known."""
        if self.value is None or self.low is None or self.high is None:
            return ""
        return _("Likely between %(low)s and %(high)s.") % {
            "low": written(self.low, self.unit, self.currency),
            "high": written(self.high, self.unit, self.currency),
        }

    @property
    def has_enough(self) -> bool:
        return self.value is not None

    @property
    def measure(self) -> Measure:
        """The value with its interval alone, for what is reckoned from it."""
        if self.value is None:
            return without(Why.TOO_FEW, base=self.base)
        return Measure(self.value, base=self.base, low=self.low, high=self.high)

    def as_data(self) -> dict[str, Any]:
        """Plain values for JSON and rows of files."""
        return {
            "key": self.key,
            "title": self.title,
            "value": self.value,
            "count": self.count,
            "base": self.base,
            "low": self.low,
            "high": self.high,
            "unit": self.unit.value,
            "currency": self.currency,
            "is_over": self.is_over,
            "sentence": self.sentence,
            "movement": self.movement,
            "how": self.how,
        }


def figure(
    key: str,
    title: str,
    measure: Measure,
    unit: Unit,
    *,
    sentence: str,
    how: str,
    **more: Any,
) -> Figure:
    """A figure of this measure; without a value its sentence is the reason."""
    return Figure(
        key=key,
        title=title,
        value=measure.value,
        count=measure.count,
        base=measure.base,
        low=measure.low,
        high=measure.high,
        unit=unit,
        sentence=sentence if measure.why is None else reason(measure),
        how=how,
        **more,
    )


def written(value: float, unit: Unit, currency: str = "") -> str:
    """A value of this unit in the reader's language."""
    if unit is Unit.PERCENT:
        return percent(value)
    if unit is Unit.MONEY:
        return formats.left_to_right(formats.money(Decimal(str(value)), currency))
    if unit is Unit.POINTS:
        return formats.signed(round(value))
    if unit is Unit.UNITS:
        shown = formats.number(value).replace("-", "\N{MINUS SIGN}")
        return formats.left_to_right(shown)
    if unit is Unit.RATIO and abs(value) < 2:
        # 26 who came for 27 who left are not one for each.
        return formats.number(round(value, 2))
    whole = abs(value) >= 10 or unit is Unit.PEOPLE
    return formats.number(round(value) if whole else round(value, 1))


def percent(share: float) -> str:
    """90 %, and with a place where it is under ten: 2.1 %. Never a full hundred or
    nothing by rounding: 99.9 %."""
    value = 100 * share
    whole = round(value)
    if abs(value) < 10 or (whole in (0, 100) and value != whole):
        shown = formats.number(round(min(value, 99.9) if value < 100 else value, 1))
        return formats.left_to_right(f"{shown}\N{NO-BREAK SPACE}%")
    return formats.percent(whole)


def _few(count: int, base: int) -> str:
    if not base:
        return "\N{EN DASH}"
    return _("%(count)s of %(base)s") % {
        "count": formats.number(count),
        "base": formats.number(base),
    }


def reason(measure: Measure) -> str:
    """Why there is not enough to say, as a sentence; empty where there is a value."""
    if measure.why is None:
        return ""
    return _reasons()[measure.why] % {"base": formats.number(measure.base)}


def _reasons() -> Mapping[Why, str]:
    return {
        Why.NOBODY: _("There is nobody to count yet."),
        Why.TOO_FEW: _("Too few to say: %(base)s people. A share needs 30."),
        Why.EVERYBODY_LEFT: _(
            "All %(base)s who were there left, so there is no rate to show."
        ),
        Why.EVERYBODY_NEW: _(
            "Everybody came within this time: nobody was there at its start."
        ),
        Why.NOT_OVER: _("This time is not over yet."),
        Why.SHORT_HISTORY: _(
            "Orders are not known from far enough back to compare two such times."
        ),
        Why.NO_REVENUE: _(
            "Not enough revenue: nothing came in, or more was paid back than came in."
        ),
        Why.NO_SPEND: _("No spend is recorded for this time."),
        Why.NOBODY_BACK: _(
            "Nobody of %(base)s people has bought again in this time, so there is no"
            " rate to show."
        ),
        Why.NOT_HERE: _("This cannot be measured for these customers."),
        Why.NOBODY_LEFT: _("Nobody left in this time, so no stay can be worked out."),
    }
