"""One part of each type."""

from psycopg import sql

from crm.access import Capability
from crm.page_parts import TimelineEntry, TimelineFilter, TimelineSource, register


def _read(reader, customer, moments):
    return {
        pk: TimelineEntry(
            key=f"parcel-{pk}", icon="box", heading=f"Parcel {pk}", at=at, body="Left"
        )
        for pk, at in moments.items()
    }


PARTS = (
    TimelineFilter(name="parcels", order=90, label="Parcels"),
    TimelineSource(
        name="parcel",
        order=90,
        capability=Capability.SEE_NOTES,
        table="parcels",
        at=sql.Identifier("left_at"),
        filter="parcels",
        read=_read,
    ),
)
register(*PARTS)
