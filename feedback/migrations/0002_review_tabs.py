"""Indexes of the moderation tabs and of one product's reviews; a shorter word list."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies: ClassVar = [("feedback", "0001_reviews")]
    operations: ClassVar = [
        migrations.RemoveConstraint(
            model_name="reviewrequest", name="review_request_state"
        ),
        migrations.RemoveIndex(model_name="review", name="review_held"),
        migrations.AlterField(
            model_name="reviewrequest",
            name="state",
            field=models.CharField(
                choices=[("open", "Open"), ("answered", "Answered")],
                default="open",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                fields=["state", "written_at", "id"], name="review_by_state"
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                F("product"),
                F("published_at").desc(),
                F("id").desc(),
                condition=Q(state="published"),
                name="review_public_product",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewrequest",
            constraint=models.CheckConstraint(
                condition=Q(state__in=["open", "answered"]),
                name="review_request_state",
            ),
        ),
    ]
