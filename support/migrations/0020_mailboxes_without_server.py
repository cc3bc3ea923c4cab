"""A mailbox may have no server: a provider posts its mail, or a pipe brings it.

What the provider says of a sender is kept beside the bytes, where no sender can write.
"""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies: ClassVar = [("support", "0019_index_numbers_in_mails")]
    operations: ClassVar = [
        migrations.RemoveConstraint(model_name="mailbox", name="mailbox_can_be_opened"),
        migrations.AddField(
            model_name="rawmail",
            name="verdict",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AlterField(
            model_name="mailbox",
            name="host",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=253
            ),
        ),
        migrations.AlterField(
            model_name="mailbox",
            name="user",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=254
            ),
        ),
        migrations.AddConstraint(
            model_name="mailbox",
            constraint=models.CheckConstraint(
                condition=Q(~Q(host=""), ~Q(user=""), ~Q(password=""), grant=None)
                | Q(~Q(host=""), ~Q(user=""), password="", grant__isnull=False)
                | Q(host="", user="", password="", grant=None, sent_folder=""),
                name="mailbox_can_be_opened",
            ),
        ),
    ]
