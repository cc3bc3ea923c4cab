"""Today: what needs this person, composed of what the apps bring."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from crm.models import Customer
from crm.page_parts import (
    MOST_ITEMS,
    Tab,
    Task,
    TodayItems,
    TodayPanel,
    parts_for,
)
from crm.request_context import RequestContext
from desk.rules import Group, group_of
from desk.selectors import waiting
from desk.selectors.health import Health, health
from desk.selectors.sample_shop import Filling, filling


@dataclass
class TaskGroup:
    """The items of Today of one group."""

    group: Group
    tasks: list[Task] = field(default_factory=list)


@dataclass(frozen=True)
class Panel:
    """A card beside the list: the template, and what it finds as `panel`."""

    template: str
    read: object


@dataclass(frozen=True)
class TodayPage:
    """All that Today shows in one tab."""

    tab: Tab
    groups: list[TaskGroup]
    done: list[Task]
    counts: dict[Tab, int]
    next_task: Task | None
    panels: dict[str, Panel]
    health: Health
    filling: Filling | None
    # There are no customers yet.
    has_no_customers: bool

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self.groups and not self.done

    @property
    def shown(self) -> int:
        """How many items are shown."""
        return sum(len(group.tasks) for group in self.groups)

    @property
    def has_more(self) -> bool:
        """Whether there are more items than are shown."""
        return self.counts[self.tab] > MOST_ITEMS


def today_page(context: RequestContext, tab: Tab) -> TodayPage:
    """What Today shows on this tab, in a fixed number of queries."""
    tasks = _tasks(context, tab)
    is_done = tab is Tab.DONE
    return TodayPage(
        tab=tab,
        groups=[] if is_done else _grouped(context, tasks),
        done=tasks if is_done else [],
        counts=waiting.on_tabs(context, list(Tab)),
        next_task=_next(tasks),
        panels=_panels(context),
        health=health(context),
        filling=filling(),
        has_no_customers=not tasks and not Customer.objects.exists(),
    )


def _tasks(context: RequestContext, tab: Tab) -> list[Task]:
    return [
        task
        for part in parts_for(TodayItems, context)
        if part.count_on(tab)
        for task in part.read(context, tab)
    ]


def _panels(context: RequestContext) -> dict[str, Panel]:
    return {
        part.name: Panel(part.template, part.read(context))
        for part in parts_for(TodayPanel, context)
    }


def _grouped(context: RequestContext, tasks: Sequence[Task]) -> list[TaskGroup]:
    groups = {group: TaskGroup(group) for group in Group}
    for task in sorted(tasks, key=_by_time):
        group = Group.NOW if task.is_now else _group_of(context, task)
        if group is not None:
            groups[group].tasks.append(task)
    return [group for group in groups.values() if group.tasks]


def _by_time(task: Task) -> tuple[bool, date, bool, float]:
    """What has no day first, then by the day; of one day, what has an hour by it."""
    at = task.due_at
    return not task.is_now, task.due_on, at is None, at.timestamp() if at else 0.0


def _group_of(context: RequestContext, task: Task) -> Group | None:
    return group_of(
        due_on=task.due_on, due_at=task.due_at, now=context.now, today=context.today
    )


def _next(tasks: Sequence[Task]) -> Task | None:
    """What comes first, for a day with nothing to do."""
    return min(
        (task for task in tasks if not task.is_now),
        key=lambda task: task.due_on,
        default=None,
    )
