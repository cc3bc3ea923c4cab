"""What the save-list says of itself, and its counts as figures."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from insights import words
from insights.choices import Basis
from insights.figures import Figure, Unit, figure
from insights.metrics.measures import Measure
from insights.models import Definition
from insights.selectors import save_list as selectors
from insights.sql.save_list import Whom
from web.addresses import address


def figures(
    row: Definition, asked: Whom, counts: Mapping[str, int]
) -> Iterator[Figure]:
    """How many the whole list has in one currency, and for each reason: `counts` of
    selectors/save_list.py."""
    counted = how(row, asked)
    for reason, people in counts.items():
        yield figure(
            f"save-list.{reason}" if reason else "save-list",
            name_of(reason) if reason else _("On the save-list"),
            Measure(people),
            Unit.PEOPLE,
            sentence="",
            how=counted,
            people_url=url(asked, reason),
            people=people,
            currency=asked.currency,
        )


def name_of(reason: str) -> str:
    """What a reason is called; none: any of them."""
    return str(selectors.REASONS[reason]) if reason else _("Any")


def url(asked: Whom, reason: str) -> str:
    """The list of those for whom a reason holds; none: any reason."""
    named = {"basis": asked.basis.value, "currency": asked.currency}
    named |= {"reason": reason} if reason else {}
    return f"{address('insights:save-list')}?{urlencode(named)}"


def how(row: Definition, asked: Whom) -> str:
    """Who stands in the list, with what makes a customer."""
    if asked.basis is Basis.CONTRACT:
        rule = _(
            "Of the few customers whose running contracts bring 80 % of a month in this"
            " currency, paused ones counted as if they ran: whoever has a contract that"
            " ends within 60 days, is paused, or has brought more in the last 90 days"
            " than it does now, gave 0 to 6 as their last score, whose mail came back"
            " or was called spam, or who said no to offers or reminders."
        )
        return " ".join([rule, *_unseen(asked), words.counted_by(row, asked.basis)])
    rule = _(
        "Of the few customers who bring most of the revenue in this currency: whoever"
        " has not ordered for one and a half times their own usual gap, gave 0 to 6 as"
        " their last score, has a contract that ends within 60 days, whose mail came"
        " back or was called spam, or who said no to offers or reminders."
    )
    return " ".join([rule, *_unseen(asked), words.whatever_the_days(row)])


def _unseen(asked: Whom) -> list[str]:
    if asked.with_answers:
        return []
    return [
        _(
            "The last score is no reason here for you: it is told to those who see"
            " answers by name."
        )
    ]
