"""What staff read of programmes and their rules, a sentence each."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import Product, Segment
from loyalty import programme_labels
from loyalty.choices import EarnEvent, Expiry, Measure, Rounding, Unit, WhoTakesPart
from loyalty.member_words import units
from loyalty.models import Programme, ProgrammeVersion, RuleVersion
from web import formats

_MOST_NAMED = 5


def rule(version: RuleVersion) -> str:
    """What a version of a rule earns: "1 point for each 10.00 EUR of an order"."""
    programme = version.rule.programme
    parts = [_what(version, programme), *_limits(version, programme)]
    return "; ".join(part for part in parts if part)


def _what(version: RuleVersion, programme: Programme) -> str:
    key = version.rule.key
    earns = {
        "units": units(programme, version.units),
        "name": version.rule.name or key,
        "occasion": programme_labels.OCCASIONS.get(key, version.rule.name or key),
    }
    event = version.rule.event
    if event != EarnEvent.ORDER.value:
        return {
            EarnEvent.SIGN_UP.value: _("%(units)s on signing up"),
            EarnEvent.STEP.value: _("%(units)s, once, for: %(name)s"),
            EarnEvent.OCCASION.value: _("%(units)s on the occasion: %(occasion)s"),
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
        found.append(
            _("without the tax in prices, %(n)s%% where no line or product says it")
            % {"n": percent}
        )
    if version.categories:
        names = ", ".join(version.categories)
        found.append(_("only of: %(names)s") % {"names": names})
    if version.not_categories:
        names = ", ".join(version.not_categories)
        found.append(_("not of: %(names)s") % {"names": names})
    if version.products:
        found.append(_("only of: %(names)s") % {"names": _skus(version.products)})
    if version.not_products:
        found.append(_("not of: %(names)s") % {"names": _skus(version.not_products)})
    if version.only_for is not None:
        name = version.only_for.name
        found.append(_("only for members in “%(name)s”") % {"name": name})
    if version.not_for is not None:
        name = version.not_for.name
        found.append(_("not for members in “%(name)s”") % {"name": name})
    if version.not_discounted:
        found.append(_("not of orders with a discount"))
    return found


def _skus(ids: Collection[int]) -> str:
    """The first few, by their codes."""
    rows = Product.objects.filter(pk__in=ids).order_by("sku")
    named = list(rows.values_list("sku", flat=True)[: _MOST_NAMED + 1])
    rest = ["…"] if len(named) > _MOST_NAMED else []
    return ", ".join([*named[:_MOST_NAMED], *rest])


def who(programme: Programme) -> str:
    """Who is a member."""
    words = {
        WhoTakesPart.ALL.value: _("All customers take part"),
        WhoTakesPart.SEGMENT.value: _("Whoever is in “%(name)s” takes part"),
        WhoTakesPart.JOINING.value: _("Whoever joins under its terms takes part"),
    }[programme.takes_part] % {"name": programme.segment and programme.segment.name}
    if programme.left_out is None:
        return words
    name = programme.left_out.name
    return _("%(who)s, without “%(name)s”") % {"who": words, "name": name}


@dataclass(frozen=True)
class Change:
    """A field of a programme, how it was and how it is; both "" where only that it
    changed is kept."""

    label: Any
    before: str
    after: str


def changes(before: ProgrammeVersion | None, after: ProgrammeVersion) -> list[Change]:
    """What a version changed, in words."""
    old = before.terms if before else {}
    return [
        Change(
            programme_labels.FIELDS.get(name, name),
            _term(name, old.get(name, "")),
            _term(name, after.terms.get(name, "")),
        )
        for name in after.fields
    ]


def _term(name: str, kept: str) -> str:
    if name in {"segment", "left_out"} and kept:
        row = Segment.objects.filter(pk=kept).first()
        return row.name if row else ""
    label = {**programme_labels.WHO, **programme_labels.EXPIRY}.get(kept)
    return str(label or kept)


def expiry(programme: Programme) -> str:
    """When what is earned runs out."""
    after = programme.expires_after or 0
    return {
        Expiry.NEVER.value: _("What is earned never runs out"),
        Expiry.DAYS.value: ngettext(
            "It runs out %(n)s day after it can be spent",
            "It runs out %(n)s days after it can be spent",
            after,
        ),
        Expiry.MONTH_END.value: ngettext(
            "It runs out at the end of the month after it can be spent",
            "It runs out at the end of the month, %(n)s months after it can be spent",
            after,
        ),
        Expiry.YEAR_END.value: ngettext(
            "It runs out at the end of the year after it can be spent",
            "It runs out at the end of the year, %(n)s years after it can be spent",
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
    """What a hundred units pay of an order, and which share at most; "" where units pay
    nothing, or are money themselves and pay all of it."""
    if programme.worth is None:
        return ""
    percent = programme.share_percent
    if programme.unit == Unit.MONEY.value:
        if percent is None:
            return ""
        return _("It pays at most %(n)s%% of an order") % {"n": formats.number(percent)}
    hundred = Decimal(100)
    pays = formats.money(hundred * programme.worth, programme.currency)
    said = _("%(units)s pay %(money)s of an order") % {
        "units": units(programme, hundred),
        "money": pays,
    }
    if percent is None:
        return said
    return _("%(said)s, at most %(n)s%% of it") % {
        "said": said,
        "n": formats.number(percent),
    }
