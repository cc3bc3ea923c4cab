"""Reviews, as migrations 1 to 3 left them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from web.migration_operations import CreateModels


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("crm", "0001_squashed_0046_count_orders_of_all_currencies"),
        ("messaging", "0001_squashed_0018_sending_accounts"),
    ]
    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="ReviewRequest",
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
                        ("requested_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        (
                            "state",
                            models.CharField(
                                choices=[("open", "Open"), ("answered", "Answered")],
                                db_default="open",
                                default="open",
                                max_length=10,
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="review_requests",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "message",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="review_request",
                                to="messaging.message",
                            ),
                        ),
                        (
                            "order",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="review_request",
                                to="crm.order",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("expires_at__gt", models.F("requested_at"))
                                ),
                                name="review_request_has_life",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["open", "answered"])),
                                name="review_request_state",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Review",
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
                        ("stars", models.PositiveSmallIntegerField()),
                        ("body", models.TextField(blank=True)),
                        ("name_shown", models.CharField(blank=True, max_length=80)),
                        ("language", models.CharField(blank=True, max_length=10)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("held", "Held"),
                                    ("published", "Published"),
                                    ("rejected", "Rejected"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                db_default="held",
                                default="held",
                                max_length=9,
                            ),
                        ),
                        (
                            "held_reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("first_read", "First read"),
                                    ("has_link", "Has link"),
                                    ("has_phone", "Has phone"),
                                    ("has_email", "Has email"),
                                    ("edited", "Edited"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("written_at", models.DateTimeField()),
                        ("edited_at", models.DateTimeField(blank=True, null=True)),
                        ("moderated_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "moderation_note",
                            models.CharField(blank=True, max_length=300),
                        ),
                        ("published_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "version",
                            models.PositiveIntegerField(db_default=1, default=1),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reviews",
                                to="crm.customer",
                            ),
                        ),
                        (
                            "moderated_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "product",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reviews",
                                to="crm.product",
                            ),
                        ),
                        (
                            "request",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="review",
                                to="feedback.reviewrequest",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                models.F("customer"),
                                models.OrderBy(models.F("written_at"), descending=True),
                                models.OrderBy(models.F("id"), descending=True),
                                name="review_timeline",
                            ),
                            models.Index(
                                models.OrderBy(
                                    models.F("published_at"), descending=True
                                ),
                                models.OrderBy(models.F("id"), descending=True),
                                condition=models.Q(("state", "published")),
                                name="review_public",
                            ),
                            models.Index(
                                fields=["state", "written_at", "id"],
                                name="review_by_state",
                            ),
                            models.Index(
                                models.F("product"),
                                models.OrderBy(
                                    models.F("published_at"), descending=True
                                ),
                                models.OrderBy(models.F("id"), descending=True),
                                condition=models.Q(("state", "published")),
                                name="review_public_product",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("stars__range", (1, 5))),
                                name="review_stars_1_to_5",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        ["held", "published", "rejected", "withdrawn"],
                                    )
                                ),
                                name="review_state",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("published_at__isnull", False),
                                        ("state", "published"),
                                    ),
                                    models.Q(("state", "published"), _negated=True),
                                    _connector="OR",
                                ),
                                name="review_published_has_time",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReviewVersion",
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
                        ("version", models.PositiveIntegerField()),
                        ("stars", models.PositiveSmallIntegerField()),
                        ("body", models.TextField(blank=True)),
                        ("name_shown", models.CharField(blank=True, max_length=80)),
                        ("replaced_at", models.DateTimeField()),
                        (
                            "review",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="versions",
                                to="feedback.review",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("review", "version"), name="review_version_once"
                            )
                        ],
                    },
                ),
            ]
        ),
    ]
