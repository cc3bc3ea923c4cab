"""One row for the audit: written with every change there is, so without the ORM."""

from collections.abc import Mapping
from typing import Any

from crm.sql.prepared import run

# For statements that write their audit themselves, too: SELECT what stands here.
INSERT = """
    INSERT INTO crm_auditentry
        (at, actor_kind, actor_id, via, action, subject, customer_id, fields)
"""
APPEND = f"""{INSERT}
    VALUES (%(at)s, %(actor_kind)s, %(actor_id)s, %(via)s, %(action)s, %(subject)s,
        %(customer_id)s, %(fields)s)
""".encode()


def append(entry: Mapping[str, Any]) -> None:
    run(APPEND, entry)
