from django.db import migrations

# The sums follow the rows, whoever writes them: a count, a merge, or an import that is
# undone. One at a time, by the lock that every count takes first.
LOCK = "PERFORM pg_advisory_xact_lock(hashtextextended('insights', 0));"
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
UNDO = "DROP FUNCTION insights_sum_money() CASCADE"
# What each brings by month is counted by the next pass over everybody.
COUNT_ANEW = "UPDATE insights_definition SET counted_at = NULL, counted_to = NULL"


class Migration(migrations.Migration):
    dependencies = [("insights", "0005_keep_money_by_month")]

    operations = [
        migrations.RunSQL([SUM_MONEY, *TRIGGERS], UNDO),
        migrations.RunSQL(COUNT_ANEW, migrations.RunSQL.noop),
    ]
