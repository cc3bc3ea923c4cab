"""What somebody brought is kept as it added up, so that a span is a difference."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models import F, Q

# The sums follow the rows, whoever writes them: a count, a merge, or an import that is
# undone. One at a time, by the lock that every count takes first.
LOCK = "PERFORM pg_advisory_xact_lock(hashtextextended('insights', 0));"
SUMS = """pair AS (
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
    FROM {rows} s
        JOIN pair p ON p.basis = s.basis AND s.months[1] < p.ends_on
            AND (p.basis = 'contract'
                OR s.months[cardinality(s.months)] >= p.starts_on)
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
CREATE FUNCTION insights_sum_money() RETURNS trigger LANGUAGE plpgsql AS $$
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
REFERENCES = {
    "INSERT": "NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
}
TRIGGERS = [
    f"CREATE TRIGGER insights_sum_money_on_{event.lower()}"
    f" AFTER {event} ON insights_spending REFERENCING {tables}"
    " FOR EACH STATEMENT EXECUTE FUNCTION insights_sum_money()"
    for event, tables in REFERENCES.items()
]
DROP = "DROP FUNCTION insights_sum_money() CASCADE"
# Nothing is counted anew: these are the same rows.
ADD_UP = """
UPDATE insights_spending SET (totals, sales) = (
    SELECT array_agg(total ORDER BY at), array_agg(sales ORDER BY at)
    FROM (SELECT at, sum(amount) OVER (ORDER BY at) AS total,
            (sum(bought::int) OVER (ORDER BY at))::int AS sales
        FROM unnest(totals, bought) WITH ORDINALITY m (amount, bought, at)) added)
"""


class Migration(migrations.Migration):
    dependencies = [("insights", "0009_keep_more_closed_figures")]

    operations = [
        migrations.RunSQL("SET LOCAL statement_timeout = 0"),
        migrations.RunSQL(DROP),
        migrations.RemoveConstraint("spending", "spending_by_month"),
        migrations.RenameField("spending", "amounts", "totals"),
        migrations.AddField(
            "spending",
            "sales",
            ArrayField(models.PositiveIntegerField(), default=list),
            preserve_default=False,
        ),
        migrations.RunSQL(ADD_UP),
        migrations.RemoveField("spending", "bought"),
        migrations.AddConstraint(
            "spending",
            models.CheckConstraint(
                condition=Q(("months__len__gte", 1))
                & Q(
                    ("sales__len", F("months__len")),
                    ("totals__len", F("months__len")),
                ),
                name="spending_by_month",
            ),
        ),
        migrations.RunSQL([SUM_MONEY, *TRIGGERS]),
    ]
