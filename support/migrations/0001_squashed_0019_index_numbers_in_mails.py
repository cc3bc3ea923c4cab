"""Mailboxes and conversations, as migrations 1 to 19 left them.

A database that has some of these goes on with the old ones.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from web.migration_operations import CreateModels

# Each number of four digits and more by its ends, 66666 by "66666" and "6666": what is
# typed is a part of it where one of them begins with that. An end is cut after twenty
# digits, so that a text without a blank stays small.
NUMBER_ENDS = """
CREATE FUNCTION support_number_ends(searched text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_to_tsvector(coalesce(array_agg(substr(number[1], at, 20)), '{}'))
    FROM regexp_matches(searched, '[0-9]{4,}', 'g') number,
        generate_series(1, length(number[1]) - 3) at
$$;
"""


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("support", "0001_squashed_0012_absences"),
        ("support", "0013_take_back_blocking"),
        ("support", "0014_believe_one_server"),
        ("support", "0015_beside_conversations"),
        ("support", "0016_tell_colleagues"),
        ("support", "0017_closed_by_a_person"),
        ("support", "0018_notices_per_mailbox"),
        ("support", "0019_index_numbers_in_mails"),
    ]
    dependencies = [
        ("crm", "0052_index_given_names"),
        ("messaging", "0027_limit_birthday_greetings"),
    ]
    operations = [
        migrations.RunSQL(NUMBER_ENDS),
        CreateModels(
            [
                migrations.CreateModel(
                    name="Conversation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "address",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=254
                            ),
                        ),
                        ("subject", models.CharField(blank=True, max_length=300)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("waiting", "Waiting"),
                                    ("snoozed", "Snoozed"),
                                    ("closed", "Closed"),
                                    ("joined", "Joined"),
                                ],
                                db_default="open",
                                default="open",
                                max_length=8,
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("question", "Question"),
                                    ("complaint", "Complaint"),
                                    ("praise", "Praise"),
                                    ("order", "Order"),
                                    ("other", "Other"),
                                ],
                                db_default="",
                                default="",
                                max_length=9,
                            ),
                        ),
                        (
                            "language",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=10
                            ),
                        ),
                        (
                            "is_spam",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        (
                            "is_history",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        ("snoozed_until", models.DateTimeField(blank=True, null=True)),
                        ("opened_at", models.DateTimeField()),
                        ("last_mail_at", models.DateTimeField()),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "outcome",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=200
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(db_default=1, default=1),
                        ),
                        (
                            "answers",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="messaging.message",
                            ),
                        ),
                        (
                            "assignee",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "closed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="conversations",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "mailbox",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="support.mailbox",
                            ),
                        ),
                        (
                            "side_of",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="side_threads",
                                to="support.conversation",
                            ),
                        ),
                        (
                            "tags",
                            models.ManyToManyField(
                                related_name="conversations",
                                through="support.Tagging",
                                to="support.conversationtag",
                            ),
                        ),
                        (
                            "joined_into",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="joined",
                                to="support.conversation",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                models.F("state"),
                                models.OrderBy(
                                    models.F("last_mail_at"), descending=True
                                ),
                                models.OrderBy(models.F("id"), descending=True),
                                name="conversation_by_state",
                            ),
                            models.Index(
                                models.F("assignee"),
                                models.OrderBy(
                                    models.F("last_mail_at"), descending=True
                                ),
                                models.OrderBy(models.F("id"), descending=True),
                                condition=models.Q(("state", "open")),
                                name="conversation_owed",
                            ),
                            models.Index(
                                condition=models.Q(("snoozed_until__isnull", False)),
                                fields=["snoozed_until"],
                                name="conversation_snoozed",
                            ),
                            models.Index(
                                condition=models.Q(("customer", None)),
                                fields=["address"],
                                name="conversation_of_unknown",
                            ),
                            models.Index(
                                models.F("mailbox"),
                                models.F("state"),
                                models.OrderBy(
                                    models.F("last_mail_at"), descending=True
                                ),
                                models.OrderBy(models.F("id"), descending=True),
                                name="conversation_by_mailbox",
                            ),
                            models.Index(
                                models.F("kind"),
                                models.F("state"),
                                models.OrderBy(
                                    models.F("last_mail_at"), descending=True
                                ),
                                models.OrderBy(models.F("id"), descending=True),
                                condition=models.Q(("kind", ""), _negated=True),
                                name="conversation_by_kind",
                            ),
                            models.Index(
                                models.F("language"),
                                models.F("state"),
                                models.OrderBy(
                                    models.F("last_mail_at"), descending=True
                                ),
                                models.OrderBy(models.F("id"), descending=True),
                                condition=models.Q(("language", ""), _negated=True),
                                name="conversation_by_language",
                            ),
                            models.Index(
                                models.OrderBy(
                                    models.F("last_mail_at"), descending=True
                                ),
                                models.OrderBy(models.F("id"), descending=True),
                                name="conversation_by_last_mail",
                            ),
                            models.Index(
                                condition=models.Q(("closed_by__isnull", False)),
                                fields=["closed_at"],
                                name="conversation_closed_by_one",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        [
                                            "",
                                            "question",
                                            "complaint",
                                            "praise",
                                            "order",
                                            "other",
                                        ],
                                    )
                                ),
                                name="conversation_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("closed_at__isnull", False),
                                        ("state", "closed"),
                                    ),
                                    models.Q(
                                        models.Q(("state", "closed"), _negated=True),
                                        ("closed_at", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="conversation_closed_has_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("snoozed_until__isnull", False),
                                        ("state", "snoozed"),
                                    ),
                                    models.Q(
                                        models.Q(("state", "snoozed"), _negated=True),
                                        ("snoozed_until", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="conversation_snoozed_has_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("is_history", False), ("is_spam", False)),
                                    ("state", "closed"),
                                    _connector="OR",
                                ),
                                name="conversation_spam_and_history_closed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "open",
                                            "waiting",
                                            "snoozed",
                                            "closed",
                                            "joined",
                                        ],
                                    )
                                ),
                                name="conversation_state",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("joined_into__isnull", False),
                                        ("state", "joined"),
                                    ),
                                    models.Q(
                                        models.Q(("state", "joined"), _negated=True),
                                        ("joined_into", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="conversation_joined_leads_on",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("joined_into", None),
                                    models.Q(
                                        ("joined_into", models.F("id")), _negated=True
                                    ),
                                    _connector="OR",
                                ),
                                name="conversation_not_joined_to_itself",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Mail",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "direction",
                            models.CharField(
                                choices=[("in", "In"), ("out", "Out")], max_length=3
                            ),
                        ),
                        ("fingerprint", models.CharField(max_length=64, unique=True)),
                        ("message_id", models.CharField(blank=True, max_length=500)),
                        (
                            "references",
                            models.JSONField(blank=True, db_default=[], default=list),
                        ),
                        ("from_name", models.CharField(blank=True, max_length=200)),
                        ("from_address", models.CharField(blank=True, max_length=254)),
                        (
                            "to",
                            models.JSONField(blank=True, db_default=[], default=list),
                        ),
                        (
                            "cc",
                            models.JSONField(blank=True, db_default=[], default=list),
                        ),
                        (
                            "reply_to",
                            models.JSONField(blank=True, db_default=[], default=list),
                        ),
                        ("subject", models.CharField(blank=True, max_length=300)),
                        ("text", models.TextField(blank=True)),
                        ("html", models.TextField(blank=True)),
                        ("at", models.DateTimeField()),
                        (
                            "auth",
                            models.JSONField(blank=True, db_default={}, default=dict),
                        ),
                        (
                            "is_automatic",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        ("stored_at", models.DateTimeField()),
                        (
                            "author",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "conversation",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="mails",
                                to="support.conversation",
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mails",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "raw",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="mail",
                                to="support.rawmail",
                            ),
                        ),
                        (
                            "quoted",
                            models.TextField(blank=True, db_default="", default=""),
                        ),
                        ("trouble_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "search_text",
                            models.TextField(blank=True, db_default="", default=""),
                        ),
                        (
                            "is_to_file",
                            models.BooleanField(db_default=False, default=False),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["conversation", "at", "id"],
                                name="mail_in_order",
                            ),
                            models.Index(
                                models.F("customer"),
                                models.OrderBy(models.F("at"), descending=True),
                                models.OrderBy(models.F("id"), descending=True),
                                name="mail_timeline",
                            ),
                            models.Index(
                                condition=models.Q(("message_id", ""), _negated=True),
                                fields=["message_id"],
                                name="mail_by_id",
                            ),
                            models.Index(fields=["at"], name="mail_age"),
                            models.Index(fields=["from_address"], name="mail_from"),
                            models.Index(
                                condition=models.Q(("trouble_at__isnull", False)),
                                fields=["author", "trouble_at"],
                                name="mail_in_trouble",
                            ),
                            django.contrib.postgres.indexes.GinIndex(
                                django.contrib.postgres.indexes.OpClass(
                                    "search_text", name="gin_trgm_ops"
                                ),
                                name="mail_search",
                            ),
                            models.Index(
                                condition=models.Q(("is_to_file", True)),
                                fields=["conversation", "id"],
                                name="mail_to_file",
                            ),
                            django.contrib.postgres.indexes.GinIndex(
                                models.Func(
                                    models.F("search_text"),
                                    function="support_number_ends",
                                    output_field=django.contrib.postgres.search.SearchVectorField(),
                                ),
                                name="mail_numbers",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("direction__in", ["in", "out"])),
                                name="mail_direction",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("author", None),
                                    ("direction", "out"),
                                    _connector="OR",
                                ),
                                name="mail_author_of_ours",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("fingerprint__regex", "^[0-9a-f]{64}$")
                                ),
                                name="mail_fingerprint",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Mailbox",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("name", models.CharField(max_length=80)),
                        ("address", models.CharField(max_length=254)),
                        ("host", models.CharField(max_length=253)),
                        (
                            "port",
                            models.PositiveIntegerField(db_default=993, default=993),
                        ),
                        (
                            "security",
                            models.CharField(
                                choices=[
                                    ("tls", "Tls"),
                                    ("starttls", "Starttls"),
                                    ("none", "None"),
                                ],
                                db_default="tls",
                                default="tls",
                                max_length=8,
                            ),
                        ),
                        ("user", models.CharField(max_length=254)),
                        (
                            "password",
                            models.TextField(blank=True, db_default="", default=""),
                        ),
                        (
                            "language",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=10
                            ),
                        ),
                        ("new_from", models.DateTimeField()),
                        (
                            "sent_folder",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=200
                            ),
                        ),
                        ("is_on", models.BooleanField(db_default=True, default=True)),
                        ("leased_until", models.DateTimeField(blank=True, null=True)),
                        ("read_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "trouble",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=40
                            ),
                        ),
                        ("trouble_since", models.DateTimeField(blank=True, null=True)),
                        (
                            "version",
                            models.PositiveIntegerField(db_default=1, default=1),
                        ),
                        (
                            "assignee",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "acknowledges",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        (
                            "close_after_days",
                            models.PositiveSmallIntegerField(blank=True, null=True),
                        ),
                        ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "failures",
                            models.PositiveIntegerField(db_default=0, default=0),
                        ),
                        (
                            "files_sent",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        (
                            "grant",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="messaging.mailgrant",
                            ),
                        ),
                        ("next_try_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "sending",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="mailbox",
                                to="messaging.sendingaccount",
                            ),
                        ),
                        (
                            "auth_server",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=253
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "mailboxes",
                        "constraints": [
                            models.UniqueConstraint(
                                django.db.models.functions.text.Lower("address"),
                                name="mailbox_address_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("port__range", (1, 65535))),
                                name="mailbox_port",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("trouble", ""), ("trouble_since", None)),
                                    models.Q(
                                        models.Q(("trouble", ""), _negated=True),
                                        ("trouble_since__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="mailbox_trouble_has_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("security__in", ["tls", "starttls", "none"])
                                ),
                                name="mailbox_security",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("close_after_days", None),
                                    ("close_after_days__range", (1, 365)),
                                    _connector="OR",
                                ),
                                name="mailbox_close_after_days",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        models.Q(("host", ""), _negated=True),
                                        models.Q(("user", ""), _negated=True),
                                        models.Q(("password", ""), _negated=True),
                                        ("grant", None),
                                    ),
                                    models.Q(
                                        models.Q(("host", ""), _negated=True),
                                        models.Q(("user", ""), _negated=True),
                                        ("grant__isnull", False),
                                        ("password", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="mailbox_can_be_opened",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("files_sent", False),
                                    models.Q(("sent_folder", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="mailbox_files_somewhere",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MailFile",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("key", models.CharField(max_length=200, unique=True)),
                        ("name", models.CharField(max_length=200)),
                        ("content_type", models.CharField(max_length=100)),
                        ("size", models.BigIntegerField()),
                        ("sha256", models.CharField(max_length=64)),
                        (
                            "content_id",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=200
                            ),
                        ),
                        (
                            "mail",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="files",
                                to="support.mail",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("key", ""), _negated=True),
                                    models.Q(("name", ""), _negated=True),
                                    ("size__gte", 0),
                                ),
                                name="mail_file_is_stored",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                                name="mail_file_sha256",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MailFolder",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("name", models.CharField(max_length=200)),
                        ("uid_validity", models.BigIntegerField()),
                        ("last_uid", models.BigIntegerField(db_default=0, default=0)),
                        (
                            "mailbox",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="folders",
                                to="support.mailbox",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("mailbox", "name"), name="mail_folder_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("last_uid__gte", 0), ("uid_validity__gte", 0)
                                ),
                                name="mail_folder_counts_up",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RawMail",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("key", models.CharField(max_length=200, unique=True)),
                        ("sha256", models.CharField(max_length=64, unique=True)),
                        ("size", models.BigIntegerField()),
                        (
                            "road",
                            models.CharField(
                                choices=[
                                    ("imap", "Imap"),
                                    ("sent_folder", "Sent folder"),
                                    ("pipe", "Pipe"),
                                    ("webhook", "Webhook"),
                                    ("form", "Form"),
                                ],
                                max_length=11,
                            ),
                        ),
                        ("arrived_at", models.DateTimeField()),
                        ("stored_at", models.DateTimeField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waiting"),
                                    ("read", "Read"),
                                    ("report", "Report"),
                                    ("unreadable", "Unreadable"),
                                ],
                                db_default="waiting",
                                default="waiting",
                                max_length=10,
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=40
                            ),
                        ),
                        (
                            "readings",
                            models.PositiveSmallIntegerField(db_default=0, default=0),
                        ),
                        (
                            "mailbox",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="support.mailbox",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "waiting")),
                                fields=["id"],
                                name="raw_mail_waiting",
                            ),
                            models.Index(
                                models.OrderBy(models.F("stored_at"), descending=True),
                                models.OrderBy(models.F("id"), descending=True),
                                condition=models.Q(("state", "unreadable")),
                                name="raw_mail_unreadable",
                            ),
                            models.Index(fields=["stored_at"], name="raw_mail_stored"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        ["waiting", "read", "report", "unreadable"],
                                    )
                                ),
                                name="raw_mail_state",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                                name="raw_mail_sha256",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("size__gte", 0),
                                    models.Q(("key", ""), _negated=True),
                                ),
                                name="raw_mail_is_stored",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("reason__gt", ""), ("state", "unreadable")
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("state", "unreadable"), _negated=True
                                        ),
                                        ("reason", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="raw_mail_unreadable_has_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "road__in",
                                        [
                                            "imap",
                                            "sent_folder",
                                            "pipe",
                                            "webhook",
                                            "form",
                                        ],
                                    )
                                ),
                                name="raw_mail_road",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BlockedSender",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("address", models.CharField(max_length=254, unique=True)),
                        ("blocked_at", models.DateTimeField()),
                        (
                            "blocked_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("address", ""), _negated=True),
                                name="blocked_sender_has_address",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Draft",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("to", models.TextField(blank=True, db_default="", default="")),
                        ("cc", models.TextField(blank=True, db_default="", default="")),
                        (
                            "bcc",
                            models.TextField(blank=True, db_default="", default=""),
                        ),
                        (
                            "subject",
                            models.TextField(blank=True, db_default="", default=""),
                        ),
                        (
                            "text",
                            models.TextField(blank=True, db_default="", default=""),
                        ),
                        ("quotes", models.BooleanField(db_default=True, default=True)),
                        ("send_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "held_back",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=40
                            ),
                        ),
                        ("begun_at", models.DateTimeField()),
                        ("changed_at", models.DateTimeField()),
                        (
                            "version",
                            models.PositiveIntegerField(db_default=1, default=1),
                        ),
                        (
                            "author",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="drafts",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "conversation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="drafts",
                                to="support.conversation",
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mail_drafts",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "forwards",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="support.mail",
                            ),
                        ),
                        (
                            "about",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=60
                            ),
                        ),
                        (
                            "finishes_follow_up",
                            models.BooleanField(db_default=True, default=True),
                        ),
                        (
                            "follow_up",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="crm.followup",
                            ),
                        ),
                        (
                            "quoted",
                            models.TextField(blank=True, db_default="", default=""),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["changed_at"], name="draft_age"),
                            models.Index(
                                condition=models.Q(("send_at__isnull", False)),
                                fields=["send_at"],
                                name="draft_due",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("forwards", None)),
                                fields=("author", "conversation"),
                                name="draft_once_a_conversation",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("changed_at__gte", models.F("begun_at"))
                                ),
                                name="draft_changes_after_it_begins",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("about", ""), _negated=True),
                                fields=("author", "about"),
                                name="draft_once_about_a_row",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DraftFile",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("key", models.CharField(max_length=200, unique=True)),
                        ("name", models.CharField(max_length=200)),
                        ("content_type", models.CharField(max_length=100)),
                        ("size", models.BigIntegerField()),
                        ("sha256", models.CharField(max_length=64)),
                        (
                            "draft",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="files",
                                to="support.draft",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("key", ""), _negated=True),
                                    models.Q(("name", ""), _negated=True),
                                    ("size__gte", 0),
                                ),
                                name="draft_file_is_stored",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                                name="draft_file_sha256",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Mention",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("seen_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "note",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="mentions",
                                to="support.note",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("seen_at", None)),
                                fields=["user", "id"],
                                name="mention_unseen",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("note", "user"), name="mention_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Note",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("text", models.TextField()),
                        ("at", models.DateTimeField()),
                        (
                            "author",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "conversation",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="notes",
                                to="support.conversation",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["conversation", "at", "id"],
                                name="note_in_order",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("text", ""), _negated=True),
                                name="note_says_something",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SavedReply",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("name", models.CharField(max_length=80)),
                        (
                            "language",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=10
                            ),
                        ),
                        ("text", models.TextField()),
                        (
                            "version",
                            models.PositiveIntegerField(db_default=1, default=1),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "saved replies",
                        "ordering": ["name", "language", "id"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("name", "language", "owner"),
                                name="saved_reply_once",
                                nulls_distinct=False,
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("name", ""), _negated=True),
                                    models.Q(("text", ""), _negated=True),
                                ),
                                name="saved_reply_says_something",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Signature",
                    fields=[
                        (
                            "user",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("text", models.TextField(blank=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="ConversationChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "action",
                            models.CharField(
                                choices=[
                                    ("assign", "Assign"),
                                    ("tag", "Tag"),
                                    ("untag", "Untag"),
                                    ("kind", "Kind"),
                                    ("close", "Close"),
                                    ("snooze", "Snooze"),
                                    ("spam", "Spam"),
                                    ("block", "Block"),
                                    ("join", "Join"),
                                    ("split", "Split"),
                                ],
                                max_length=6,
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("rows", models.JSONField()),
                        ("undone_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["at"], name="conversation_change_age")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("undone_at", None),
                                    ("undone_at__gte", models.F("at")),
                                    _connector="OR",
                                ),
                                name="conversation_change_undone_after",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "action__in",
                                        [
                                            "assign",
                                            "tag",
                                            "untag",
                                            "kind",
                                            "close",
                                            "snooze",
                                            "spam",
                                            "block",
                                            "join",
                                            "split",
                                        ],
                                    )
                                ),
                                name="conversation_change_action",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ConversationTag",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("name", models.CharField(max_length=60)),
                    ],
                    options={
                        "ordering": ["name"],
                        "constraints": [
                            models.UniqueConstraint(
                                django.db.models.functions.text.Lower("name"),
                                name="conversation_tag_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("name", ""), _negated=True),
                                name="conversation_tag_name",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Tagging",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "conversation",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="taggings",
                                to="support.conversation",
                            ),
                        ),
                        (
                            "tag",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="taggings",
                                to="support.conversationtag",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["conversation", "tag"], name="tagging_of_one"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("tag", "conversation"), name="tagging_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AcknowledgementText",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("language", models.CharField(max_length=10)),
                        ("text", models.TextField()),
                        (
                            "mailbox",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="acknowledgement_texts",
                                to="support.mailbox",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("mailbox", "language"),
                                name="acknowledgement_text_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "language__in",
                                        ["en", "zh-hans", "zh-hant", "he"],
                                    ),
                                    models.Q(("text", ""), _negated=True),
                                ),
                                name="acknowledgement_text_is_whole",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SavedReplyFile",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("key", models.CharField(max_length=200, unique=True)),
                        ("name", models.CharField(max_length=200)),
                        ("content_type", models.CharField(max_length=100)),
                        ("size", models.BigIntegerField()),
                        ("sha256", models.CharField(max_length=64)),
                        (
                            "reply",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="files",
                                to="support.savedreply",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("key", ""), _negated=True),
                                    models.Q(("name", ""), _negated=True),
                                    ("size__gte", 0),
                                ),
                                name="saved_reply_file_is_stored",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                                name="saved_reply_file_sha256",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="InboxRule",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("name", models.CharField(max_length=80, unique=True)),
                        ("position", models.PositiveIntegerField()),
                        ("is_on", models.BooleanField(db_default=True, default=True)),
                        (
                            "sender",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=500
                            ),
                        ),
                        (
                            "recipient",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=500
                            ),
                        ),
                        (
                            "subject",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=500
                            ),
                        ),
                        (
                            "body",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=500
                            ),
                        ),
                        (
                            "language",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=10
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("question", "Question"),
                                    ("complaint", "Complaint"),
                                    ("praise", "Praise"),
                                    ("order", "Order"),
                                    ("other", "Other"),
                                ],
                                db_default="",
                                default="",
                                max_length=9,
                            ),
                        ),
                        (
                            "closes",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        (
                            "is_spam",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(db_default=1, default=1),
                        ),
                        (
                            "assignee",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "mailbox",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="support.mailbox",
                            ),
                        ),
                        (
                            "tag",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="support.conversationtag",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["position", "id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("name", ""), _negated=True),
                                name="inbox_rule_has_a_name",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("body", ""),
                                        ("language", ""),
                                        ("recipient", ""),
                                        ("sender", ""),
                                        ("subject", ""),
                                        _negated=True,
                                    ),
                                    ("mailbox__isnull", False),
                                    _connector="OR",
                                ),
                                name="inbox_rule_asks_something",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("assignee__isnull", False),
                                    ("tag__isnull", False),
                                    models.Q(("kind", ""), _negated=True),
                                    ("closes", True),
                                    ("is_spam", True),
                                    _connector="OR",
                                ),
                                name="inbox_rule_does_something",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        [
                                            "",
                                            "question",
                                            "complaint",
                                            "praise",
                                            "order",
                                            "other",
                                        ],
                                    )
                                ),
                                name="inbox_rule_kind",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Absence",
                    fields=[
                        (
                            "user",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("since", models.DateTimeField()),
                        ("until", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("until", None),
                                    ("until__gt", models.F("since")),
                                    _connector="OR",
                                ),
                                name="absence_ends_after_it_begins",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ConversationContact",
                    fields=[
                        (
                            "interaction",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="crm.interaction",
                            ),
                        ),
                        (
                            "conversation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="contacts",
                                to="support.conversation",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="ConversationFollowUp",
                    fields=[
                        (
                            "follow_up",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="crm.followup",
                            ),
                        ),
                        (
                            "closes_with_it",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        (
                            "conversation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="follow_ups",
                                to="support.conversation",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Notice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "event",
                            models.CharField(
                                choices=[
                                    ("assigned", "Assigned"),
                                    ("in_mine", "In mine"),
                                    ("unassigned", "Unassigned"),
                                    ("mention", "Mention"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "way",
                            models.CharField(
                                choices=[("mail", "Mail"), ("browser", "Browser")],
                                max_length=7,
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        (
                            "conversation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="support.conversation",
                            ),
                        ),
                        (
                            "message",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="messaging.message",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["user", "way", "id"], name="notice_new"
                            ),
                            models.Index(fields=["at"], name="notice_age"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("user", "conversation", "way"),
                                name="notice_once_until_opened",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "event__in",
                                        [
                                            "assigned",
                                            "in_mine",
                                            "unassigned",
                                            "mention",
                                        ],
                                    )
                                ),
                                name="notice_event",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("way__in", ["mail", "browser"])),
                                name="notice_way",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("way", "mail"), ("message", None), _connector="OR"
                                ),
                                name="notice_mail_is_by_mail",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="NoticeChoice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "event",
                            models.CharField(
                                choices=[
                                    ("assigned", "Assigned"),
                                    ("in_mine", "In mine"),
                                    ("unassigned", "Unassigned"),
                                    ("mention", "Mention"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "way",
                            models.CharField(
                                blank=True,
                                choices=[("mail", "Mail"), ("browser", "Browser")],
                                max_length=7,
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "mailbox",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="support.mailbox",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "event__in",
                                        [
                                            "assigned",
                                            "in_mine",
                                            "unassigned",
                                            "mention",
                                        ],
                                    )
                                ),
                                name="notice_choice_event",
                            ),
                            models.UniqueConstraint(
                                fields=("event", "way", "user", "mailbox"),
                                name="notice_choice_once",
                                nulls_distinct=False,
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("way__in", ["mail", "browser"]),
                                    models.Q(("mailbox__isnull", False), ("way", "")),
                                    _connector="OR",
                                ),
                                name="notice_choice_way",
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
