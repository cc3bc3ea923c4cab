"""Find what was taken off the list of suppressed addresses by its address."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0016_several_automations_of_a_kind"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="suppression",
            index=models.Index(
                condition=models.Q(("lifted_at__isnull", False)),
                fields=["address_hash"],
                name="suppression_lifted",
            ),
        ),
    ]
