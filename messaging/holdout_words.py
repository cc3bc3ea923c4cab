"""The comparison with those held out, in sentences."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from messaging.rules.holdout import ENOUGH_BUYERS, ENOUGH_PEOPLE, Effect, Group
from messaging.selectors.holdout import Expected, Money, Report
from web import formats


@dataclass(frozen=True)
class Figure:
    """One thing that is compared: both sides, and what the mail adds to it."""

    title: str
    mailed: str
    held: str
    effect: str
    conclusion: str


def figures(report: Report) -> list[Figure]:
    """Orders first, then money by currency."""
    return [_orders(report), *(_money(report, one) for one in report.money)]


def options(expected: list[Expected]) -> list[tuple[str, str]]:
    """For each share: itself, and how exact the figure gets."""
    return [
        (
            formats.percent(one.percent),
            _("nobody on one side")
            if one.margin is None
            else _("±%(points)s points") % {"points": _number(one.margin)},
        )
        for one in expected
    ]


def _orders(report: Report) -> Figure:
    title = ngettext(
        "Ordered within %(n)d day of falling due",
        "Ordered within %(n)d days of falling due",
        report.days,
    ) % {"n": report.days}
    effect = report.orders
    points = effect and _points(effect)
    return Figure(
        title,
        _share(report.mailed),
        _share(report.held),
        points or _too_few(),
        _conclusion(effect),
    )


def _points(effect: Effect) -> str:
    return _("%(value)s points, likely between %(low)s and %(high)s") % {
        "value": _signed(100 * effect.value),
        "low": _signed(100 * effect.low),
        "high": _signed(100 * effect.high),
    }


def _money(report: Report, one: Money) -> Figure:
    effect = one.effect and (
        _("%(value)s per person, likely between %(low)s and %(high)s")
        % {
            "value": _amount(one.effect.value, one.currency),
            "low": _amount(one.effect.low, one.currency),
            "high": _amount(one.effect.high, one.currency),
        }
    )
    return Figure(
        _("Paid per person in these days, %(currency)s") % {"currency": one.currency},
        _amount(one.mailed, one.currency),
        _amount(one.held, one.currency),
        effect or _too_few(),
        _conclusion(one.effect),
    )


def _conclusion(effect: Effect | None) -> str:
    if effect is None:
        return ""
    if not effect.is_sure:
        return _("Chance alone may make such a difference.")
    if effect.value > 0:
        return _("More than chance: the mail brings something.")
    return _("More than chance: the mail does harm.")


def _too_few() -> str:
    return _(
        "Too few to say: it takes %(people)d people on each side, and for money"
        " %(buyers)d who bought."
    ) % {"people": ENOUGH_PEOPLE, "buyers": ENOUGH_BUYERS}


def _share(group: Group) -> str:
    numbers = {
        "buyers": formats.number(group.buyers),
        "people": formats.number(group.people),
        "share": _number(100 * group.share),
    }
    if group.people < ENOUGH_PEOPLE:
        return _("%(buyers)s of %(people)s") % numbers
    return _("%(buyers)s of %(people)s, %(share)s %%") % numbers


def _amount(value: float, currency: str) -> str:
    return formats.left_to_right(formats.money(Decimal(str(round(value, 2))), currency))


def _number(value: float) -> str:
    return formats.number(round(value, 1))


def _signed(value: float) -> str:
    shown = round(value, 1)
    sign = "+" if shown > 0 else "\N{MINUS SIGN}" if shown < 0 else ""
    return formats.left_to_right(sign + formats.number(abs(shown)))
