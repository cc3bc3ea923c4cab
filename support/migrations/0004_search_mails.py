"""Mails are searched: one text for each, and an index of its trigrams.

Slice by slice, so that no statement takes long; the index is made when all is written.
"""

from typing import Any

import django.contrib.postgres.indexes
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from support.rules import mail_search

SLICE = 500


def fill(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    mails = apps.get_model("support", "Mail").objects
    last = 0
    while rows := list(mails.filter(pk__gt=last).order_by("pk")[:SLICE]):
        for mail in rows:
            mail.search_text = _text_of(mail)
        mails.bulk_update(rows, ["search_text"])
        last = rows[-1].pk


def _text_of(mail: Any) -> str:
    pairs = [(pair[0], pair[1]) for pair in (*mail.to, *mail.cc)]
    return mail_search.text_of(
        subject=mail.subject,
        body=mail.text,
        people=[(mail.from_name, mail.from_address), *pairs],
        files=mail.files.values_list("name", flat=True),
    )


class Migration(migrations.Migration):
    dependencies = [("support", "0003_sort_conversations")]

    operations = [
        # The index of many mails takes longer than a page may.
        migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="mail",
            name="search_text",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                models.OrderBy(models.F("last_mail_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="conversation_by_last_mail",
            ),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    "search_text", name="gin_trgm_ops"
                ),
                name="mail_search",
            ),
        ),
    ]
