"""Today: what needs this person, what goes out, what is held back."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Q, QuerySet

from crm.access import Capability
from crm.models import Customer, FollowUp
from crm.request_context import RequestContext
from crm.rules.choices import FollowUpState
from desk.rules import Group, group_of
from desk.selectors import tasks
from desk.selectors.health import Health, health
from desk.selectors.sample_shop import Filling, filling
from desk.selectors.shell import counts_for, waiting
from desk.selectors.tasks import Task
from desk.sql import counts
from feedback.models import Review
from messaging.models import Circuit, Message
from messaging.rules.send_decision import Code
from messaging.selectors import outbox
from messaging.selectors.circuits import open_circuits

MOST_ROWS = 100
MOST_UNCERTAIN = 20
OWED = [FollowUpState.OPEN.value, FollowUpState.TAKEN.value]
# Beside the codes of reasons: what lapses behind one.
LAPSING = "lapsing"
# Quiet hours end the same day or the next morning: that mail is on its way.
_ON_ITS_WAY = {"", Code.QUIET_HOURS.value}


class Tab(StrEnum):
    MINE = "mine"
    TEAM = "team"
    DONE = "done"


@dataclass
class TaskGroup:
    group: Group
    tasks: list[Task] = field(default_factory=list)


@dataclass(frozen=True)
class KindCount:
    label: str
    kind: str
    count: int


@dataclass(frozen=True)
class HeldBack:
    limit: int
    # Those behind the contact limit that will find no room in time.
    lapsing: int
    hold: int
    opted_out: int

    @property
    def any(self) -> bool:
        return bool(self.limit or self.lapsing or self.hold or self.opted_out)


@dataclass(frozen=True)
class TodayPage:
    tab: Tab
    groups: list[TaskGroup]
    done: list[Task]
    counts: dict[str, int]
    next_task: Task | None
    going_out: list[KindCount]
    held_back: HeldBack
    health: Health
    filling: Filling | None
    # There is nobody yet to have anything to do with.
    has_nobody: bool

    @property
    def is_empty(self) -> bool:
        return not self.groups and not self.done

    @property
    def shown(self) -> int:
        return sum(len(group.tasks) for group in self.groups)

    @property
    def has_more(self) -> bool:
        return self.counts[self.tab] > MOST_ROWS


def today_page(reader: RequestContext, tab: Tab) -> TodayPage:
    found = waiting(reader)
    circuits = open_circuits()
    rows = _tasks(reader, tab, circuits) if tab != Tab.DONE else []
    today, later = _planned(reader.day[1])
    return TodayPage(
        tab=tab,
        groups=_grouped(reader, rows),
        done=_done(reader) if tab == Tab.DONE else [],
        counts=_tab_counts(reader, dict(found)),
        next_task=_next(rows) if tab != Tab.DONE else None,
        going_out=_by_kind(today),
        held_back=_held_back(reader, later),
        health=health(reader.now, circuits),
        filling=filling(),
        has_nobody=not rows and not Customer.objects.exists(),
    )


def owed(reader: RequestContext, *, only_mine: bool) -> QuerySet[FollowUp]:
    """Open follow-ups, earliest first. What is nobody's is everybody's."""
    rows = FollowUp.objects.filter(state__in=OWED).select_related(
        "customer", "assignee"
    )
    if only_mine:
        rows = rows.filter(Q(assignee=reader.user) | Q(assignee=None))
    return rows.order_by("due_on", "due_at", "id")


def _tasks(reader: RequestContext, tab: Tab, circuits: list[Circuit]) -> list[Task]:
    rows = tasks.of_circuits(reader, circuits)
    if reader.can(Capability.DECIDE_MESSAGES):
        rows += tasks.of_messages(reader, _uncertain())
    if reader.can(Capability.MODERATE_REVIEWS):
        rows += _held_reviews(reader)
    if reader.sees_customers:
        mine = owed(reader, only_mine=tab == Tab.MINE)[:MOST_ROWS]
        rows += tasks.of_follow_ups(reader, list(mine))
    return rows


def _uncertain() -> list[Message]:
    return list(
        outbox.undecided()
        .filter(final_at__isnull=False)
        .select_related("customer")
        .order_by("-final_at", "-id")[:MOST_UNCERTAIN]
    )


def _held_reviews(reader: RequestContext) -> list[Task]:
    held = Review.objects.filter(state="held").order_by("written_at", "id")
    oldest = list(held.values_list("written_at", flat=True)[: counts.MOST_TASKS])
    return tasks.of_reviews(reader, oldest)


def _grouped(reader: RequestContext, rows: Sequence[Task]) -> list[TaskGroup]:
    groups = {group: TaskGroup(group) for group in Group}
    for task in rows:
        group = group_of(
            due_on=task.due_on, due_at=task.due_at, now=reader.now, today=reader.today
        )
        if task.is_now:
            group = Group.NOW
        if group is not None:
            groups[group].tasks.append(task)
    return [group for group in groups.values() if group.tasks]


def _next(rows: Sequence[Task]) -> Task | None:
    """What comes first, for a day with nothing to do."""
    return next((task for task in rows if task.follow_up), None)


def _done(reader: RequestContext) -> list[Task]:
    if not reader.sees_customers:
        return []
    begins, ends = reader.day
    rows = (
        FollowUp.objects.filter(
            state=FollowUpState.DONE.value, done_at__gte=begins, done_at__lt=ends
        )
        .select_related("customer", "assignee", "done_by")
        .order_by("-done_at", "-id")[:MOST_ROWS]
    )
    return tasks.of_follow_ups(reader, list(rows))


def _tab_counts(reader: RequestContext, found: dict[str, int]) -> dict[str, int]:
    mine = counts_for(reader, found).today
    if not reader.sees_customers:
        return {Tab.MINE: mine, Tab.TEAM: mine, Tab.DONE: 0}
    return {
        Tab.MINE: mine,
        Tab.TEAM: mine - found["mine"] + found["team"],
        Tab.DONE: found["done"],
    }


def _planned(until: datetime) -> tuple[Counter[str], Counter[str]]:
    """Today's mail by kind, and what waits for a reason, by reason."""
    today: Counter[str] = Counter()
    later: Counter[str] = Counter()
    for row in counts.planned(until=until):
        if row.deferred_reason not in _ON_ITS_WAY:
            later[row.deferred_reason] += row.mails - row.lapsing
            later[LAPSING] += row.lapsing
        elif row.is_today:
            today[row.kind] += row.mails
    return today, later


def _by_kind(today: Counter[str]) -> list[KindCount]:
    return [
        KindCount(str(outbox.kind_label(kind)), kind, number)
        for kind, number in today.most_common()
    ]


def _held_back(reader: RequestContext, later: Counter[str]) -> HeldBack:
    since = reader.now - timedelta(days=7)
    return HeldBack(
        limit=later[Code.CONTACT_LIMIT.value] + later[Code.SAME_ADDRESS.value],
        lapsing=later[LAPSING],
        hold=later[Code.ON_HOLD.value],
        opted_out=counts.suppressed(since=since, reason=Code.OPTED_OUT.value),
    )
