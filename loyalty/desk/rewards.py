"""Rewards on the pages of the desk: timeline, customer page, Today, menu."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from psycopg import sql

from crm.access import Capability
from crm.models import Customer
from crm.page_parts import (
    Count,
    CustomerAction,
    CustomerPanel,
    MenuLine,
    Tab,
    Task,
    TimelineEntry,
    TimelineFilter,
    TimelineSource,
    TodayItems,
    due_words,
    late_words,
)
from crm.page_parts.today import MOST_ITEMS
from crm.request_context import RequestContext
from crm.rules.lateness import DAYS_AHEAD
from loyalty import reward_labels, reward_words
from loyalty.models import Grant
from loyalty.selectors import rewards as selectors
from loyalty.sql import pools
from web import formats

MOST_SHOWN = 6
AHEAD = timedelta(days=DAYS_AHEAD)


@dataclass(frozen=True)
class GrantRow:
    """A grant on the customer page."""

    grant: Grant
    state: str
    tone: str
    until: str


def _panel(context: RequestContext, customer: Customer) -> list[GrantRow] | None:
    rows = selectors.grants_to(customer)[:MOST_SHOWN]
    return [_row(row, context) for row in rows] or None


def _row(grant: Grant, context: RequestContext) -> GrantRow:
    until = formats.day(grant.expires_on, context.now) if grant.expires_on else ""
    tone = reward_labels.TONES.get(grant.state, "off")
    return GrantRow(grant, reward_labels.state_of(grant), tone, until)


def _entries(
    context: RequestContext, customer: Customer, moments: dict[int, datetime]
) -> dict[int, TimelineEntry]:
    rows = Grant.objects.select_related(
        "reward", "granted_by", "spending__membership__programme"
    ).filter(pk__in=moments)
    return {row.pk: _entry(row, moments[row.pk]) for row in rows}


def _entry(grant: Grant, at: datetime) -> TimelineEntry:
    worth = reward_words.worth(grant.reward)
    # Of a hand the name says it.
    source = "" if grant.granted_by else reward_labels.source_of(grant)
    return TimelineEntry(
        key=f"grant-{grant.pk}",
        icon="gift",
        heading=_("Reward: %(name)s") % {"name": grant.reward.name},
        at=at,
        actor=grant.granted_by.name if grant.granted_by else "",
        badge=reward_labels.state_of(grant),
        badge_tone=reward_labels.TONES.get(grant.state, "off"),
        body="" if worth == grant.reward.name else worth,
        note="\n".join(filter(None, [source, grant.reason, grant.note])),
        page_url=reverse("loyalty:grant", args=[grant.pk]),
    )


def _to_do_rows(context: RequestContext) -> sql.Composable:
    return sql.SQL(
        "SELECT 1 FROM loyalty_grant WHERE state = 'to_do' AND due_on <= {}"
    ).format(sql.Literal(context.today + AHEAD))


def _mine_rows(context: RequestContext) -> sql.Composable:
    """Mine, and those that are unassigned."""
    return sql.SQL("{} AND (owner_id = {} OR owner_id IS NULL)").format(
        _to_do_rows(context), sql.Literal(context.user.pk)
    )


def _to_do(context: RequestContext, tab: Tab) -> Sequence[Task]:
    rows = selectors.to_do(until=context.today + AHEAD)
    if tab is Tab.MINE:
        rows = rows.filter(Q(owner=context.user) | Q(owner=None))
    return [_task(context, row) for row in rows[:MOST_ITEMS]]


def _task(context: RequestContext, grant: Grant) -> Task:
    url = reverse("loyalty:grant", args=[grant.pk])
    due_on = grant.due_on
    assert due_on is not None, "the database has it so"
    late = late_words(context, due_on)
    return Task(
        key=f"grant-{grant.pk}",
        icon="gift",
        tone="warn" if late else "info",
        due_on=due_on,
        customer=grant.customer,
        who=str(grant.customer),
        url=url,
        why=grant.reward.name,
        note=grant.reason,
        late=late,
        due=due_words(context, due_on, late=late),
        action=_("Do it"),
        action_url=url,
    )


def _offered_rows(context: RequestContext) -> sql.Composable:
    """Offers that run out within a week, unless somebody accepts."""
    return sql.SQL(
        "SELECT 1 FROM loyalty_grant WHERE state = 'offered' AND expires_at <= {}"
    ).format(sql.Literal(context.now + AHEAD))


def _offered(context: RequestContext, tab: Tab) -> Sequence[Task]:
    rows = selectors.offered(until=context.now + AHEAD)
    return [_offered_task(context, row) for row in rows[:MOST_ITEMS]]


def _offered_task(context: RequestContext, grant: Grant) -> Task:
    url = reverse("loyalty:grant", args=[grant.pk])
    assert grant.expires_on is not None, "the database has it so"
    return Task(
        key=f"offered-{grant.pk}",
        icon="gift",
        tone="info",
        due_on=grant.expires_on,
        who=str(grant.customer),
        customer=grant.customer,
        url=url,
        why=_("%(name)s was offered, and nobody has said yes yet")
        % {"name": grant.reward.name},
        due=formats.day(grant.expires_on, context.now),
        action=_("Ask them"),
        action_url=url,
    )


def _low_rows(context: RequestContext) -> sql.Composable:
    return pools.low(*selectors.days_covered(context.now, context.today))


def _pools(context: RequestContext, tab: Tab) -> Sequence[Task]:
    rows = selectors.pools(now=context.now, today=context.today)
    return [_low_task(context, one) for one in rows if one.is_low]


def _low_task(context: RequestContext, pool: selectors.Pool) -> Task:
    url = reverse("loyalty:reward", args=[pool.reward.pk])
    left = ngettext("%(n)s code is left", "%(n)s codes are left", pool.codes)
    why = ngettext(
        "%(left)s, and the next %(days)s days may need %(needed)s.",
        "%(left)s, and the next %(days)s days may need %(needed)s.",
        pool.needed,
    )
    return Task(
        key=f"pool-{pool.reward.pk}",
        icon="tag",
        tone="warn",
        due_on=context.today,
        is_now=True,
        who=pool.reward.name,
        url=url,
        why=why
        % {
            "left": left % {"n": formats.number(pool.codes)},
            "days": selectors.DAYS_COVERED,
            "needed": formats.number(pool.needed),
        },
        action=_("Add codes"),
        action_url=f"{url}#pool",
    )


def _give_url(customer: Customer) -> str:
    return reverse("loyalty:grant-create", args=[customer.pk])


PARTS = (
    MenuLine(
        name="rewards",
        order=74,
        capability=Capability.SEE_REWARDS,
        label=gettext_lazy("Rewards"),
        icon="gift",
        url_name="loyalty:reward-list",
        group="bring_back",
    ),
    MenuLine(
        name="gifts",
        order=75,
        capability=Capability.GIVE_REWARDS,
        label=gettext_lazy("Gift desk"),
        icon="hand",
        url_name="loyalty:gift-desk",
        group="bring_back",
        counts=(
            Count(rows=_mine_rows, capability=Capability.GIVE_REWARDS),
            Count(rows=_offered_rows, capability=Capability.GIVE_REWARDS),
        ),
    ),
    MenuLine(
        name="till",
        order=76,
        capability=Capability.REDEEM_CODES,
        label=gettext_lazy("Till"),
        icon="tag",
        url_name="loyalty:till",
        group="bring_back",
    ),
    TimelineFilter(name="rewards", order=9, label=gettext_lazy("Rewards")),
    TimelineSource(
        name="grant",
        order=9,
        table="loyalty_grant",
        at=sql.SQL("granted_at"),
        filter="rewards",
        read=_entries,
    ),
    CustomerPanel(
        name="rewards",
        order=41,
        label=gettext_lazy("Rewards"),
        template="loyalty/_customer_rewards.html",
        read=_panel,
    ),
    CustomerAction(
        name="give_reward",
        order=60,
        capability=Capability.GIVE_REWARDS,
        label=gettext_lazy("Give a reward"),
        icon="gift",
        url=_give_url,
        in_menu=True,
    ),
    TodayItems(
        name="rewards_to_do",
        order=16,
        capability=Capability.GIVE_REWARDS,
        count=Count(rows=_mine_rows, capability=Capability.GIVE_REWARDS),
        team=Count(rows=_to_do_rows, capability=Capability.GIVE_REWARDS),
        read=_to_do,
    ),
    TodayItems(
        name="rewards_offered",
        order=17,
        capability=Capability.GIVE_REWARDS,
        count=Count(rows=_offered_rows, capability=Capability.GIVE_REWARDS),
        read=_offered,
    ),
    TodayItems(
        name="low_pools",
        order=18,
        capability=Capability.EDIT_REWARDS,
        count=Count(rows=_low_rows, capability=Capability.EDIT_REWARDS),
        read=_pools,
    ),
)
