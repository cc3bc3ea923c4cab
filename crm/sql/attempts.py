"""Counters of tries: taken in one statement each, so that no two share a number."""

# One row a key, begun again when its window is over. No row comes back where the limit
# is reached.
TAKE = """
    INSERT INTO crm_attemptcounter AS counter (key, count, started_at)
    VALUES (%(key)s, 1, %(now)s)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN counter.started_at <= %(window_began)s
                     THEN 1 ELSE counter.count + 1 END,
        started_at = CASE WHEN counter.started_at <= %(window_began)s
                          THEN excluded.started_at ELSE counter.started_at END,
        stopped_at = CASE WHEN counter.started_at <= %(window_began)s
                          THEN NULL ELSE counter.stopped_at END
    WHERE counter.started_at <= %(window_began)s OR counter.count < %(most)s
    RETURNING started_at
"""

# One row changes at the first refusal of a window, none at the others.
STOP = """
    UPDATE crm_attemptcounter SET stopped_at = %(now)s
    WHERE key = %(key)s AND stopped_at IS NULL
"""

# Only within the window it was taken in.
GIVE_BACK = """
    UPDATE crm_attemptcounter SET count = count - 1
    WHERE key = %(key)s AND started_at = %(started_at)s AND count > 0
"""
