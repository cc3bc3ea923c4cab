"""Bring rows of before into the shape that the next migration makes a rule."""

from typing import Any
from urllib.parse import urlsplit

from django.db import migrations
from django.db.models import F


def keep_the_origin(apps: Any, schema_editor: Any) -> None:
    """Pages answer at the root of their host: a path behind it led nowhere."""
    for business in apps.get_model("crm", "Business").objects.all():
        parts = urlsplit(business.public_url)
        host = parts.netloc.rpartition("@")[2]
        if host:
            business.public_url = f"{parts.scheme}://{host}"
            business.save(update_fields=["public_url"])


def end_with_the_beginning(apps: Any, schema_editor: Any) -> None:
    """A key that ended before it was made never lived; it goes on so."""
    tokens = apps.get_model("crm", "ApiToken").objects
    tokens.filter(expires_at__lt=F("created_at")).update(expires_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [("crm", "0008_count_attempts")]

    operations = [
        migrations.RunPython(keep_the_origin, migrations.RunPython.noop),
        migrations.RunPython(end_with_the_beginning, migrations.RunPython.noop),
    ]
