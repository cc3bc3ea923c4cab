"""What search looks through is spelled anew: signs inside words, Thai, emoji.

Slice by slice, each in a transaction of its own: a million customers take minutes, no
statement takes long, and one that was interrupted goes on where rows are not yet new.
Only rows that change are written.
"""

from typing import Any, ClassVar

from django.db import connections, migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from crm.rules.search import customer_search_text

SLICE = 5_000
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
    last = 0
    with connections[editor.connection.alias].cursor() as cursor:
        while True:
            cursor.execute(READ, [last, SLICE])
            rows = cursor.fetchall()
            if not rows:
                return
            last = rows[-1][0]
            changed = [change for row in rows if (change := _change(*row))]
            if changed:
                columns = zip(*changed, strict=True)
                cursor.execute(WRITE, [list(column) for column in columns])


def _change(number: int, *facts: Any) -> tuple[int, str, str] | None:
    *named, was = facts
    now = customer_search_text(*named)
    return None if now == was else (number, was, now)


class Migration(migrations.Migration):
    atomic = False
    dependencies: ClassVar = [("crm", "0014_phone_digits")]
    operations: ClassVar = [migrations.RunPython(renew, migrations.RunPython.noop)]
