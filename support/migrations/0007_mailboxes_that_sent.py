"""Replies left from the addresses of these mailboxes until now, and go on doing so."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("support", "0006_mailboxes_send")]

    operations = [
        migrations.RunSQL(
            "UPDATE support_mailbox SET confirmed_at = coalesce(read_at, new_from)"
            " WHERE is_on",
            migrations.RunSQL.noop,
        )
    ]
