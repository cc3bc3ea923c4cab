"""A mail or the contact form ends a customer's way through an automation that says so;
what a machine wrote does not."""

from psycopg.sql import SQL

from messaging.rules.choices import StopRule
from messaging.stop_rules import register

register(
    StopRule.WROTE,
    SQL(
        "EXISTS (SELECT FROM support_mail m WHERE m.customer_id = {customer}"
        " AND m.at > {since} AND m.direction = 'in' AND NOT m.is_automatic)"
    ),
)
