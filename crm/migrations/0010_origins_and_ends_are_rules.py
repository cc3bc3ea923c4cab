"""The public address is an origin, and no key ends before it begins."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("crm", "0009_origins_and_ends_that_hold")]

    operations = [
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gte=F("created_at")),
                name="api_token_lives",
            ),
        ),
        migrations.AddConstraint(
            model_name="business",
            constraint=models.CheckConstraint(
                condition=Q(public_url__regex=r"^https?://[^/?#@[:space:]]+$"),
                name="business_public_url_is_origin",
            ),
        ),
    ]
