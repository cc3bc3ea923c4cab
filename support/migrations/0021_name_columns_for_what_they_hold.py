"""Columns have the names of what they hold: `error_code`, `failed_at`, `source`.

PostgreSQL renames columns, constraints and indexes without reading a row.
"""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q

SOURCES = ["imap", "sent_folder", "pipe", "webhook", "form"]
RENAME = [
    "ALTER TABLE support_mailbox RENAME COLUMN trouble TO error_code",
    "ALTER TABLE support_mailbox RENAME COLUMN trouble_since TO error_since",
    "ALTER TABLE support_mailbox"
    " RENAME CONSTRAINT mailbox_trouble_has_time TO mailbox_error_has_time",
    "ALTER TABLE support_rawmail RENAME COLUMN verdict TO provider_checks",
    "ALTER TABLE support_rawmail RENAME COLUMN road TO source",
    "ALTER TABLE support_rawmail RENAME CONSTRAINT raw_mail_road TO raw_mail_source",
    "ALTER TABLE support_mail RENAME COLUMN trouble_at TO failed_at",
    "ALTER INDEX mail_in_trouble RENAME TO mail_failed",
]
BACK = [
    "ALTER TABLE support_mailbox RENAME COLUMN error_code TO trouble",
    "ALTER TABLE support_mailbox RENAME COLUMN error_since TO trouble_since",
    "ALTER TABLE support_mailbox"
    " RENAME CONSTRAINT mailbox_error_has_time TO mailbox_trouble_has_time",
    "ALTER TABLE support_rawmail RENAME COLUMN provider_checks TO verdict",
    "ALTER TABLE support_rawmail RENAME COLUMN source TO road",
    "ALTER TABLE support_rawmail RENAME CONSTRAINT raw_mail_source TO raw_mail_road",
    "ALTER TABLE support_mail RENAME COLUMN failed_at TO trouble_at",
    "ALTER INDEX mail_failed RENAME TO mail_in_trouble",
]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("support", "0020_mailboxes_without_server")]
    operations: ClassVar = [
        migrations.RunSQL(
            RENAME,
            BACK,
            state_operations=[
                migrations.RemoveConstraint("mailbox", "mailbox_trouble_has_time"),
                migrations.RemoveConstraint("rawmail", "raw_mail_road"),
                migrations.RemoveIndex("mail", "mail_in_trouble"),
                migrations.RenameField("mailbox", "trouble", "error_code"),
                migrations.RenameField("mailbox", "trouble_since", "error_since"),
                migrations.RenameField("rawmail", "verdict", "provider_checks"),
                migrations.RenameField("rawmail", "road", "source"),
                migrations.RenameField("mail", "trouble_at", "failed_at"),
                migrations.AddConstraint(
                    "mailbox",
                    models.CheckConstraint(
                        condition=Q(error_code="", error_since=None)
                        | Q(~Q(error_code=""), error_since__isnull=False),
                        name="mailbox_error_has_time",
                    ),
                ),
                migrations.AddConstraint(
                    "rawmail",
                    models.CheckConstraint(
                        condition=Q(source__in=SOURCES), name="raw_mail_source"
                    ),
                ),
                migrations.AddIndex(
                    "mail",
                    models.Index(
                        fields=["author", "failed_at"],
                        condition=Q(failed_at__isnull=False),
                        name="mail_failed",
                    ),
                ),
            ],
        ),
    ]
