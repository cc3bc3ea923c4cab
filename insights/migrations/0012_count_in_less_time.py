"""A count of everybody in less time: PostgreSQL checks no customer a second time, and
works out nothing again for each row."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

LOCK = "PERFORM pg_advisory_xact_lock(hashtextextended('insights', 0));"
# Per period: of those who first bought in it, how many bought in it and in later ones.
# Somebody counts once in a period: on their first day of it, whose day before lies in
# another. Months alone are worked out for each day; what is alike is then put together.
COHORTS = """alike AS MATERIALIZED (
    SELECT date_trunc('month', first::timestamp)::date AS first,
        date_trunc('month', day::timestamp)::date AS month,
        date_trunc('month', before::timestamp)::date AS before,
        count(*) AS people, count(*) FILTER (WHERE is_again) AS repeated
    FROM (SELECT days[1] AS first, cardinality(days) > 1 AS is_again,
            unnest(days) AS day, unnest(NULL::date || days) AS before FROM {rows}) d
    WHERE day IS NOT NULL GROUP BY 1, 2, 3
), cell AS MATERIALIZED (
    SELECT u.unit, date_trunc(u.unit, first::timestamp)::date AS cohort,
        date_trunc(u.unit, month::timestamp)::date AS period,
        sum(people) AS people, sum(repeated) AS repeated
    FROM alike CROSS JOIN (VALUES ('month'), ('quarter'), ('year')) u (unit)
    WHERE date_trunc(u.unit, before::timestamp)
        IS DISTINCT FROM date_trunc(u.unit, month::timestamp)
    GROUP BY 1, 2, 3)"""
SUM_DAYS = f"""
CREATE OR REPLACE FUNCTION insights_sum_days() RETURNS trigger LANGUAGE plpgsql AS $$
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
# What each period brings, as before; the days of a pair are worked out once.
SUMS = """pair AS MATERIALIZED (
    SELECT id, basis, ends_on,
        (ends_on - make_interval(months => months))::date AS middle,
        (ends_on - make_interval(months => 2 * months))::date AS starts_on
    FROM insights_moneyend
), place AS (
    SELECT p.id, p.basis, s.currency, s.customer_id, s.totals, s.sales,
        coalesce(s.first_month < p.middle, false) AS is_earlier,
        CASE p.basis WHEN 'orders' THEN width_bucket(p.starts_on - 1, s.months)
            ELSE 0 END AS before,
        width_bucket(p.middle - 1, s.months) AS middle,
        width_bucket(p.ends_on - 1, s.months) AS after
    FROM (SELECT *, months[1] AS since, months[cardinality(months)] AS latest
            FROM {rows} OFFSET 0) s
        JOIN pair p ON p.basis = s.basis AND s.since < p.ends_on
            AND (p.basis = 'contract' OR s.latest >= p.starts_on)
    OFFSET 0
), known AS (
    SELECT id, basis, currency, customer_id, is_earlier,
        coalesce(totals[middle], 0) - coalesce(totals[before], 0) AS earlier,
        totals[after] - coalesce(totals[middle], 0) AS later,
        sales[after] > coalesce(sales[middle], 0) AS bought
    FROM place WHERE after > before
    OFFSET 0
), paired AS (
    SELECT id, currency, customer_id, is_earlier,
        CASE basis WHEN 'orders' THEN greatest(earlier, 0) ELSE earlier END AS was,
        CASE basis WHEN 'orders' THEN greatest(later, 0) ELSE earlier + later END
            AS brings,
        CASE basis WHEN 'orders' THEN later ELSE earlier + later END AS exact,
        CASE basis WHEN 'orders' THEN bought ELSE earlier + later > 0 END AS bought
    FROM known
    OFFSET 0
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
COUNTS = (
    *("persons", "people", "more_people", "less_people", "same_people", "lost_people"),
    *("start", "expansion", "contraction", "lost", "squares_then", "squares_now"),
    *("products_now", "squares_kept", "products_kept", "buyers", "earlier_buyers"),
    *("revenue", "earlier_revenue"),
)
SUM_MONEY = f"""
CREATE OR REPLACE FUNCTION insights_sum_money() RETURNS trigger LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    {LOCK}
    IF TG_OP <> 'INSERT' THEN
        WITH {SUMS.format(rows="old_rows")}
        UPDATE insights_moneyperiod kept
        SET {", ".join(f"{name} = kept.{name} - fresh.{name}" for name in COUNTS)}
        FROM fresh
        WHERE (kept.end_id, kept.currency) = (fresh.end_id, fresh.currency);
        DELETE FROM insights_moneyperiod WHERE persons = 0;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        WITH {SUMS.format(rows="new_rows")}
        INSERT INTO insights_moneyperiod AS kept
            (end_id, currency, {", ".join(COUNTS)})
        SELECT end_id, currency, {", ".join(COUNTS)} FROM fresh
        ON CONFLICT (end_id, currency) DO UPDATE
        SET {", ".join(f"{name} = kept.{name} + excluded.{name}" for name in COUNTS)};
    END IF;
    RETURN NULL;
END $$
"""  # noqa: S608 # names of this file
# Rows of summaries say no more whose they are by a foreign key. By the lock this waits
# for a count that read the customer before; one that comes later does not find it.
FORGET = f"""
CREATE FUNCTION insights_forget_customers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM old_rows) THEN
        {LOCK}
        DELETE FROM insights_buyer
        WHERE customer_id IN (SELECT id FROM old_rows);
        DELETE FROM insights_spell
        WHERE customer_id IN (SELECT id FROM old_rows);
        DELETE FROM insights_spending
        WHERE customer_id IN (SELECT id FROM old_rows);
    END IF;
    RETURN NULL;
END $$
"""  # noqa: S608 # names of this file
ON_DELETE = (
    "CREATE TRIGGER insights_forget_customers AFTER DELETE ON crm_customer"
    " REFERENCING OLD TABLE AS old_rows"
    " FOR EACH STATEMENT EXECUTE FUNCTION insights_forget_customers()"
)


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0064_lines_say_their_tax"),
        ("insights", "0011_keep_months_with_a_balance"),
    ]

    operations = [
        migrations.AlterField(
            "buyer",
            "customer",
            models.OneToOneField(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                primary_key=True,
                related_name="+",
                serialize=False,
                to="crm.customer",
            ),
        ),
        migrations.AlterField(
            "spell",
            "customer",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="crm.customer",
            ),
        ),
        migrations.AlterField(
            "spell",
            "owner",
            models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            "spending",
            "customer",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="crm.customer",
            ),
        ),
        migrations.RunSQL([SUM_DAYS, SUM_MONEY, FORGET, ON_DELETE]),
    ]
