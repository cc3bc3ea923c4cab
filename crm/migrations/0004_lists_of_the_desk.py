"""Indexes for the team's list of follow-ups and for the customers of one owner."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0003_first_rows")]

    operations = [
        migrations.AlterField(
            model_name="customer",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(
                    ("erased_at", None),
                    ("merged_into", None),
                    ("owner__isnull", False),
                ),
                fields=["owner", "sort_name", "id"],
                name="customer_by_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                condition=models.Q(("state__in", ["open", "taken"])),
                fields=["due_on", "id"],
                name="follow_up_team",
            ),
        ),
    ]
