"""Campaigns on Today: how far each is, and which wait for a yes; and on the calendar
those that do not go yet."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from psycopg import sql

from crm.access import Capability
from crm.page_parts import CalendarItems, Count, Tab, Task, TodayItems
from crm.request_context import RequestContext
from loyalty import campaign_words
from loyalty.choices import CampaignState
from loyalty.models import Campaign
from loyalty.selectors import campaigns as selectors
from web import formats


def _open_rows(context: RequestContext) -> sql.Composable:
    """What waits for a yes is for those who may give it."""
    states = [CampaignState.GOING.value]
    if context.can(Capability.APPROVE_CAMPAIGNS):
        states.append(CampaignState.WAITING.value)
    return sql.SQL("SELECT 1 FROM loyalty_campaign WHERE state = ANY({})").format(
        sql.Literal(states)
    )


def _over_rows(context: RequestContext) -> sql.Composable:
    return sql.SQL(
        "SELECT 1 FROM loyalty_campaign WHERE state = 'over' AND ended_at >= {}"
    ).format(sql.Literal(context.day[0]))


def _read(context: RequestContext, tab: Tab) -> Sequence[Task]:
    if tab is Tab.DONE:
        rows = selectors.ended(since=context.day[0])
    else:
        rows = selectors.unfinished(
            with_waiting=context.can(Capability.APPROVE_CAMPAIGNS)
        )
    found = selectors.progress(rows) if rows else {}
    return [
        _asked(context, row)
        if row.state == CampaignState.WAITING
        else _going(context, row, found[row.pk])
        for row in rows
    ]


def _going(
    context: RequestContext, row: Campaign, progress: selectors.Progress
) -> Task:
    url = reverse("loyalty:campaign", args=[row.pk])
    return Task(
        key=f"campaign-{row.pk}",
        icon="send",
        tone="good" if row.state == CampaignState.OVER else "info",
        due_on=row.on or context.today,
        is_now=row.state == CampaignState.GOING,
        who=row.automation.name,
        url=url,
        why=campaign_words.progress(progress),
        due=formats.day(row.on, context.now),
        action=_("Look"),
        action_url=url,
    )


def _asked(context: RequestContext, row: Campaign) -> Task:
    url = reverse("loyalty:campaign", args=[row.pk])
    asked = selectors.request_of(row)
    people = asked.people if asked else 0
    return Task(
        key=f"campaign-{row.pk}",
        icon="question",
        tone="warn",
        due_on=row.on or context.today,
        is_now=True,
        who=row.automation.name,
        url=url,
        why=ngettext(
            "A campaign to %(n)s person waits for a yes.",
            "A campaign to %(n)s people waits for a yes.",
            people,
        )
        % {"n": formats.number(people)},
        due=formats.day(row.on, context.now),
        action=_("Decide"),
        action_url=f"{url}#answer",
    )


def _to_come(
    context: RequestContext, first: date, last: date
) -> Mapping[date, Sequence[Campaign]]:
    found: defaultdict[date, list[Campaign]] = defaultdict(list)
    for row in selectors.to_come(first, last):
        if row.on is not None:
            found[row.on].append(row)
    return found


PARTS = (
    CalendarItems(
        name="campaigns",
        order=10,
        template="loyalty/_calendar_campaign.html",
        read=_to_come,
    ),
    TodayItems(
        name="campaigns",
        order=15,
        capability=Capability.EDIT_AUTOMATIONS,
        count=Count(rows=_open_rows, capability=Capability.EDIT_AUTOMATIONS),
        done=Count(rows=_over_rows, capability=Capability.EDIT_AUTOMATIONS),
        read=_read,
    ),
)
