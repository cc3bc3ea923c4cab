"""What staff read of programmes and their rules, a sentence each."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from loyalty.choices import EarnEvent, Expiry, Measure, Rounding, Unit
from loyalty.member_words import units
from loyalty.models import Programme, RuleVersion
from web import formats


def rule(version: RuleVersion) -> str:
    """What a version of a rule earns: "1 point for each 10.00 EUR of an order"."""
    programme = version.rule.programme
    parts = [_what(version, programme), *_limits(version, programme)]
    return "; ".join(part for part in parts if part)


def _what(version: RuleVersion, programme: Programme) -> str:
    earns = {"units": units(programme, version.units), "name": version.rule.name}
    event = version.rule.event
    if event != EarnEvent.ORDER.value:
        return {
            EarnEvent.SIGN_UP.value: _("%(units)s on signing up"),
            EarnEvent.STEP.value: _("%(units)s, once, for: %(name)s"),
            EarnEvent.OCCASION.value: _("%(units)s on the occasion: %(name)s"),
            EarnEvent.REVIEW.value: _("%(units)s for a review, whatever its stars"),
        }[event] % earns
    if version.measure == Measure.MONEY.value:
        per = formats.money(version.per or Decimal(1), version.currency)
        words = _("%(units)s for each %(per)s of an order, without postage")
        if version.rounding == Rounding.DOWN.value:
            words = _("%(units)s for each full %(per)s of an order, without postage")
        return words % {**earns, "per": per}
    if version.measure == Measure.ITEM.value:
        return _("%(units)s for each item") % earns
    return _("%(units)s for each order") % earns


def _limits(version: RuleVersion, programme: Programme) -> list[str]:
    def many(amount: Decimal) -> str:
        return units(programme, amount)

    found = []
    if version.factor != 1:
        found.append(_("times %(n)s") % {"n": formats.number(version.factor)})
    if version.minimum is not None:
        least = formats.money(version.minimum, version.currency)
        found.append(_("from %(money)s on") % {"money": least})
    if version.cap_order is not None:
        found.append(_("at most %(n)s an order") % {"n": many(version.cap_order)})
    if version.cap_day is not None:
        found.append(_("at most %(n)s a day") % {"n": many(version.cap_day)})
    if version.cap_month is not None:
        found.append(_("at most %(n)s a month") % {"n": many(version.cap_month)})
    if version.tax_percent is not None:
        percent = formats.number(version.tax_percent)
        found.append(_("without the tax of %(n)s%% in prices") % {"n": percent})
    if version.categories:
        names = ", ".join(version.categories)
        found.append(_("only of: %(names)s") % {"names": names})
    if version.not_categories:
        names = ", ".join(version.not_categories)
        found.append(_("not of: %(names)s") % {"names": names})
    if version.products or version.not_products:
        found.append(_("of chosen products"))
    if version.not_discounted:
        found.append(_("not of orders with a discount"))
    return found


def expiry(programme: Programme) -> str:
    """When what is earned runs out."""
    after = programme.expires_after or 0
    return {
        Expiry.NEVER.value: _("What is earned never runs out"),
        Expiry.DAYS.value: ngettext(
            "It runs out %(n)s day after it was earned",
            "It runs out %(n)s days after it was earned",
            after,
        ),
        Expiry.MONTH_END.value: ngettext(
            "It runs out at the end of the month after it was earned",
            "It runs out at the end of the month, %(n)s months after it was earned",
            after,
        ),
        Expiry.YEAR_END.value: ngettext(
            "It runs out at the end of the year after it was earned",
            "It runs out at the end of the year, %(n)s years after it was earned",
            after,
        ),
        Expiry.INACTIVITY.value: ngettext(
            "All of it runs out after %(n)s day without earning or spending",
            "All of it runs out after %(n)s days without earning or spending",
            after,
        ),
    }[programme.expiry] % {"n": formats.number(after)}


def spendable(programme: Programme) -> str:
    """From when on what is earned can be spent."""
    days = programme.returns_days
    if not days:
        return _("It can be spent once the order is delivered")
    words = ngettext(
        "It can be spent %(n)s day after delivery",
        "It can be spent %(n)s days after delivery",
        days,
    )
    return words % {"n": formats.number(days)}


def worth(programme: Programme) -> str:
    """What a hundred units pay of an order; "" where units pay nothing, or are money
    themselves."""
    if programme.worth is None or programme.unit == Unit.MONEY.value:
        return ""
    hundred = Decimal(100)
    pays = formats.money(hundred * programme.worth, programme.currency)
    return _("%(units)s pay %(money)s of an order") % {
        "units": units(programme, hundred),
        "money": pays,
    }
