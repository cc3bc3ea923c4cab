"""At the ends of which months somebody had something, so that no list adds all up."""

import django.db.models.deletion
from django.db import migrations, models

# Whoever writes the entries. A mark that is there is locked until their commit, so that
# no tick takes it before it can see what they wrote.
MARK = """
CREATE FUNCTION insights_mark_membership() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO insights_stalemembership AS there (membership_id)
    SELECT DISTINCT membership_id FROM new_rows ORDER BY membership_id
    ON CONFLICT (membership_id) DO UPDATE SET membership_id = there.membership_id
        WHERE false;
    RETURN NULL;
END $$
"""
TRIGGER = """
CREATE TRIGGER insights_mark_membership AFTER INSERT ON loyalty_entry
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION insights_mark_membership()
"""
# The ticks count them.
MARK_ALL = """
INSERT INTO insights_stalemembership (membership_id) SELECT id FROM loyalty_membership
"""


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0064_lines_say_their_tax"),
        ("insights", "0010_keep_spending_as_it_adds_up"),
        ("loyalty", "0019_shares_samples_and_spans"),
    ]

    operations = [
        migrations.CreateModel(
            name="StaleMembership",
            fields=[
                (
                    "membership",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="loyalty.membership",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Held",
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
                ("first_month", models.DateField()),
                ("until_month", models.DateField(blank=True, null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="crm.customer",
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="loyalty.membership",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="loyalty.programme",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["programme", "first_month"], name="held_by_month"
                    ),
                    models.Index(fields=["customer"], name="held_of_customer"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("membership", "first_month"), name="held_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("first_month__day", 1),
                            models.Q(
                                ("until_month", None),
                                models.Q(
                                    ("until_month__day", 1),
                                    ("until_month__gt", models.F("first_month")),
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="held_months",
                    ),
                ],
            },
        ),
        migrations.RunSQL("SET LOCAL statement_timeout = 0"),
        migrations.RunSQL([MARK, TRIGGER, MARK_ALL]),
    ]
