"""What other figures than retention were when their time was over is kept, too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("insights", "0008_keep_answers"),
    ]

    operations = [
        migrations.RemoveConstraint("published", "published_once"),
        migrations.RemoveConstraint("published", "published_kept"),
        migrations.RemoveConstraint("published", "published_basis"),
        migrations.RenameField("published", "start", "base"),
        migrations.RenameField("published", "kept", "count"),
        migrations.AlterField(
            "published",
            "base",
            models.DecimalField(decimal_places=4, max_digits=20),
        ),
        migrations.AlterField(
            "published",
            "count",
            models.DecimalField(decimal_places=4, max_digits=20),
        ),
        migrations.AlterField(
            "published",
            "basis",
            models.CharField(
                blank=True,
                choices=[("orders", "Orders"), ("contract", "Contract")],
                max_length=8,
            ),
        ),
        migrations.AddField(
            "published",
            "figure",
            models.CharField(
                choices=[
                    ("retention", "Retention"),
                    ("cohort", "Cohort"),
                    ("revenue", "Revenue"),
                    ("cost", "Cost"),
                    ("score", "Score"),
                ],
                default="retention",
                max_length=9,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "published",
            "part",
            models.CharField(blank=True, default="", max_length=20),
            preserve_default=False,
        ),
        migrations.AddField(
            "published",
            "last_change",
            models.BigIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            "published",
            models.UniqueConstraint(
                fields=("figure", "basis", "unit", "starts_on", "part"),
                name="published_once",
            ),
        ),
        migrations.AddConstraint(
            "published",
            models.CheckConstraint(
                condition=models.Q(
                    ("base__gt", 0),
                    models.Q(
                        models.Q(
                            ("figure__in", ["retention", "cohort"]), _negated=True
                        ),
                        ("count__range", (0, models.F("base"))),
                        _connector="OR",
                    ),
                ),
                name="published_of_its_base",
            ),
        ),
        migrations.AddConstraint(
            "published",
            models.CheckConstraint(
                condition=models.Q(
                    (
                        "figure__in",
                        ["retention", "cohort", "revenue", "cost", "score"],
                    )
                ),
                name="published_figure",
            ),
        ),
        migrations.AddConstraint(
            "published",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("figure", "score"), _negated=True),
                        ("basis__in", ["orders", "contract"]),
                    ),
                    models.Q(("basis", ""), ("figure", "score")),
                    _connector="OR",
                ),
                name="published_basis",
            ),
        ),
    ]
