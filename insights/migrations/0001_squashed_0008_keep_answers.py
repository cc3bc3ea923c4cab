"""What customers bring and who stays, as migrations 1 to 8 left it.

A database that has some of these goes on with the old ones.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

from web.migration_operations import CreateModels

# The sums follow the rows, whoever writes them: a count, an erasure, a merge, or an
# import that is undone. One at a time, by the lock that every count takes first.
LOCK = "PERFORM pg_advisory_xact_lock(hashtextextended('insights', 0));"
# First what is alike is put together: a million spells are a few thousand pairs of
# months.
CELLS = """alike AS MATERIALIZED (
    SELECT basis, number = 1 AS is_new, country, source, owner_id,
        date_trunc('month', starts_on)::date AS came,
        date_trunc('month', ends_on)::date AS went, count(*) AS people
    FROM {rows} GROUP BY 1, 2, 3, 4, 5, 6, 7
), event AS (
    SELECT basis, country, source, owner_id, came AS month,
        CASE WHEN is_new THEN people ELSE 0 END AS new,
        CASE WHEN is_new THEN 0 ELSE people END AS back, 0 AS lost,
        came = went AS in_month,
        date_trunc('quarter', came) = date_trunc('quarter', went) AS in_quarter,
        date_trunc('year', came) = date_trunc('year', went) AS in_year
    FROM alike
    UNION ALL
    SELECT basis, country, source, owner_id, went, 0, 0, people, false, false, false
    FROM alike WHERE went IS NOT NULL
), cell AS MATERIALIZED (
    SELECT basis, dimension, value, month, sum(new) AS new, sum(back) AS back,
        sum(lost) AS lost,
        coalesce(sum(new) FILTER (WHERE in_month), 0) AS new_gone_in_month,
        coalesce(sum(new) FILTER (WHERE in_quarter), 0) AS new_gone_in_quarter,
        coalesce(sum(new) FILTER (WHERE in_year), 0) AS new_gone_in_year,
        coalesce(sum(back) FILTER (WHERE in_month), 0) AS back_gone_in_month,
        coalesce(sum(back) FILTER (WHERE in_quarter), 0) AS back_gone_in_quarter,
        coalesce(sum(back) FILTER (WHERE in_year), 0) AS back_gone_in_year
    FROM event CROSS JOIN LATERAL (VALUES ('all', ''), ('country', country),
        ('source', source), ('owner', coalesce(owner_id::text, ''))
    ) d (dimension, value)
    GROUP BY basis, dimension, value, month)"""
COUNTS = (
    *("new", "back", "lost"),
    *("new_gone_in_month", "new_gone_in_quarter", "new_gone_in_year"),
    *("back_gone_in_month", "back_gone_in_quarter", "back_gone_in_year"),
)
SUM_SPELLS = f"""
CREATE FUNCTION insights_sum_spells() RETURNS trigger LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    {LOCK}
    IF TG_OP <> 'INSERT' THEN
        WITH {CELLS.format(rows="old_rows")}
        UPDATE insights_cell kept
        SET {", ".join(f"{name} = kept.{name} - cell.{name}" for name in COUNTS)}
        FROM cell WHERE (kept.basis, kept.dimension, kept.value, kept.month)
            = (cell.basis, cell.dimension, cell.value, cell.month);
        DELETE FROM insights_cell WHERE new = 0 AND back = 0 AND lost = 0;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        WITH {CELLS.format(rows="new_rows")}
        INSERT INTO insights_cell AS kept
            (basis, dimension, value, month, {", ".join(COUNTS)})
        SELECT basis, dimension, value, month, {", ".join(COUNTS)} FROM cell
        ON CONFLICT (basis, dimension, value, month) DO UPDATE
        SET {", ".join(f"{name} = kept.{name} + excluded.{name}" for name in COUNTS)};
    END IF;
    RETURN NULL;
