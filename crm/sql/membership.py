"""Who came into a segment and who left it, in one statement; a snapshot of it."""

from psycopg.sql import SQL

# `is_told` false: the first time, and after the conditions changed. Nobody moved then.
REFRESH = SQL(
    """WITH people AS MATERIALIZED ({people}),
    gone AS (
        DELETE FROM crm_segmentmember m
        WHERE m.segment_id = %(segment)s
            AND NOT EXISTS (SELECT FROM people p WHERE p.id = m.customer_id)
        RETURNING m.customer_id),
    come AS (
        INSERT INTO crm_segmentmember (segment_id, customer_id)
        SELECT %(segment)s, p.id FROM people p
        WHERE NOT EXISTS (SELECT FROM crm_segmentmember m
            WHERE m.segment_id = %(segment)s AND m.customer_id = p.id)
        RETURNING customer_id),
    told AS (
        INSERT INTO crm_segmentevent (segment_id, customer_id, move, at)
        SELECT %(segment)s, moved.customer_id, moved.move, %(now)s
        FROM (
            SELECT customer_id, 'entered' AS move FROM come
            UNION ALL SELECT customer_id, 'left' FROM gone) moved
        WHERE %(is_told)s)
    SELECT (SELECT count(*) FROM come), (SELECT count(*) FROM gone)"""
)
SNAPSHOT = SQL(
    """INSERT INTO crm_snapshotmember (snapshot_id, customer_id)
    SELECT %(snapshot)s, people.id FROM ({people}) people"""
)
