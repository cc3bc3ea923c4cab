"""One row for the audit: written with every change there is, so without the ORM."""

from collections.abc import Mapping
from typing import Any

from crm.sql.prepared import run

APPEND = b"""
    INSERT INTO crm_auditentry
        (at, actor_kind, actor_id, via, action, subject, customer_id, fields)
    VALUES (%(at)s, %(actor_kind)s, %(actor_id)s, %(via)s, %(action)s, %(subject)s,
        %(customer_id)s, %(fields)s)
"""


def append(entry: Mapping[str, Any]) -> None:
    run(APPEND, entry)