END $$
"""  # noqa: S608 # names of this file
# Per period: of those who first bought in it, how many bought in it and in later ones.
# Somebody counts once in a period: on their first day of it, whose day before lies in
# another. Months alone are worked out for each day; what is alike is then put together.
COHORTS = """alike AS MATERIALIZED (
    SELECT date_trunc('month', p.days[1]::timestamp)::date AS first,
        date_trunc('month', d.day::timestamp)::date AS month,
        date_trunc('month', d.before::timestamp)::date AS before,
        count(*) AS people,
        count(*) FILTER (WHERE cardinality(p.days) > 1) AS repeated
    FROM {rows} p, unnest(p.days, NULL::date || p.days) d (day, before)
    WHERE d.day IS NOT NULL GROUP BY 1, 2, 3
), cell AS MATERIALIZED (
    SELECT u.unit, date_trunc(u.unit, first::timestamp)::date AS cohort,
        date_trunc(u.unit, month::timestamp)::date AS period,
        sum(people) AS people, sum(repeated) AS repeated
    FROM alike CROSS JOIN (VALUES ('month'), ('quarter'), ('year')) u (unit)
    WHERE date_trunc(u.unit, before::timestamp)
        IS DISTINCT FROM date_trunc(u.unit, month::timestamp)
    GROUP BY 1, 2, 3)"""
SUM_DAYS = f"""
CREATE FUNCTION insights_sum_days() RETURNS trigger LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    {LOCK}
    IF TG_OP <> 'INSERT' THEN
        WITH {COHORTS.format(rows="old_rows")}
        UPDATE insights_cohortcell kept SET people = kept.people - cell.people,
            repeated = kept.repeated - cell.repeated
        FROM cell
        WHERE (kept.unit, kept.cohort, kept.period)
            = (cell.unit, cell.cohort, cell.period);
        DELETE FROM insights_cohortcell WHERE people = 0;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        WITH {COHORTS.format(rows="new_rows")}
        INSERT INTO insights_cohortcell AS kept (unit, cohort, period, people, repeated)
        SELECT unit, cohort, period, people, repeated FROM cell
        ON CONFLICT (unit, cohort, period)
        DO UPDATE SET people = kept.people + excluded.people,
            repeated = kept.repeated + excluded.repeated;
    END IF;
    RETURN NULL;
