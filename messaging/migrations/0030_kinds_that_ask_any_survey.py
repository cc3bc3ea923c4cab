"""Plain names for the kinds that once asked NPS alone and now ask any survey.

The name stands in automations, in the ledger of messages and in the conditions of
segments. Each message of these kinds is written once.
"""

from typing import ClassVar

from django.db import migrations

NAMES = {
    "nps_relationship": "survey_regularly",
    "nps_post_purchase": "survey_after_delivery",
    "nps_reminder": "survey_reminder",
}
ROWS = (
    "UPDATE messaging_automation SET kind = %s WHERE kind = %s",
    "UPDATE messaging_message SET kind = %s WHERE kind = %s",
)
# With its quotation marks, so that a part of a longer text stays.
SEGMENTS = (
    "UPDATE crm_segment SET conditions = replace(conditions::text, %s, %s)::jsonb"
    " WHERE conditions::text LIKE '%%\"mail.got\"%%'"
)


def _renamed(names):
    return [
        statement
        for before, after in names.items()
        for statement in (
            *((one, [after, before]) for one in ROWS),
            (SEGMENTS, [f'"{before}"', f'"{after}"']),
        )
    ]


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("crm", "0054_product_facts"),
        ("messaging", "0029_remember_looks"),
    ]
    operations: ClassVar = [
        migrations.RunSQL(
            _renamed(NAMES), _renamed({new: old for old, new in NAMES.items()})
        )
    ]
