"""One more reason to write to an address no more."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0014_erasure_empties_consents"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="suppression",
            name="suppression_reason",
        ),
        migrations.AlterField(
            model_name="suppression",
            name="reason",
            field=models.CharField(
                choices=[
                    ("bounce", "Bounce"),
                    ("complaint", "Complaint"),
                    ("erased", "Erased"),
                    ("staff", "Staff"),
                    ("withdrawn", "Withdrawn"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="suppression",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "reason__in",
                        ["bounce", "complaint", "erased", "staff", "withdrawn"],
                    )
                ),
                name="suppression_reason",
            ),
        ),
    ]
