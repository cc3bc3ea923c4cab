"""Tell tries that a server answered from tries that ended without an answer."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("messaging", "0005_address_key_and_pauses")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="message",
            name="refusals",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="message",
            name="resends",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
