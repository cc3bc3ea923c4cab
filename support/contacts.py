"""Mails between people count as contact with a customer: see crm/contact_sources.py.

None of what machines wrote (an acknowledgement of ours is one), of spam and blocked
senders, and of side threads, which are with somebody else.
"""

from psycopg import sql

from crm.contact_sources import ContactSource, register

register(
    ContactSource(
        name="mails",
        rows=sql.SQL(
            "SELECT m.customer_id, m.at, 'email' AS channel,"
            " coalesce(nullif(u.name, ''), u.email, '') AS by"
            " FROM support_mail m LEFT JOIN crm_user u ON u.id = m.author_id"
            " WHERE NOT m.is_automatic AND NOT EXISTS (SELECT"
            " FROM support_conversation v WHERE v.id = m.conversation_id"
            " AND (v.is_spam OR v.side_of_id IS NOT NULL))"
            " AND NOT (m.direction = 'in' AND EXISTS (SELECT"
            " FROM support_blockedsender b WHERE b.address = lower(m.from_address)))"
        ),
    )
)
