"""Mail on Today: what stopped, what is uncertain, what goes and what is held."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg import sql

from crm.access import Capability
from crm.page_parts import Count, MenuLine, Tab, Task, TodayItems, TodayPanel
from crm.request_context import RequestContext
from messaging.models import Message
from messaging.rules.send_decision import Code
from messaging.selectors import outbox
from messaging.selectors.circuits import headline, open_circuits, why
from messaging.services.messages import LEFT_AS_IS
from messaging.sql import mail_counts
from web.spans import since

MOST_UNCERTAIN = 20
# Beside the codes of reasons: what lapses behind one.
LAPSING = "lapsing"
# Quiet hours end the same day or the next morning: that mail is on its way.
_ON_ITS_WAY = {"", Code.QUIET_HOURS.value}


# --- Mail that does not leave --------------------------------------------------------


def _stopped_rows(context: RequestContext) -> sql.Composable:
    return sql.SQL("SELECT 1 FROM messaging_circuit WHERE state <> 'closed'")


def _stopped(context: RequestContext, tab: Tab) -> list[Task]:
    """One item however many transports are ill: the cause is one."""
    circuits = context.once(open_circuits)
    if not circuits:
        return []
    opened = min((row.opened_at for row in circuits if row.opened_at), default=None)
    return [
        Task(
            key="circuit",
            icon="triangle",
            tone="bad",
            due_on=context.today,
            is_now=True,
            who=headline(circuits),
            url=reverse("messaging:outbox"),
            why=_("%(why)s Nothing is lost: all of it waits.")
            % {"why": why(circuits[0], sees_customers=context.sees_customers)},
            due=since(opened, context.now),
            action=_("See why"),
            action_url=reverse(settings.SETTINGS_PAGE) + "#status-of-parts",
        )
    ]


# --- Mail that may have left ---------------------------------------------------------


def _uncertain_rows(context: RequestContext) -> sql.Composable:
    return sql.SQL(
        "SELECT 1 FROM messaging_message WHERE state = 'uncertain'"
        " AND final_at IS NOT NULL AND reason_code <> {}"
    ).format(sql.Literal(LEFT_AS_IS))


def _uncertain(context: RequestContext, tab: Tab) -> list[Task]:
    rows = (
        outbox.undecided()
        .filter(final_at__isnull=False)
        .select_related("customer", "user")
        .order_by("-final_at", "-id")[:MOST_UNCERTAIN]
    )
    return [_undecided(context, row) for row in rows]


def _undecided(context: RequestContext, row: Message) -> Task:
    url = reverse("messaging:message", args=[row.pk])
    return Task(
        key=f"message-{row.pk}",
        icon="question",
        tone="warn",
        due_on=context.today,
        is_now=True,
        who=str(row.customer or row.user or row.address),
        url=row.customer.get_absolute_url() if row.customer else url,
        customer=row.customer,
        why=_(
            "“%(kind)s” may or may not have left: the mail server hung up. Choose once."
        )
        % {"kind": outbox.kind_label(row.kind)},
        due=since(row.handed_at or row.final_at, context.now),
        action=_("Decide"),
        action_url=url,
    )


# --- What goes out, what is held back ------------------------------------------------


@dataclass(frozen=True)
class KindCount:
    """So many mails of a kind go out today."""

    label: str
    kind: str
    count: int


@dataclass(frozen=True)
class HeldBack:
    """How many mails wait or do not go, by reason."""

    limit: int
    # Those behind the contact limit that will find no room in time.
    lapsing: int
    hold: int
    opted_out: int

    @property
    def any(self) -> bool:
        return bool(self.limit or self.lapsing or self.hold or self.opted_out)


@dataclass(frozen=True)
class MailPanel:
    """What the panel of mail on Today shows."""

    going_out: list[KindCount]
    held_back: HeldBack


def _mail(context: RequestContext) -> MailPanel:
    today, later = _planned(context.day[1])
    return MailPanel(_by_kind(today), _held_back(context, later))


def _planned(until: datetime) -> tuple[Counter[str], Counter[str]]:
    """Today's mail by kind, and what waits for a reason, by reason."""
    today: Counter[str] = Counter()
    later: Counter[str] = Counter()
    for row in mail_counts.planned(until=until):
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


def _held_back(context: RequestContext, later: Counter[str]) -> HeldBack:
    last_week = context.now - timedelta(days=7)
    return HeldBack(
        limit=later[Code.CONTACT_LIMIT.value] + later[Code.SAME_ADDRESS.value],
        lapsing=later[LAPSING],
        hold=later[Code.ON_HOLD.value],
        opted_out=mail_counts.suppressed(since=last_week, reason=Code.OPTED_OUT.value),
    )


# --- Parts ---------------------------------------------------------------------------

_STOPPED = Count(rows=_stopped_rows, most=1)
_UNCERTAIN = Count(rows=_uncertain_rows, capability=Capability.DECIDE_MESSAGES)

PARTS = (
    TodayItems(name="stopped_mail", order=10, count=_STOPPED, read=_stopped),
    TodayItems(
        name="uncertain_mail",
        order=20,
        capability=Capability.DECIDE_MESSAGES,
        count=_UNCERTAIN,
        read=_uncertain,
    ),
    TodayPanel(
        name="mail", order=10, template="messaging/_today_mail.html", read=_mail
    ),
    MenuLine(
        name="outbox",
        order=40,
        capability=Capability.SEE_MESSAGES,
        label=gettext_lazy("Outbox"),
        icon="mail",
        url_name="messaging:outbox",
        group="work",
        counts=(_UNCERTAIN, _STOPPED),
        key="o",
    ),
)
