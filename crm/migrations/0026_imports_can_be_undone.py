"""What is kept of the rows that an import touches, so that it can be undone."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0025_drafts_of_imports"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportedRow",
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
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("customer", "Customer"),
                            ("customer_tag", "Customer tag"),
                            ("tag", "Tag"),
                            ("order", "Order"),
                            ("order_line", "Order line"),
                            ("product", "Product"),
                            ("interaction", "Interaction"),
                        ],
                        max_length=12,
                    ),
                ),
                ("row_id", models.BigIntegerField()),
                ("parent_id", models.BigIntegerField(null=True)),
                ("customer_id", models.BigIntegerField(null=True)),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                ("digest", models.BigIntegerField(null=True)),
                ("is_sealed", models.BooleanField(db_default=False, default=False)),
                (
                    "kept",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=40
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="importrun",
            name="is_noted",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="importrun",
            name="undo_counts",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="importrun",
            name="undo_job",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="undone_run",
                to="crm.job",
            ),
        ),
        migrations.AddField(
            model_name="importrun",
            name="undo_kept",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="crm.storedfile",
            ),
        ),
        migrations.AddField(
            model_name="importrun",
            name="undo_state",
            field=models.CharField(
                blank=True,
                choices=[("running", "Running"), ("done", "Done")],
                db_default="",
                default="",
                max_length=7,
            ),
        ),
        migrations.AddField(
            model_name="importrun",
            name="undone_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="importrun",
            constraint=models.CheckConstraint(
                condition=models.Q(("undo_state__in", ["", "running", "done"])),
                name="import_undo_state",
            ),
        ),
        migrations.AddField(
            model_name="importedrow",
            name="run",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="crm.importrun",
            ),
        ),
        migrations.AddIndex(
            model_name="importedrow",
            index=models.Index(
                condition=models.Q(("is_sealed", False)),
                fields=["run"],
                name="imported_row_open",
            ),
        ),
        migrations.AddIndex(
            model_name="importedrow",
            index=models.Index(fields=["customer_id"], name="imported_row_customer"),
        ),
        migrations.AddIndex(
            model_name="importedrow",
            index=models.Index(
                condition=models.Q(("parent_id__isnull", False)),
                fields=["run", "parent_id"],
                name="imported_row_parent",
            ),
        ),
        migrations.AddConstraint(
            model_name="importedrow",
            constraint=models.UniqueConstraint(
                fields=("run", "what", "row_id"), name="imported_row_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="importedrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "what__in",
                        [
                            "customer",
                            "customer_tag",
                            "tag",
                            "order",
                            "order_line",
                            "product",
                            "interaction",
                        ],
                    )
                ),
                name="imported_row_what",
            ),
        ),
    ]
