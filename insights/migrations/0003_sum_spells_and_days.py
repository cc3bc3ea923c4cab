from django.db import migrations

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
COHORTS = """cell AS MATERIALIZED (
    SELECT u.unit, date_trunc(u.unit, p.days[1])::date AS cohort, w.period,
        count(*) AS people,
        count(*) FILTER (WHERE cardinality(p.days) > 1) AS repeated
    FROM {rows} p CROSS JOIN (VALUES ('month'), ('quarter'), ('year')) u (unit),
        LATERAL (SELECT DISTINCT date_trunc(u.unit, day)::date AS period
            FROM unnest(p.days) day) w
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
    )
    for event in REFERENCES
]
UNDO = (
    "DROP FUNCTION insights_sum_spells() CASCADE;"
    " DROP FUNCTION insights_sum_days() CASCADE"
)
FIRST_ROW = "INSERT INTO insights_definition (id) VALUES (1) ON CONFLICT DO NOTHING"


class Migration(migrations.Migration):
    dependencies = [("insights", "0002_spells")]

    operations = [
        migrations.RunSQL([SUM_SPELLS, SUM_DAYS, *TRIGGERS], UNDO),
        migrations.RunSQL(FIRST_ROW, migrations.RunSQL.noop),
    ]
