"""A message goes to one recipient: a customer, a colleague or a bare address."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0007_room_for_places_of_money"),
        ("messaging", "0007_reorder_links"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="message",
            name="message_once",
        ),
        migrations.AddField(
            model_name="message",
            name="address",
            field=models.CharField(blank=True, max_length=254, null=True),
        ),
        migrations.AddField(
            model_name="message",
            name="user",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="messages",
                to="crm.customer",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("customer__isnull", True), ("state", "planned")),
                fields=["priority", "not_before", "id"],
                name="message_claim_others",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                models.F("user"),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("user__isnull", False)),
                name="message_colleague",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "superseded"), _negated=True),
                fields=("kind", "customer", "occurrence", "user", "address"),
                name="message_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("address__isnull", True),
                        ("customer__isnull", False),
                        ("user__isnull", True),
                    ),
                    models.Q(
                        ("address__isnull", True),
                        ("customer__isnull", True),
                        ("user__isnull", False),
                    ),
                    models.Q(
                        ("address__gt", ""),
                        ("address__isnull", False),
                        ("customer__isnull", True),
                        ("user__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="message_one_recipient",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("customer__isnull", False),
                    ("category", "transactional"),
                    _connector="OR",
                ),
                name="message_to_others_transactional",
            ),
        ),
    ]
