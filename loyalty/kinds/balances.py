"""Mails of programmes: what was earned lately, and what runs out soon."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext, gettext_lazy

from crm import selectors as crm
from loyalty import member_words
from loyalty.forms.balance_mails import EarnedForm
from loyalty.kinds.balance_mail import (
    BalanceMail,
    grouped,
    in_days,
    reason,
    sample_programme,
    wording,
)
from loyalty.selectors import balance_mails as selectors
from loyalty.selectors.balance_mails import Gain, RunsOut
from loyalty.selectors.programmes import Expiring
from loyalty.sql import balance_mails as sql
from messaging.kinds import Due, Group, MailContext, Reason, StartingPoint, Window
from messaging.models import Automation, Message
from web import formats

_ = gettext_lazy

_DAY, _WEEK = 1, 7


class Earned(BalanceMail):
    """One for each day or week in which something was earned."""

    name = "balance_earned"
    label = _("What was earned")
    summary = _(
        "Tells members what they earned, with all of a day or of a week in one mail, "
        "and from when on it can be used."
    )
    priority = 70
    gone = Reason("earning_taken_back")
    # It goes the day after at the earliest.
    look_holds_for = timedelta(minutes=15)
    occasion = _("the end of the day or week")
    default_params: ClassVar[dict[str, Any]] = {"every": "week"}
    params_form = EarnedForm
    starting_points = (
        StartingPoint(
            name="each_week",
            group=Group.REMIND,
            label=_("Earned this week"),
            summary=_("What members earned in a week, in one mail."),
            suits=_("Programmes in which people earn often."),
            goes=_("On Monday, to whoever earned something in the week before."),
        ),
        StartingPoint(
            name="each_day",
            group=Group.REMIND,
            label=_("Earned yesterday"),
            summary=_("What members earned on a day, in one mail."),
            suits=_("Programmes in which people earn now and then."),
            goes=_("The day after, to whoever earned something."),
            settings={"params": {"every": "day"}},
        ),
    )
    wording = wording(
        _("You have earned {units}"),
        _("This is what you have earned with us lately:"),
        _("There is nothing to do: it is on your balance."),
        "units",
    )
    sample_words: ClassVar[dict[str, str]] = {"units": "120 points"}

    def due(self, automation: Automation, window: Window, now: datetime) -> Due:
        return sql.earned(
            window.first_on,
            window.last_on,
            days=_DAY if automation.params.get("every") == "day" else _WEEK,
            offset_days=automation.offset_days,
            zone=crm.business().zone_name,
        )

    def params_in_words(self, automation: Automation) -> str:
        if automation.params.get("every") == "day":
            return gettext("all of a day in one mail")
        return gettext("all of a week in one mail")

    def told(self, messages: Sequence[Message], now: datetime) -> dict[int, list[Gain]]:
        today = crm.business().day(now)
        return grouped(
            messages,
            lambda people, first, last: selectors.gains(
                people, first, last, today=today
            ),
        )

    def context(
        self, told: list[Gain], *, language: str, page: str, now: datetime
    ) -> MailContext:
        return MailContext(
            values={
                "items": [
                    {"name": one.programme.called(language), "lines": _gained(one)}
                    for one in told
                ],
                "page": page,
            },
            words={
                "units": formats.listed(
                    [member_words.units(one.programme, one.units) for one in told]
                )
            },
            footer_reason=reason(),
        )

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        text = gettext("Earned something from %(first)s to %(last)s.")
        return {message.pk: text % _days_of(message) for message in messages}

    def sample_told(self, now: datetime) -> list[Gain]:
        units = Decimal(120)
        pending = [(in_days(now, 14), Decimal(80))]
        return [Gain(sample_programme(), units, pending, Decimal(340))]


class RunningOut(BalanceMail):
    """Once for a week in which something runs out, and for each number of days before:
    two automations are two warnings."""

    name = "balance_expiring"
    label = _("Soon to run out")
    summary = _(
        "Warns members some days before something of their balance runs out: how much, "
        "in which programme, and until when it can be used."
    )
    priority = 45
    offset_days = -30
    gone = Reason("balance_used")
    # It is planned a day ahead.
    look_holds_for = timedelta(hours=1)
    occasion = _("the first day on which something runs out")
    # The occurrence holds the number of days, so that both go.
    stands_alone = True
    starting_points = (
        StartingPoint(
            name="month_before",
            group=Group.REMIND,
            label=_("Runs out in a month"),
            summary=_("What runs out, how much and when, while there is time for it."),
            suits=_("Programmes in which what was earned runs out."),
            goes=_("30 days before the first day of a week on which something does."),
        ),
        StartingPoint(
            name="week_before",
            group=Group.REMIND,
            label=_("Runs out in a week"),
            summary=_("A last word before it is gone; not to whoever has used it."),
            suits=_("Programmes in which what was earned runs out."),
            goes=_("7 days before the first day of a week on which something does."),
            settings={"offset_days": -7},
        ),
    )
    wording = wording(
        _("{units} can be used until {day}"),
        _("Something of your balance runs out soon:"),
        _("On your page you see what it is good for."),
        *("units", "day"),
    )
    sample_words: ClassVar[dict[str, str]] = {
        "units": "120 points",
        "day": "31 December 2026",
    }

    def due(self, automation: Automation, window: Window, now: datetime) -> Due:
        return sql.expiring(
            window.first_on, window.last_on, days=-automation.offset_days
        )

    def told(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, list[RunsOut]]:
        today = crm.business().day(now)
        return grouped(
            messages,
            lambda people, first, last: selectors.running_out(
                people, first, last, today=today
            ),
        )

    def context(
        self, told: list[RunsOut], *, language: str, page: str, now: datetime
    ) -> MailContext:
        first = min(one.units[0].on for one in told)
        return MailContext(
            values={
                "items": [
                    {
                        "name": one.programme.called(language),
                        "lines": [
                            member_words.until(one.programme, each)
                            for each in one.units
                        ],
                    }
                    for one in told
                ],
                "page": page,
            },
            # Of the first day alone: the rest has longer.
            words={
                "units": formats.listed(
                    [
                        member_words.units(one.programme, one.units[0].units)
                        for one in told
                        if one.units[0].on == first
                    ]
                ),
                "day": formats.full_day(first),
            },
            footer_reason=reason(),
        )

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        text = gettext("Something runs out from %(first)s to %(last)s.")
        return {message.pk: text % _days_of(message) for message in messages}

    def sample_told(self, now: datetime) -> list[RunsOut]:
        return [RunsOut(sample_programme(), [Expiring(in_days(now, 30), Decimal(120))])]


def _gained(one: Gain) -> list[str]:
    programme = one.programme
    return [
        gettext("%(units)s earned.")
        % {"units": member_words.units(programme, one.units)},
        *(
            member_words.usable_from(programme, units, day)
            for day, units in one.pending
        ),
        gettext("Balance now: %(units)s.")
        % {"units": member_words.units(programme, one.balance)},
    ]


def _days_of(message: Message) -> Mapping[str, str]:
    return {
        name: formats.full_day(date.fromisoformat(message.why[name]))
        for name in ("first", "last")
    }
