"""Rows of one record given to another, noted, and given back.

All statements take `merge`, `kept` and `dropped`, and the name of the rows as `rows`.
"""

from typing import cast

from django.db.models import Model
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from crm.personal_rows import PersonalRows

# The other record may have a row of the same key. Its own stays as it is.
_TAKEN = SQL(
    """EXISTS (SELECT FROM {table} k WHERE k.{customer} = {other}
        AND ({theirs}) IS NOT DISTINCT FROM ({ours}) {unless})"""
)
# A text that would be longer than its column loses its end, never the suffix, and the
# id of the row keeps what is left from being the same twice.
_RENAME = SQL(
    """WITH renamed AS (
        UPDATE {table} t SET {column} = CASE
            WHEN length(t.{column}) + length(%(suffix)s) <= {most}
            THEN t.{column} || %(suffix)s
            ELSE left(t.{column}, {most} - length('~' || t.{pk} || %(suffix)s))
                || '~' || t.{pk} || %(suffix)s END
        FROM {table} old
        WHERE old.{pk} = t.{pk} AND t.{customer} = %(dropped)s AND {taken}
        RETURNING t.{pk} AS id, old.{column} AS old)
    INSERT INTO crm_mergemove (merge_id, rows, row_id, before)
    SELECT %(merge)s, %(rows)s, id, jsonb_build_object({name}, old) FROM renamed"""
)
_MOVE = SQL(
    """WITH moved AS (
        UPDATE {table} t SET {customer} = %(kept)s
        WHERE t.{customer} = %(dropped)s {but}
        RETURNING t.{pk} AS id)
    INSERT INTO crm_mergemove (merge_id, rows, row_id)
    SELECT %(merge)s, %(rows)s, id FROM moved
    ON CONFLICT (merge_id, rows, row_id) DO NOTHING"""
)
_BACK = SQL(
    """UPDATE {table} t SET {customer} = %(dropped)s {old}
    FROM crm_mergemove m
    WHERE m.merge_id = %(merge)s AND m.rows = %(rows)s AND m.row_id = t.{pk}
        AND t.{customer} = %(kept)s"""
)
_OLD = SQL(", {column} = coalesce(m.before ->> {name}, t.{column})")
# Both may carry one address: then it says nothing of whose a row is.
_BACK_BY_ADDRESS = SQL(
    """UPDATE {table} t SET {customer} = %(dropped)s
    WHERE t.{customer} = %(kept)s AND t.{pk} > %(last_id)s
        AND t.{address} = %(address)s {but}"""
)
_FOLLOW = SQL(
    """UPDATE {table} t SET {customer} = %(dropped)s
    FROM {above} a
    WHERE t.{link} = a.{above_pk} AND a.customer_id = %(dropped)s
        AND t.{customer} = %(kept)s {but}"""
)
_LAST_ID = SQL("SELECT coalesce(max({pk}), 0) FROM {table}")


# Under which merges a row belongs to a record that was named: its own, and those that
# took it on from there.
_ARRIVALS = SQL(
    """INSERT INTO crm_mergemove (merge_id, rows, row_id)
    SELECT m.merge_id, {rows}, a.row_id FROM ({arrived}) a
    JOIN (SELECT id AS merge_id, dropped_id AS record FROM crm_customermerge
          WHERE undone_at IS NULL
          UNION ALL
          SELECT merge_id, row_id FROM crm_mergemove WHERE rows = 'pointers') m
        ON m.record = a.record
    ON CONFLICT (merge_id, rows, row_id) DO NOTHING"""
)


def note_arrivals(rows: str, arrived: SQL) -> Composed:
    """Note rows that came in by the number of a merged record, as if they had moved.

    `arrived`: a SELECT of `record`, the id that was named, and `row_id`.
    """
    return _ARRIVALS.format(rows=Literal(rows), arrived=arrived)


def moves(rows: PersonalRows) -> list[Composed]:
    """The statements that move and note them; they also take `suffix`."""
    if not rows.once:
        return [_MOVE.format(**_names(rows), but=SQL(""))]
    if not rows.renamed:
        return [_MOVE.format(**_names(rows), but=_but(rows, "kept"))]
    rename = _RENAME.format(
        **_names(rows),
        column=Identifier(rows.renamed),
        name=Literal(rows.renamed),
        most=Literal(rows.column(rows.renamed).max_length),
        taken=_taken(rows, "kept"),
    )
    return [rename, _MOVE.format(**_names(rows), but=SQL(""))]


def back(rows: PersonalRows) -> Composed:
    """Give back what was noted, under its old name."""
    old: Composable = SQL("")
    if rows.renamed:
        old = _OLD.format(column=Identifier(rows.renamed), name=Literal(rows.renamed))
    return _BACK.format(**_names(rows), old=old)


def back_by_address(rows: PersonalRows) -> Composed:
    """Give what came after `last_id` to the record whose `address` it carries."""
    address = Identifier(rows.address)
    return _BACK_BY_ADDRESS.format(
        **_names(rows), address=address, but=_but(rows, "dropped")
    )


def follow(rows: PersonalRows) -> Composed:
    """Give what hangs on a row that went back to the same record."""
    field = rows.column(rows.follows)
    above = cast("type[Model]", field.related_model)
    return _FOLLOW.format(
        **_names(rows),
        link=Identifier(field.attname),
        above=Identifier(above._meta.db_table),
        above_pk=Identifier(above._meta.pk.attname),
        but=_but(rows, "dropped"),
    )


def last_id(rows: PersonalRows) -> Composed:
    """The highest id of the table."""
    names = _names(rows)
    return _LAST_ID.format(pk=names["pk"], table=names["table"])


def _names(rows: PersonalRows) -> dict[str, Identifier]:
    meta = rows.model._meta
    return {
        "table": Identifier(meta.db_table),
        "customer": Identifier(rows.customer),
        "pk": Identifier(meta.pk.attname),
    }


def _but(rows: PersonalRows, other: str) -> Composable:
    if not rows.once:
        return SQL("")
    return SQL("AND NOT {taken}").format(taken=_taken(rows, other))


def _taken(rows: PersonalRows, other: str) -> Composed:
    return _TAKEN.format(
        **{key: value for key, value in _names(rows).items() if key != "pk"},
        other=SQL("%({other})s").format(other=SQL(other)),
        theirs=_columns(rows, "k"),
        ours=_columns(rows, "t"),
        unless=_unless(rows),
    )


def _columns(rows: PersonalRows, of: str) -> Composable:
    return SQL(", ").join(
        Identifier(of, rows.column(name).attname) for name in rows.once
    )


def _unless(rows: PersonalRows) -> Composable:
    if not rows.unless_state:
        return SQL("")
    state = Literal(rows.unless_state)
    return SQL("AND k.state <> {state} AND t.state <> {state}").format(state=state)
