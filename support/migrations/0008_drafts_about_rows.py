"""Drafts about answers, reviews and follow-ups."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0043_likely_pairs"),
        ("support", "0007_mailboxes_that_sent"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "draft",
            "about",
            models.CharField(blank=True, db_default="", default="", max_length=60),
        ),
        migrations.AddField(
            "draft",
            "finishes_follow_up",
            models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            "draft",
            "follow_up",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="crm.followup",
            ),
        ),
        migrations.AddField(
            "draft",
            "quoted",
            models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddConstraint(
            "draft",
            models.UniqueConstraint(
                condition=~Q(about=""),
                fields=("author", "about"),
                name="draft_once_about_a_row",
            ),
        ),
    ]