END $$
"""  # noqa: S608 # names of this file
# What each period brings, of what each customer brings by month.
SUMS = """pair AS (
    SELECT id, basis, ends_on,
        (ends_on - make_interval(months => months))::date AS middle,
        (ends_on - make_interval(months => 2 * months))::date AS starts_on
    FROM insights_moneyend
), part AS (
    SELECT p.id, p.basis, s.currency, s.customer_id,
        coalesce(sum(m.amount) FILTER (WHERE m.month < p.middle), 0) AS earlier,
        coalesce(sum(m.amount) FILTER (WHERE m.month >= p.middle), 0) AS later,
        coalesce(bool_or(m.bought) FILTER (WHERE m.month >= p.middle), false) AS bought,
        coalesce(bool_or(s.first_month < p.middle), false) AS is_earlier
    FROM {rows} s
        CROSS JOIN unnest(s.months, s.amounts, s.bought) m (month, amount, bought)
        JOIN pair p ON p.basis = s.basis AND m.month < p.ends_on
            AND (p.basis = 'contract' OR m.month >= p.starts_on)
    GROUP BY p.id, p.basis, s.currency, s.customer_id
), paired AS (
    SELECT id, currency, customer_id, greatest(earlier, 0) AS was,
        greatest(later, 0) AS brings, later AS exact, bought, is_earlier
    FROM part WHERE basis = 'orders'
    UNION ALL
    SELECT id, currency, customer_id, earlier, earlier + later, earlier + later,
        earlier + later > 0, is_earlier
    FROM part WHERE basis = 'contract'
), fresh AS MATERIALIZED (
SELECT id AS end_id, currency, count(*) AS persons,
    count(*) FILTER (WHERE was > 0) AS people,
    count(*) FILTER (WHERE was > 0 AND brings > was) AS more_people,
    count(*) FILTER (WHERE was > 0 AND brings > 0 AND brings < was) AS less_people,
    count(*) FILTER (WHERE was > 0 AND brings = was) AS same_people,
    count(*) FILTER (WHERE was > 0 AND brings = 0) AS lost_people,
    coalesce(sum(was) FILTER (WHERE was > 0), 0) AS start,
    coalesce(sum(brings - was) FILTER (WHERE was > 0 AND brings > was), 0) AS expansion,
    coalesce(sum(was - brings) FILTER (WHERE was > 0 AND brings > 0 AND brings < was),
        0) AS contraction,
    coalesce(sum(was) FILTER (WHERE was > 0 AND brings = 0), 0) AS lost,
    coalesce(sum(was * was) FILTER (WHERE was > 0), 0) AS squares_then,
    coalesce(sum(brings * brings) FILTER (WHERE was > 0), 0) AS squares_now,
    coalesce(sum(was * brings) FILTER (WHERE was > 0), 0) AS products_now,
    coalesce(sum(least(was, brings) * least(was, brings)) FILTER (WHERE was > 0), 0)
        AS squares_kept,
    coalesce(sum(was * least(was, brings)) FILTER (WHERE was > 0), 0) AS products_kept,
    count(*) FILTER (WHERE bought) AS buyers,
    count(*) FILTER (WHERE bought AND is_earlier) AS earlier_buyers,
    coalesce(sum(exact), 0) AS revenue,
    coalesce(sum(exact) FILTER (WHERE is_earlier), 0) AS earlier_revenue
FROM paired GROUP BY 1, 2
)"""
AMOUNTS = (
    *("persons", "people", "more_people", "less_people", "same_people", "lost_people"),
    *("start", "expansion", "contraction", "lost", "squares_then", "squares_now"),
    *("products_now", "squares_kept", "products_kept", "buyers", "earlier_buyers"),
    *("revenue", "earlier_revenue"),
)
SUM_MONEY = f"""
CREATE FUNCTION insights_sum_money() RETURNS trigger LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    {LOCK}
    IF TG_OP <> 'INSERT' THEN
        WITH {SUMS.format(rows="old_rows")}
        UPDATE insights_moneyperiod kept
        SET {", ".join(f"{name} = kept.{name} - fresh.{name}" for name in AMOUNTS)}
        FROM fresh
        WHERE (kept.end_id, kept.currency) = (fresh.end_id, fresh.currency);
        DELETE FROM insights_moneyperiod WHERE persons = 0;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        WITH {SUMS.format(rows="new_rows")}
        INSERT INTO insights_moneyperiod AS kept
            (end_id, currency, {", ".join(AMOUNTS)})
        SELECT end_id, currency, {", ".join(AMOUNTS)} FROM fresh
        ON CONFLICT (end_id, currency) DO UPDATE
        SET {", ".join(f"{name} = kept.{name} + excluded.{name}" for name in AMOUNTS)};
    END IF;
    RETURN NULL;
