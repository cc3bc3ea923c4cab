"""Answers are asked for at an address with a tag only where mail to one came in.

Mailboxes that are confirmed go on as they did; their owner may send the test again.
"""

from typing import ClassVar

from django.db import migrations, models

CONFIRMED = "UPDATE support_mailbox SET tags_seen_at = confirmed_at"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("support", "0022_index_parts_of_words")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="mailbox",
            name="tags_seen_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunSQL(CONFIRMED, migrations.RunSQL.noop),
    ]
