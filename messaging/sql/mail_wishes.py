"""What rows of a file of customers say about mail."""

from psycopg.sql import SQL, Composed, Identifier


def told(table: Identifier) -> Composed:
    """Rows that say anything, with the address that the record has now."""
    return SQL(
        """SELECT r.no, r.customer_id, r.is_left, c.email_norm, r.email_consent,
            r.birthday_consent, r.accepts_marketing, r.unsubscribed, r.unsub_time,
            r.clean_time, r.consent_time
        FROM {} r LEFT JOIN crm_customer c ON c.id = r.customer_id
        WHERE num_nonnulls(r.email_consent, r.birthday_consent, r.accepts_marketing,
            r.unsubscribed, r.unsub_time, r.clean_time) > 0
        ORDER BY r.no"""
    ).format(table)
