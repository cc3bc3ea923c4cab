"""What ends a customer's way through the steps of an automation.

An app declares in `<app>/stop_rules.py` where it sees that a customer did something
since a moment: `register(StopRule.WROTE, SQL("EXISTS (SELECT ...)"))`, with
`{customer}` for the expression of their id and `{since}` for that of the moment. Found
by itself. Several apps may see the same. Asked before a step is planned, and again when
its mail is about to go. That somebody left the segment, messaging sees itself.
"""

from collections import defaultdict
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from psycopg.sql import SQL, Composable

from messaging.rules.choices import StopRule

LABELS: Mapping[StopRule, Promise] = {
    StopRule.BOUGHT: _("they bought"),
    StopRule.ANSWERED: _("they answered a survey"),
    StopRule.WROTE: _("they wrote or spoke to us"),
    StopRule.COMPLAINED: _("they complained"),
    StopRule.LEFT_SEGMENT: _("they left the audience"),
}
_conditions: dict[StopRule, list[SQL]] = defaultdict(list)


def register(rule: StopRule, where: SQL) -> None:
    """Add a condition: one of those of a rule is enough."""
    _conditions[rule].append(where)


def condition(
    rule: StopRule, *, customer: Composable, since: Composable
) -> Composable | None:
    """Whether a customer did it since then, in SQL; None where no app sees it."""
    asked = _conditions.get(rule, ())
    if not asked:
        return None
    parts = [where.format(customer=customer, since=since) for where in asked]
    return SQL("({})").format(SQL(" OR ").join(parts))


register(
    StopRule.BOUGHT,
    SQL(
        "EXISTS (SELECT FROM crm_order o WHERE o.customer_id = {customer}"
        " AND o.ordered_at > {since} AND o.nature = 'sale' AND o.state <> 'cancelled')"
    ),
)
register(
    StopRule.WROTE,
    SQL(
        "EXISTS (SELECT FROM crm_interaction i WHERE i.customer_id = {customer}"
        " AND i.happened_at > {since} AND i.direction = 'inbound')"
    ),
)