END $$
"""  # noqa: S608 # names of this file
REFERENCES = {
    "INSERT": "NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
}


def _trigger(table: str, function: str, event: str) -> str:
    return (
        f"CREATE TRIGGER {function}_on_{event.lower()} AFTER {event} ON {table}"
        f" REFERENCING {REFERENCES[event]}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
    )


TRIGGERS = [
    _trigger(table, function, event)
    for table, function in (
        ("insights_spell", "insights_sum_spells"),
        ("insights_buyer", "insights_sum_days"),
        ("insights_spending", "insights_sum_money"),
    )
    for event in REFERENCES
]
FIRST_ROW = "INSERT INTO insights_definition (id) VALUES (1) ON CONFLICT DO NOTHING"


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("insights", "0001_sum_up_money"),
        ("insights", "0002_spells"),
        ("insights", "0003_sum_spells_and_days"),
        ("insights", "0004_add_spend"),
        ("insights", "0005_keep_money_by_month"),
        ("insights", "0006_sum_money_by_differences"),
        ("insights", "0007_keep_breakage"),
        ("insights", "0008_keep_answers"),
    ]
    dependencies = [("crm", "0052_index_given_names")]
    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="MoneyMark",
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
                        ("marked_at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="SpendCurve",
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
                        ("currency", models.CharField(max_length=3, unique=True)),
                        (
                            "people",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.PositiveIntegerField(), size=None
                            ),
                        ),
                        (
                            "sums",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.DecimalField(
                                    decimal_places=4, max_digits=20
                                ),
                                size=None,
                            ),
                        ),
                        ("counted_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("people__len", models.F("sums__len"))
                                ),
                                name="spend_curve_in_pairs",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Buyer",
                    fields=[
                        (
                            "customer",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="crm.customer",
                            ),
                        ),
                        (
                            "days",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.DateField(), size=None
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("days", []), _negated=True),
                                name="buyer_has_bought",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Cell",
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
                            "basis",
                            models.CharField(
                                choices=[
                                    ("orders", "Orders"),
                                    ("contract", "Contract"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("month", models.DateField()),
                        (
                            "dimension",
                            models.CharField(
                                choices=[
                                    ("all", "All"),
                                    ("country", "Country"),
                                    ("source", "Source"),
                                    ("owner", "Owner"),
                                ],
                                max_length=8,
                            ),
                        ),
                        (
                            "value",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=60
                            ),
                        ),
                        ("new", models.IntegerField()),
                        ("back", models.IntegerField()),
                        ("lost", models.IntegerField()),
                        ("new_gone_in_month", models.IntegerField()),
                        ("new_gone_in_quarter", models.IntegerField()),
                        ("new_gone_in_year", models.IntegerField()),
                        ("back_gone_in_month", models.IntegerField()),
                        ("back_gone_in_quarter", models.IntegerField()),
                        ("back_gone_in_year", models.IntegerField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("basis", "dimension", "value", "month"),
                                name="cell_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("month__day", 1)),
                                name="cell_is_of_a_month",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("back__gte", 0), ("lost__gte", 0), ("new__gte", 0)
                                ),
                                name="cell_counts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("basis__in", ["orders", "contract"])
                                ),
                                name="cell_basis",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "dimension__in",
                                        ["all", "country", "source", "owner"],
                                    )
                                ),
                                name="cell_dimension",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CohortCell",
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
                            "unit",
                            models.CharField(
                                choices=[
                                    ("month", "Month"),
                                    ("quarter", "Quarter"),
                                    ("year", "Year"),
                                ],
                                max_length=7,
                            ),
                        ),
                        ("cohort", models.DateField()),
                        ("period", models.DateField()),
                        ("people", models.IntegerField()),
                        ("repeated", models.IntegerField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("unit", "cohort", "period"), name="cohort_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("cohort__day", 1),
                                    ("period__day", 1),
                                    ("period__gte", models.F("cohort")),
                                ),
                                name="cohort_periods",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("people__gte", 0), ("repeated__gte", 0)
                                ),
                                name="cohort_people",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("unit__in", ["month", "quarter", "year"])
                                ),
                                name="cohort_unit",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Published",
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
                            "basis",
                            models.CharField(
                                choices=[
                                    ("orders", "Orders"),
                                    ("contract", "Contract"),
                                ],
                                max_length=8,
                            ),
                        ),
                        (
                            "unit",
                            models.CharField(
                                choices=[
                                    ("month", "Month"),
                                    ("quarter", "Quarter"),
                                    ("year", "Year"),
                                ],
                                max_length=7,
                            ),
                        ),
                        ("starts_on", models.DateField()),
                        ("start", models.PositiveIntegerField()),
                        ("kept", models.PositiveIntegerField()),
                        ("published_at", models.DateTimeField()),
                        ("last_order", models.BigIntegerField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("basis", "unit", "starts_on"),
                                name="published_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("kept__lte", models.F("start"))),
                                name="published_kept",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("basis__in", ["orders", "contract"])
                                ),
                                name="published_basis",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("unit__in", ["month", "quarter", "year"])
                                ),
                                name="published_unit",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StaleCustomer",
                    fields=[
                        (
                            "customer",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="crm.customer",
                            ),
                        ),
                        ("marked_at", models.DateTimeField()),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["marked_at"], name="insights_stale_oldest"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Definition",
                    fields=[
                        (
                            "id",
                            models.PositiveSmallIntegerField(
                                db_default=1,
                                default=1,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "by_orders",
                            models.BooleanField(db_default=True, default=True),
                        ),
                        (
                            "days",
                            models.PositiveSmallIntegerField(
                                db_default=365, default=365
                            ),
                        ),
                        (
                            "by_contract",
                            models.BooleanField(db_default=False, default=False),
                        ),
                        (
                            "churn_target",
                            models.DecimalField(
                                blank=True, decimal_places=1, max_digits=4, null=True
                            ),
                        ),
                        (
                            "version",
                            models.PositiveIntegerField(db_default=1, default=1),
                        ),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        ("counted_at", models.DateTimeField(blank=True, null=True)),
                        ("counted_to", models.BigIntegerField(blank=True, null=True)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("id", 1)), name="definition_is_one"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("by_orders", True),
                                    ("by_contract", True),
                                    _connector="OR",
                                ),
                                name="definition_counts_something",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("days__range", (7, 1825))),
                                name="definition_days",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("churn_target", None),
                                    models.Q(
                                        ("churn_target__gt", 0),
                                        ("churn_target__lt", 100),
                                    ),
                                    _connector="OR",
                                ),
                                name="definition_churn_target",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Mark",
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
                            "metric",
                            models.CharField(
                                choices=[
                                    ("retention", "Retention"),
                                    ("churn", "Churn"),
                                ],
                                max_length=9,
                            ),
                        ),
                        (
                            "basis",
                            models.CharField(
                                choices=[
                                    ("orders", "Orders"),
                                    ("contract", "Contract"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("month", models.DateField()),
                        ("months", models.PositiveSmallIntegerField()),
                        ("words", models.CharField(max_length=200)),
                        ("made_at", models.DateTimeField()),
                        (
                            "made_by",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-month", "-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("words", ""), _negated=True),
                                name="mark_has_words",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("month__day", 1)),
                                name="mark_is_of_a_month",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("months__range", (1, 24))),
                                name="mark_months",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("metric__in", ["retention", "churn"])
                                ),
                                name="mark_metric",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("basis__in", ["orders", "contract"])
                                ),
                                name="mark_basis",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Spell",
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
                            "basis",
                            models.CharField(
                                choices=[
                                    ("orders", "Orders"),
                                    ("contract", "Contract"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField()),
                        ("starts_on", models.DateField()),
                        ("ends_on", models.DateField(blank=True, null=True)),
                        (
                            "country",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=2
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                blank=True, db_default="", default="", max_length=60
                            ),
                        ),
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
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["basis", "ends_on"], name="spell_ends")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("customer", "basis", "starts_on"),
                                name="spell_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_on", None),
                                    ("ends_on__gt", models.F("starts_on")),
                                    _connector="OR",
                                ),
                                name="spell_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("number__gte", 1)),
                                name="spell_number",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("basis__in", ["orders", "contract"])
                                ),
                                name="spell_basis",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Spend",
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
                        ("source", models.CharField(max_length=60)),
                        ("month", models.DateField()),
                        (
                            "amount",
                            models.DecimalField(decimal_places=4, max_digits=18),
                        ),
                        ("currency", models.CharField(max_length=3)),
                        ("noted_at", models.DateTimeField()),
                        (
                            "noted_by",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("month", "source", "currency"),
                                name="spend_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("month__day", 1)),
                                name="spend_of_a_month",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gt", 0)),
                                name="spend_is_something",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("source", ""), _negated=True),
                                name="spend_has_a_source",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("currency__regex", "^[A-Z]{3}$")),
                                name="spend_currency",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MoneyEnd",
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
                            "basis",
                            models.CharField(
                                choices=[
                                    ("orders", "Orders"),
                                    ("contract", "Contract"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("months", models.PositiveSmallIntegerField()),
                        ("ends_on", models.DateField()),
                        ("is_whole", models.BooleanField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("basis", "months", "ends_on"),
                                name="money_end_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("basis__in", ["orders", "contract"])
                                ),
                                name="money_end_basis",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_on__day", 1), ("months__in", [3, 12])
                                ),
                                name="money_end_of_months",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MoneyPeriod",
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
                        ("currency", models.CharField(max_length=3)),
                        ("persons", models.PositiveIntegerField()),
                        ("people", models.PositiveIntegerField()),
                        ("more_people", models.PositiveIntegerField()),
                        ("less_people", models.PositiveIntegerField()),
                        ("same_people", models.PositiveIntegerField()),
                        ("lost_people", models.PositiveIntegerField()),
                        ("start", models.DecimalField(decimal_places=4, max_digits=20)),
                        (
                            "expansion",
                            models.DecimalField(decimal_places=4, max_digits=20),
                        ),
                        (
                            "contraction",
                            models.DecimalField(decimal_places=4, max_digits=20),
                        ),
                        ("lost", models.DecimalField(decimal_places=4, max_digits=20)),
                        (
                            "squares_then",
                            models.DecimalField(decimal_places=8, max_digits=44),
                        ),
                        (
                            "squares_now",
                            models.DecimalField(decimal_places=8, max_digits=44),
                        ),
                        (
                            "products_now",
                            models.DecimalField(decimal_places=8, max_digits=44),
                        ),
                        (
                            "squares_kept",
                            models.DecimalField(decimal_places=8, max_digits=44),
                        ),
                        (
                            "products_kept",
                            models.DecimalField(decimal_places=8, max_digits=44),
                        ),
                        ("buyers", models.PositiveIntegerField()),
                        ("earlier_buyers", models.PositiveIntegerField()),
                        (
                            "revenue",
                            models.DecimalField(decimal_places=4, max_digits=20),
                        ),
                        (
                            "earlier_revenue",
                            models.DecimalField(decimal_places=4, max_digits=20),
                        ),
                        (
                            "end",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                to="insights.moneyend",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("end", "currency"), name="money_period_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "people",
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                django.db.models.expressions.CombinedExpression(
                                                    models.F("more_people"),
                                                    "+",
                                                    models.F("less_people"),
                                                ),
                                                "+",
                                                models.F("same_people"),
                                            ),
                                            "+",
                                            models.F("lost_people"),
                                        ),
                                    )
                                ),
                                name="money_period_people_add_up",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "start__gte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("contraction"),
                                            "+",
                                            models.F("lost"),
                                        ),
                                    )
                                ),
                                name="money_period_loses_what_it_had",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("buyers__gte", models.F("earlier_buyers"))
                                ),
                                name="money_period_buyers",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Spending",
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
                            "basis",
                            models.CharField(
                                choices=[
                                    ("orders", "Orders"),
                                    ("contract", "Contract"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("currency", models.CharField(max_length=3)),
                        ("first_month", models.DateField(blank=True, null=True)),
                        (
                            "months",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.DateField(), size=None
                            ),
                        ),
                        (
                            "amounts",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.DecimalField(
                                    decimal_places=4, max_digits=20
                                ),
                                size=None,
                            ),
                        ),
                        (
                            "bought",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BooleanField(), size=None
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="crm.customer",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("customer", "basis", "currency"),
                                name="spending_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("basis__in", ["orders", "contract"])
                                ),
                                name="spending_basis",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("months__len__gte", 1),
                                    ("amounts__len", models.F("months__len")),
                                    ("bought__len", models.F("months__len")),
                                ),
                                name="spending_by_month",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Breakage",
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
                        ("month", models.DateField()),
                        ("left", models.DecimalField(decimal_places=4, max_digits=18)),
                        ("used", models.DecimalField(decimal_places=4, max_digits=18)),
                        (
                            "ran_out",
                            models.DecimalField(decimal_places=4, max_digits=18),
                        ),
                        ("counted_at", models.DateTimeField()),
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
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("programme", "month"), name="breakage_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("month__day", 1)),
                                name="breakage_is_of_a_month",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="KeptAnswer",
                    fields=[
                        (
                            "key",
                            models.CharField(
                                max_length=64, primary_key=True, serialize=False
                            ),
                        ),
                        ("rows", models.JSONField()),
                        ("counted_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("key__regex", "^[0-9a-f]{64}$")),
                                name="kept_answer_key",
                            ),
                            models.CheckConstraint(
                                condition=django.db.models.lookups.Exact(
                                    models.Func(
                                        models.F("rows"),
                                        function="jsonb_typeof",
                                        output_field=models.TextField(),
                                    ),
                                    models.Value("array"),
                                ),
                                name="kept_answer_has_rows",
                            ),
                        ],
                    },
                ),
            ]
        ),
        migrations.RunSQL([SUM_SPELLS, SUM_DAYS, SUM_MONEY, *TRIGGERS]),
        migrations.RunSQL(FIRST_ROW),
    ]
