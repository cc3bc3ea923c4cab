"""What became of a balance in a month: it adds up, and the one of the month before
ends where it begins."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from django.utils.translation import gettext, gettext_lazy

from crm import selectors as crm
from loyalty import member_words
from loyalty.kinds.balance_mail import (
    BalanceMail,
    grouped,
    in_days,
    reason,
    sample_programme,
    wording,
)
from loyalty.selectors import balance_mails as selectors
from loyalty.selectors.balance_mails import Statement
from loyalty.selectors.programmes import Expiring
from loyalty.sql import balance_mails as sql
from messaging.kinds import Due, Group, MailContext, Reason, StartingPoint, Window
from messaging.models import Automation, Message
from web import formats

_ = gettext_lazy


class MonthlyStatement(BalanceMail):
    """Once for each month that is over, by the shop's calendar."""

    name = "balance_statement"
    label = _("Monthly statement")
    summary = _(
        "Says what members had at the beginning of the month, earned and used, what "
        "ran out, what they have, and what runs out next. Not to whoever has nothing "
        "and had none."
    )
    template = "emails/loyalty/statement"
    priority = 75
    gone = Reason("balance_used")
    # Months end for everybody at once.
    look_holds_for = timedelta(hours=1)
    occasion = _("the first day of a month")
    starting_points = (
        StartingPoint(
            name="statement",
            group=Group.REMIND,
            label=_("Monthly statement"),
            summary=_("Opening balance, what moved it, closing balance."),
            suits=_("Programmes whose members want to know where they stand."),
            goes=_("On the first of a month, about the month before."),
        ),
    )
    wording = wording(
        _("Your balance at the end of {month}"),
        _("This is what became of your balance in {month}."),
        _("Is something not as you expect it? Tell us, and we look into it."),
        "month",
    )
    sample_words: ClassVar[dict[str, str]] = {"month": "November 2026"}

    def due(self, automation: Automation, window: Window, now: datetime) -> Due:
        shift = timedelta(days=automation.offset_days)
        months = [
            (month_before(after), after, after + shift)
            for after in _firsts(window.first_on - shift, window.last_on - shift)
        ]
        return sql.statement(months, zone=crm.business().zone_name)

    def told(
        self, messages: Sequence[Message], now: datetime
    ) -> dict[int, list[Statement]]:
        today = crm.business().day(now)
        return grouped(
            messages,
            lambda people, first, last: selectors.statements(
                people, first, last, today=today
            ),
        )

    def context(
        self, told: list[Statement], *, language: str, page: str, now: datetime
    ) -> MailContext:
        return MailContext(
            values={
                "items": [
                    {
                        "name": one.programme.called(language),
                        "rows": _rows(one),
                        "closing": member_words.units(one.programme, one.closing),
                        "next": member_words.until(one.programme, one.next)
                        if one.next
                        else "",
                    }
                    for one in told
                ],
                "page": page,
            },
            words={"month": formats.month(told[0].first)},
            footer_reason=reason(),
        )

    def explain(self, messages: Sequence[Message]) -> dict[int, str]:
        text = gettext("The statement of %(month)s.")
        return {
            message.pk: text
            % {"month": formats.month(date.fromisoformat(message.why["first"]))}
            for message in messages
        }

    def sample_told(self, now: datetime) -> list[Statement]:
        return [
            Statement(
                sample_programme(),
                month_before(now.date().replace(day=1)),
                opening=Decimal(220),
                earned=Decimal(180),
                spent=Decimal(-100),
                expired=Decimal(-20),
                next=Expiring(in_days(now, 30), Decimal(120)),
            )
        ]


def month_after(first: date) -> date:
    """The first day of the next month."""
    return (first + timedelta(days=31)).replace(day=1)


def month_before(first: date) -> date:
    """The first day of the month before."""
    return (first - timedelta(days=1)).replace(day=1)


def _firsts(first_on: date, last_on: date) -> list[date]:
    found, day = [], first_on.replace(day=1)
    while day <= last_on:
        if day >= first_on:
            found.append(day)
        day = month_after(day)
    return found


def _rows(one: Statement) -> list[dict[str, str]]:
    """The opening balance, and what moved it: nothing that did not."""
    moved = [
        (gettext("Earned"), one.earned),
        (gettext("Used"), one.spent),
        (gettext("Ran out"), one.expired),
        (gettext("Returns and corrections"), one.corrected),
    ]
    opening = member_words.units(one.programme, one.opening)
    return [
        {"label": gettext("Opening balance"), "units": opening},
        *(
            {"label": label, "units": member_words.change(one.programme, units)}
            for label, units in moved
            if units
        ),
    ]
