import django.contrib.postgres.fields
import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0053_add_postal_addresses"),
    ]

    operations = [
        migrations.AddField(
            model_name="product",
            name="currency",
            field=models.CharField(blank=True, db_default="", default="", max_length=3),
        ),
        migrations.AddField(
            model_name="product",
            name="is_available",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="product",
            name="link",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=500,
                validators=[
                    django.core.validators.URLValidator(schemes=["http", "https"])
                ],
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="picture",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=500,
                validators=[
                    django.core.validators.URLValidator(schemes=["http", "https"])
                ],
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="price",
            field=models.DecimalField(
                blank=True, decimal_places=4, max_digits=14, null=True
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="season_months",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveSmallIntegerField(),
                blank=True,
                db_default=[],
                default=list,
                size=None,
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("price", None),
                    models.Q(
                        ("price__gte", 0), models.Q(("currency", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="product_price_has_currency",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("link", ""), ("link__regex", "^https?://"), _connector="OR"
                ),
                name="product_link_is_page",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("picture", ""), ("picture__regex", "^https?://"), _connector="OR"
                ),
                name="product_picture_is_page",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "season_months__contained_by",
                        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
                    )
                ),
                name="product_season_is_months",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("days_of_supply", None),
                    ("days_of_supply__gte", 1),
                    _connector="OR",
                ),
                name="product_supply_lasts",
            ),
        ),
    ]
