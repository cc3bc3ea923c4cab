"""Programmes on the pages of the desk: the customer page and the menu."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from psycopg import sql

from crm.access import Capability
from crm.models import Customer
from crm.page_parts import Count, CustomerPanel, MenuLine, Tab, Task, TodayItems
from crm.request_context import RequestContext
from loyalty import member_words
from loyalty.models import BalanceCheck, Membership
from loyalty.selectors import programmes as selectors
from loyalty.selectors.steps import steps
from web import formats
from web.spans import since


def _panel(
    context: RequestContext, customer: Customer
) -> list[tuple[Membership, str, int]] | None:
    """Each with its balance, and how many first steps are still to do."""
    rows = list(selectors.memberships(customer.pk))
    to_do = {
        pk: sum(step.done is None for step in found)
        for pk, found in steps(rows, today=context.today).items()
    }
    return [
        (row, member_words.units(row.programme, row.balance), to_do.get(row.pk, 0))
        for row in rows
    ] or None


# --- Balances that are not what their entries add up to ------------------------------


def _wrong_rows(context: RequestContext) -> sql.Composable:
    return sql.SQL("SELECT 1 FROM loyalty_balancecheck WHERE wrong > 0")


def _wrong(context: RequestContext, tab: Tab) -> list[Task]:
    """One item however many there are; gone once a check finds none."""
    found = BalanceCheck.objects.filter(wrong__gt=0).first()
    if found is None:
        return []
    url = reverse("loyalty:programme-list")
    return [
        Task(
            key="wrong-balances",
            icon="triangle",
            tone="bad",
            due_on=context.today,
            is_now=True,
            who=ngettext(
                "%(n)s balance of a programme is wrong",
                "%(n)s balances of programmes are wrong",
                found.wrong,
            )
            % {"n": formats.number(found.wrong)},
            url=url,
            why=_(
                "They are not what their entries add up to. No entry is lost: on the "
                "server, “manage.py balances --check” names them, and with --mend "
                "sets them by their entries."
            ),
            due=since(found.checked_at, context.now),
            action=_("See the programmes"),
            action_url=url,
        )
    ]


# Owners and managers: whoever may change rewards and look into the database.
_WRONG = Count(rows=_wrong_rows, most=1, capability=Capability.USE_ADMIN)

PARTS = (
    TodayItems(
        name="wrong_balances",
        order=11,
        capability=Capability.USE_ADMIN,
        count=_WRONG,
        read=_wrong,
    ),
    MenuLine(
        name="programmes",
        order=72,
        capability=Capability.SEE_REWARDS,
        label=gettext_lazy("Programmes"),
        icon="star",
        url_name="loyalty:programme-list",
        group="bring_back",
    ),
    MenuLine(
        name="members",
        order=77,
        capability=Capability.SEE_CUSTOMERS,
        label=gettext_lazy("Members"),
        icon="people",
        url_name="loyalty:member-list",
        group="bring_back",
    ),
    CustomerPanel(
        name="programmes",
        order=42,
        label=gettext_lazy("Programmes"),
        template="loyalty/_customer_programmes.html",
        read=_panel,
    ),
)
