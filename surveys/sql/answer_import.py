"""A slice of past answers: from the staging table into the answers."""

from psycopg.sql import SQL

from crm.sql import merging, staging

TABLE = "import_answer"
COLUMNS = (
    *("no", "customer_id", "survey", "answered_at", "scale", "score", "comment"),
    *("language", "key"),
)
STAGING = (
    staging.temporary(
        TABLE,
        "no int, customer_id bigint, survey text, answered_at timestamptz,"
        " scale text, score smallint, comment text, language text, key text",
    ),
)
EMPTY = SQL("TRUNCATE import_answer")
ANALYZE = SQL("ANALYZE import_answer")
NAMES = SQL("SELECT DISTINCT survey FROM import_answer ORDER BY 1")
LINES_OF = SQL("SELECT no FROM import_answer WHERE survey = %(survey)s")
TAKE_OUT = SQL("DELETE FROM import_answer WHERE survey = %(survey)s")
# Of each survey: answers, and the lowest and the highest score.
RANGES = SQL(
    "SELECT survey, count(*)::int, min(score), max(score) FROM import_answer"
    " WHERE scale = 'nps' GROUP BY 1"
)
# Each once. A record may have been merged or erased since the check looked.
_NEW = SQL(
    """FROM (SELECT DISTINCT ON (key) * FROM import_answer ORDER BY key, no) s
    LEFT JOIN crm_customer k ON k.id = s.customer_id
    LEFT JOIN crm_customer c ON c.id = coalesce(k.merged_into_id, k.id)
    WHERE c.erased_at IS NULL AND (s.customer_id IS NULL OR c.id IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM surveys_response r WHERE r.import_key = s.key)"""
)
COUNT_NEW = SQL("SELECT count(*)::int {}").format(_NEW)
INSERT = SQL(
    """INSERT INTO surveys_response (survey_id, survey_version_id, customer_id, channel,
        scale, score, comment, state, first_at, confirmed_at, completed_at,
        changeable_until, language, country, owner_id, import_key)
    SELECT %(survey_id)s, %(version_id)s, c.id, 'import', s.scale, s.score, s.comment,
        'confirmed', s.answered_at, s.answered_at, s.answered_at, s.answered_at,
        s.language, coalesce(c.country, ''), c.owner_id, s.key
    {} AND s.survey = %(survey)s
    ORDER BY s.answered_at, s.no
    ON CONFLICT (import_key) DO NOTHING
    RETURNING id, customer_id"""
).format(_NEW)
# What came by the number of a merged record is that record's, should they part.
NOTE_ARRIVALS = merging.note_arrivals(
    "answers",
    SQL(
        """SELECT s.customer_id AS record, r.id AS row_id
        FROM import_answer s JOIN surveys_response r ON r.import_key = s.key
        WHERE s.customer_id IS NOT NULL"""
    ),
)
# Their words are read by the next tick, as those of other answers.
NOTE_WORDS = SQL("""INSERT INTO surveys_commentreading (response_id)
    SELECT r.id FROM import_answer s JOIN surveys_response r ON r.import_key = s.key
    WHERE r.comment <> '' ON CONFLICT (response_id) DO NOTHING""")
# What the run made, so that it can be undone.
NOTE_MADE = SQL("""INSERT INTO import_touched (what, row_id, customer_id)
    SELECT 'answer', made.id, made.customer
    FROM unnest(%(ids)s::bigint[], %(customers)s::bigint[]) made (id, customer)""")
