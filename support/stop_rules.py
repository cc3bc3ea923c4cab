"""A mail or the contact form ends a customer's way through an automation that says so,
and so does a conversation that is marked as a complaint; what a machine wrote does not.
"""

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
register(
    StopRule.COMPLAINED,
    SQL(
        "EXISTS (SELECT FROM support_conversation t JOIN support_mail m"
        " ON m.conversation_id = t.id WHERE t.customer_id = {customer}"
        " AND t.kind = 'complaint' AND NOT t.is_spam"
        " AND m.at > {since} AND m.direction = 'in' AND NOT m.is_automatic)"
    ),
)
