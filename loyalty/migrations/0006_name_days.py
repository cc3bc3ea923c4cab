import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from crm.models.fields import NameKey


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0052_index_given_names"),
        ("loyalty", "0005_campaigns"),
    ]

    operations = [
        migrations.CreateModel(
            name="NameDayCalendar",
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
                ("name", models.CharField(max_length=120)),
                ("country", models.CharField(blank=True, max_length=2)),
                ("language", models.CharField(blank=True, max_length=3)),
                ("source", models.CharField(max_length=200)),
                ("licence", models.CharField(max_length=200)),
                ("is_orthodox", models.BooleanField(db_default=False, default=False)),
                ("is_used", models.BooleanField(db_default=True, default=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["name"], name="name_day_calendar_once"
                    ),
                    models.CheckConstraint(
                        condition=~Q(country="") | ~Q(language=""),
                        name="name_day_calendar_of_somebody",
                    ),
                    models.CheckConstraint(
                        condition=~Q(name="") & ~Q(source="") & ~Q(licence=""),
                        name="name_day_calendar_says_whence",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NameDay",
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
                ("name", models.CharField(max_length=60)),
                (
                    "key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=NameKey("name"),
                        output_field=models.TextField(),
                    ),
                ),
                ("month", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("day", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("from_easter", models.SmallIntegerField(blank=True, null=True)),
                ("is_main", models.BooleanField(db_default=False, default=False)),
                (
                    "calendar",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="days",
                        to="loyalty.namedaycalendar",
                    ),
                ),
            ],
            options={
                "ordering": ["month", "day", "from_easter", "name"],
                "indexes": [
                    models.Index(fields=["key", "calendar"], name="name_day_key")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(
                            month__range=(1, 12), day__range=(1, 31), from_easter=None
                        )
                        | Q(month=None, day=None, from_easter__range=(-120, 120)),
                        name="name_day_has_one_day",
                    ),
                    models.CheckConstraint(
                        condition=~Q(name=""), name="name_day_has_a_name"
                    ),
                    models.UniqueConstraint(
                        condition=Q(is_main=True),
                        fields=["calendar", "key"],
                        name="name_day_main_once",
                    ),
                ],
            },
        ),
    ]
