"""Whose parcels were left somewhere: one field of the customer list."""

from psycopg import sql

from crm.segments import SegmentField, register

register(
    SegmentField(
        name="parcels",
        order=90,
        read=lambda text: "some" if text == "some" else "",
        condition=lambda value, today: sql.SQL(
            "c.id IN (SELECT customer_id FROM parcels)"
        ),
        refuse=lambda text: "" if text in ("", "some") else "unknown_filter",
        words=lambda value: "with a parcel",
    )
)
