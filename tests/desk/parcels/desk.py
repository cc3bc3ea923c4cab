"""One part of each type, behind every place that an app of ours may take."""

from django.db import connection
from django.db.models.expressions import RawSQL
from psycopg import sql

from crm.access import Capability
from crm.page_parts import (
    CalendarItems,
    Cell,
    ColumnKind,
    Count,
    CustomerAction,
    CustomerBadge,
    CustomerColumn,
    CustomerPanel,
    DoctorCheck,
    Finding,
    FollowUpOrigin,
    GlanceCell,
    MenuGroup,
    MenuLine,
    OpenSection,
    SettingsPage,
    SettingsPanel,
    Status,
    StatusSource,
    Task,
    TimelineEntry,
    TimelineFilter,
    TimelineSource,
    TodayItems,
    TodayPanel,
    register,
)

LEFT = Count(rows=lambda context: sql.SQL("SELECT 1 FROM parcels"))
SEEN_BY = Capability.SEE_NOTES


def _rows(customer=None):
    where = "" if customer is None else f" WHERE customer_id = {customer.pk}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, left_at FROM parcels{where} ORDER BY id")
        return dict(cursor.fetchall())


def _entries(context, customer, moments):
    return {
        pk: TimelineEntry(
            key=f"parcel-{pk}", icon="box", heading=f"Parcel {pk}", at=at, body="Left"
        )
        for pk, at in moments.items()
    }


def _tasks(context, rows):
    return [
        Task(
            key=f"parcel-{pk}",
            icon="box",
            tone="info",
            who=f"Parcel {pk}",
            url="/parcels/",
            due_on=context.today,
            why="Nobody fetched it.",
            action="Fetch",
            action_url=f"/parcels/?fetch={pk}",
        )
        for pk in rows
    ]


def _column(context, row):
    return row.parcels or None


PARTS = (
    TimelineFilter(name="parcels", order=9090, capability=SEEN_BY, label="Parcels"),
    TimelineSource(
        name="parcel",
        order=9090,
        capability=SEEN_BY,
        table="parcels",
        at=sql.Identifier("left_at"),
        filter="parcels",
        read=_entries,
    ),
    TodayItems(
        name="parcels",
        order=9090,
        capability=SEEN_BY,
        count=LEFT,
        read=lambda context, tab: _tasks(context, _rows()),
    ),
    TodayPanel(
        name="parcels",
        order=9090,
        capability=SEEN_BY,
        template="parcels/panel.html",
        read=lambda context: len(_rows()),
    ),
    FollowUpOrigin(
        name="parcel",
        order=9090,
        capability=SEEN_BY,
        icon="box",
        tone="warn",
        template="parcels/origin.html",
        read=lambda ids: {pk: pk for pk in _rows() if pk in ids},
    ),
    GlanceCell(
        name="parcels",
        order=9090,
        capability=SEEN_BY,
        label="Parcels",
        read=lambda context, customer: (
            Cell(f"{len(rows)} left") if (rows := _rows(customer)) else None
        ),
        instead_of="last_score",
    ),
    OpenSection(
        name="parcels",
        order=9090,
        capability=SEEN_BY,
        label="Parcels to fetch",
        template="desk/_task.html",
        read=lambda context, customer: _tasks(context, _rows(customer)),
    ),
    CustomerPanel(
        name="parcels",
        order=9090,
        capability=SEEN_BY,
        label="Parcels",
        template="parcels/panel.html",
        read=lambda context, customer: len(_rows(customer)),
    ),
    CustomerColumn(
        name="parcels",
        order=9099,
        capability=SEEN_BY,
        label="Parcels",
        kind=ColumnKind.NUMBER,
        annotations={
            "parcels": RawSQL(
                "(SELECT count(*) FROM parcels WHERE customer_id = crm_customer.id)", ()
            )
        },
        read=_column,
    ),
    CustomerAction(
        name="send_parcel",
        order=9095,
        capability=SEEN_BY,
        label="Send a parcel",
        url=lambda customer: f"/parcels/?to={customer.pk}",
    ),
    CustomerAction(
        name="count_parcels",
        order=9096,
        capability=SEEN_BY,
        label="Count the parcels",
        icon="box",
        url=lambda customer: f"/parcels/?of={customer.pk}",
        in_menu=True,
    ),
    CustomerBadge(
        name="parcels",
        order=9090,
        capability=SEEN_BY,
        label="Parcel waits",
        icon="box",
        condition=RawSQL(
            "EXISTS (SELECT 1 FROM parcels WHERE customer_id = crm_customer.id)", ()
        ),
    ),
    MenuGroup(name="parcels", order=9099, label="Send"),
    MenuLine(
        name="parcels",
        order=9099,
        capability=SEEN_BY,
        label="Parcels",
        icon="box",
        url_name="parcels",
        group="parcels",
        counts=(LEFT,),
        key="p",
    ),
    SettingsPage(
        name="parcels",
        order=9099,
        capability=SEEN_BY,
        label="Parcels",
        url_name="parcels",
    ),
    StatusSource(
        name="parcels",
        order=9090,
        capability=SEEN_BY,
        read=lambda context: [
            Status("Parcels", not (rows := _rows()), f"{len(rows)} lie about")
        ],
    ),
    DoctorCheck(
        name="parcels",
        order=9090,
        read=lambda now: [Finding("parcels", False, f"{len(_rows())} lie about")],
    ),
    SettingsPanel(
        name="parcels",
        order=9090,
        capability=SEEN_BY,
        template="parcels/panel.html",
        read=lambda context: len(_rows()),
    ),
    CalendarItems(
        name="parcels",
        order=9090,
        capability=SEEN_BY,
        template="parcels/panel.html",
        read=lambda context, first, last: {first: list(_rows())},
    ),
)
register(*PARTS)
