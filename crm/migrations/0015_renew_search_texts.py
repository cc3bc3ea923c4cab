"""What search looks through is spelled anew: signs inside words, Thai, emoji.

Slice by slice, each in a transaction of its own, and only rows that change are written:
one that was interrupted begins anew and is soon where it was. The index is made when
all is written, which takes less time than keeping it up to date.
"""

import sys
from typing import Any, ClassVar

from django.db import connections, migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.utils import CursorWrapper
from django.db.migrations.state import StateApps

from crm.rules.search import customer_search_text

# One transaction, because it is one string: it may take longer than a page may.
MAKE_INDEX = """
    SET LOCAL statement_timeout = 0;
    CREATE INDEX IF NOT EXISTS customer_search
    ON crm_customer USING gin (search_text gin_trgm_ops)
"""
SLICE = 5_000
SAY_EVERY = 100_000
READ = """
    SELECT id, given_name, family_name, organisation, external_id, search_text
    FROM crm_customer WHERE id > %s ORDER BY id LIMIT %s
"""
# A row that somebody changed meanwhile is theirs.
WRITE = """
    UPDATE crm_customer c SET search_text = n.now
    FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS n(id, was, now)
    WHERE c.id = n.id AND c.search_text = n.was
"""


def renew(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    last = done = 0
    with connections[editor.connection.alias].cursor() as cursor:
        while rows := _slice(cursor, last):
            last = rows[-1][0]
            changed = [change for row in rows if (change := _change(*row))]
            if changed:
                columns = zip(*changed, strict=True)
                cursor.execute(WRITE, [list(column) for column in columns])
            done += len(rows)
            if done % SAY_EVERY == 0:
                sys.stdout.write(f"{done:,} customers spelled anew for search\n")


def _slice(cursor: CursorWrapper, last: int) -> list[tuple[Any, ...]]:
    cursor.execute(READ, [last, SLICE])
    return cursor.fetchall()


def _change(number: int, *facts: Any) -> tuple[int, str, str] | None:
    *named, was = facts
    now = customer_search_text(*named)
    return None if now == was else (number, was, now)


class Migration(migrations.Migration):
    atomic = False
    dependencies: ClassVar = [("crm", "0014_phone_digits")]
    operations: ClassVar = [
        migrations.RunSQL("DROP INDEX IF EXISTS customer_search", MAKE_INDEX),
        migrations.RunPython(renew, migrations.RunPython.noop),
        migrations.RunSQL(MAKE_INDEX, migrations.RunSQL.noop),
    ]
