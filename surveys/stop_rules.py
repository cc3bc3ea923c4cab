"""A confirmed answer ends a customer's way through an automation that says so."""

from psycopg.sql import SQL

from messaging.rules.choices import StopRule
from messaging.stop_rules import register

register(
    StopRule.ANSWERED,
    SQL(
        "EXISTS (SELECT FROM surveys_response r WHERE r.customer_id = {customer}"
        " AND r.confirmed_at > {since})"
    ),
)
