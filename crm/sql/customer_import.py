"""A slice of checked customers: from the staging table into the customer table.

NULL in staging means that the file says nothing about the field. What already is as the
file says is not written to, not even locked.
"""

from psycopg.sql import SQL

STAGING = (
    SQL(
        """CREATE TEMP TABLE IF NOT EXISTS import_customer (
        external_id text, given_name text, family_name text, greeting_name text,
        sort_name text, search_text text, email text, email_norm text, phone_e164 text,
        phone_text text, language text, time_zone text, country text,
        birth_month smallint, birth_day smallint, birth_year smallint, since_on date,
        heard_from text, organisation text, custom jsonb, tags jsonb)"""
    ),
    # What the kept row becomes: every column that the file may set.
    SQL(
        """CREATE TEMP TABLE IF NOT EXISTS import_customer_target (
        customer_id bigint, is_changed boolean,
        given_name text, family_name text, email text, email_norm text,
        phone_e164 text, phone_text text, language text, time_zone text, country text,
        birth_month smallint, birth_day smallint, birth_year smallint, since_on date,
        since_from text, heard_from text, organisation text, custom jsonb)"""
    ),
    SQL(
        """CREATE TEMP TABLE IF NOT EXISTS import_customer_name (
        customer_id bigint, greeting_name text, sort_name text, search_text text)"""
    ),
    # Of a dry run: the addresses of the slices before.
    SQL(
        """CREATE TEMP TABLE IF NOT EXISTS import_customer_email (
        email_norm text, external_id text)"""
    ),
    SQL("TRUNCATE import_customer_email"),
    SQL(
        """CREATE INDEX IF NOT EXISTS import_customer_by_email
        ON import_customer_email (email_norm)"""
    ),
)
EMPTY = SQL("TRUNCATE import_customer, import_customer_target, import_customer_name")
ANALYZE = SQL("ANALYZE import_customer")

ERASED = SQL(
    """SELECT c.external_id FROM crm_customer c
    JOIN crm_customer k ON k.id = coalesce(c.merged_into_id, c.id)
    WHERE c.source = %(source)s AND k.erased_at IS NOT NULL"""
)

# A row whose record was merged away follows to the kept one, and there only fills what
# is empty: else two rows of one file would overwrite each other at every import.
AIM = SQL(
    """INSERT INTO import_customer_target
    SELECT DISTINCT ON (c.id) c.id,
        (c.given_name, c.family_name, c.email, c.phone_e164, c.phone_text, c.language,
            c.time_zone, c.country, c.birth_month, c.birth_day, c.birth_year,
            c.since_on, c.since_from, c.heard_from, c.organisation, c.custom)
        IS DISTINCT FROM
        (n.given_name, n.family_name, n.email, n.phone_e164, n.phone_text, n.language,
            n.time_zone, n.country, n.birth_month, n.birth_day, n.birth_year,
            n.since_on, n.since_from, n.heard_from, n.organisation, n.custom)
        OR EXISTS (
            SELECT FROM jsonb_array_elements_text(s.tags) tag
            WHERE NOT EXISTS (
                SELECT FROM crm_customer_tags m JOIN crm_tag g ON g.id = m.tag_id
                WHERE m.customer_id = c.id AND lower(g.name) = lower(tag))),
        n.*
    FROM import_customer s
    JOIN crm_customer k ON k.source = %(source)s AND k.external_id = s.external_id
    JOIN crm_customer c ON c.id = coalesce(k.merged_into_id, k.id)
    CROSS JOIN LATERAL (SELECT c.id = k.id AS is_own) w
    CROSS JOIN LATERAL (SELECT
        CASE WHEN w.is_own OR (c.given_name = '' AND c.family_name = '')
            THEN coalesce(s.given_name, c.given_name) ELSE c.given_name END
            AS given_name,
        CASE WHEN w.is_own OR (c.given_name = '' AND c.family_name = '')
            THEN coalesce(s.family_name, c.family_name) ELSE c.family_name END
            AS family_name,
        CASE WHEN w.is_own OR c.email = ''
            THEN coalesce(s.email, c.email) ELSE c.email END AS email,
        CASE WHEN w.is_own OR c.email = ''
            THEN coalesce(s.email_norm, c.email_norm) ELSE c.email_norm END
            AS email_norm,
        CASE WHEN w.is_own OR c.phone_text = ''
            THEN coalesce(s.phone_e164, c.phone_e164) ELSE c.phone_e164 END
            AS phone_e164,
        CASE WHEN w.is_own OR c.phone_text = ''
            THEN coalesce(s.phone_text, c.phone_text) ELSE c.phone_text END
            AS phone_text,
        CASE WHEN w.is_own OR c.language = ''
            THEN coalesce(s.language, c.language) ELSE c.language END AS language,
        CASE WHEN w.is_own OR c.time_zone = ''
            THEN coalesce(s.time_zone, c.time_zone) ELSE c.time_zone END AS time_zone,
        CASE WHEN w.is_own OR c.country = ''
            THEN coalesce(s.country, c.country) ELSE c.country END AS country,
        CASE WHEN s.birth_month IS NOT NULL AND (w.is_own OR c.birth_month IS NULL)
            THEN s.birth_month ELSE c.birth_month END AS birth_month,
        CASE WHEN s.birth_month IS NOT NULL AND (w.is_own OR c.birth_month IS NULL)
            THEN s.birth_day ELSE c.birth_day END AS birth_day,
        CASE WHEN s.birth_month IS NOT NULL AND (w.is_own OR c.birth_month IS NULL)
            THEN s.birth_year ELSE c.birth_year END AS birth_year,
        CASE WHEN s.since_on IS NOT NULL AND (w.is_own OR c.since_on IS NULL)
            THEN s.since_on ELSE c.since_on END AS since_on,
        CASE WHEN s.since_on IS NOT NULL AND (w.is_own OR c.since_on IS NULL)
            THEN 'given' ELSE c.since_from END AS since_from,
        CASE WHEN w.is_own OR c.heard_from = ''
            THEN coalesce(s.heard_from, c.heard_from) ELSE c.heard_from END
            AS heard_from,
        CASE WHEN w.is_own OR c.organisation = ''
            THEN coalesce(s.organisation, c.organisation) ELSE c.organisation END
            AS organisation,
        CASE WHEN w.is_own THEN c.custom || coalesce(s.custom, '{}')
            ELSE coalesce(s.custom, '{}') || c.custom END AS custom) n
    ORDER BY c.id, w.is_own DESC"""
)
COUNT_NEW = SQL(
    """SELECT count(*) FROM import_customer s WHERE NOT EXISTS (
        SELECT FROM crm_customer c
        WHERE c.source = %(source)s AND c.external_id = s.external_id)"""
)
COUNT_CHANGED = SQL("SELECT count(*) FROM import_customer_target WHERE is_changed")
INSERT = SQL(
    """INSERT INTO crm_customer (
        source, external_id, given_name, family_name, greeting_name, sort_name,
        search_text, email, email_norm, phone_e164, phone_text, language, time_zone,
        country, birth_month, birth_day, birth_year, birth_recorded_at, since_on,
        since_from, heard_from, heard_text, organisation, notes, custom,
        last_import_id, created_at, updated_at, version)
    SELECT %(source)s, s.external_id, coalesce(s.given_name, ''),
        coalesce(s.family_name, ''), s.greeting_name, s.sort_name, s.search_text,
        coalesce(s.email, ''), coalesce(s.email_norm, ''), coalesce(s.phone_e164, ''),
        coalesce(s.phone_text, ''), coalesce(s.language, ''),
        coalesce(s.time_zone, ''), coalesce(s.country, ''), s.birth_month, s.birth_day,
        s.birth_year, CASE WHEN s.birth_month IS NOT NULL THEN %(now)s::timestamptz END,
        s.since_on, CASE WHEN s.since_on IS NULL THEN 'entered' ELSE 'given' END,
        coalesce(s.heard_from, ''), '', coalesce(s.organisation, ''), '',
        coalesce(s.custom, '{}'), %(run)s, %(now)s, %(now)s, 1
    FROM import_customer s
    WHERE NOT EXISTS (
        SELECT FROM crm_customer c
        WHERE c.source = %(source)s AND c.external_id = s.external_id)
    ON CONFLICT (source, external_id) DO NOTHING
    RETURNING id"""
)
# What crm.rules.names has to work out anew.
CHANGED_NAMES = SQL(
    """SELECT c.id, t.given_name, t.family_name, t.organisation, c.external_id,
        CASE WHEN (c.given_name, c.family_name) = (t.given_name, t.family_name)
            THEN c.greeting_name ELSE '' END
    FROM import_customer_target t JOIN crm_customer c ON c.id = t.customer_id
    WHERE t.is_changed"""
)
UPDATE = SQL(
    """UPDATE crm_customer c
    SET given_name = t.given_name, family_name = t.family_name,
        greeting_name = n.greeting_name, sort_name = n.sort_name,
        search_text = n.search_text, email = t.email, email_norm = t.email_norm,
        phone_e164 = t.phone_e164, phone_text = t.phone_text, language = t.language,
        time_zone = t.time_zone, country = t.country, birth_month = t.birth_month,
        birth_day = t.birth_day, birth_year = t.birth_year,
        birth_recorded_at = CASE
            WHEN (c.birth_month, c.birth_day, c.birth_year)
                IS DISTINCT FROM (t.birth_month, t.birth_day, t.birth_year)
            THEN %(now)s ELSE c.birth_recorded_at END,
        since_on = t.since_on, since_from = t.since_from, heard_from = t.heard_from,
        organisation = t.organisation, custom = t.custom, last_import_id = %(run)s,
        updated_at = %(now)s, version = c.version + 1
    FROM import_customer_target t
    JOIN import_customer_name n ON n.customer_id = t.customer_id
    WHERE c.id = t.customer_id AND t.is_changed
    RETURNING c.id"""
)
# Mail follows the address: who has one that another record has too is said, at every
# import. Where nothing is written the rows of the slices before stand in a table aside.
_SHARED_ADDRESSES = SQL(
    """SELECT s.external_id, o.external_id
    FROM import_customer s
    JOIN LATERAL (
        (SELECT c.external_id FROM crm_customer c
        WHERE c.email_norm = s.email_norm AND c.merged_into_id IS NULL
            AND c.erased_at IS NULL AND c.id IS DISTINCT FROM (
                SELECT coalesce(k.merged_into_id, k.id) FROM crm_customer k
                WHERE k.source = %(source)s AND k.external_id = s.external_id)
        {also} LIMIT 1)) o ON true
    WHERE s.email_norm IS NOT NULL"""
)
SHARED_ADDRESSES = _SHARED_ADDRESSES.format(also=SQL(""))
SHARED_ADDRESSES_DRY = _SHARED_ADDRESSES.format(
    also=SQL(
        """UNION ALL SELECT e.external_id FROM import_customer_email e
        WHERE e.email_norm = s.email_norm AND e.external_id <> s.external_id"""
    )
)
KEEP_ADDRESSES = SQL(
    """INSERT INTO import_customer_email
    SELECT email_norm, external_id FROM import_customer WHERE email_norm IS NOT NULL"""
)
INSERT_TAGS = SQL(
    """INSERT INTO crm_tag (name)
    SELECT DISTINCT ON (lower(tag)) tag
    FROM import_customer s, jsonb_array_elements_text(s.tags) tag
    WHERE NOT EXISTS (SELECT FROM crm_tag g WHERE lower(g.name) = lower(tag))
    ORDER BY lower(tag), tag
    ON CONFLICT DO NOTHING"""
)
# A file only adds tags: those that people gave by hand stay.
TAG = SQL(
    """INSERT INTO crm_customer_tags (customer_id, tag_id)
    SELECT DISTINCT coalesce(k.merged_into_id, k.id), g.id
    FROM import_customer s
    CROSS JOIN LATERAL jsonb_array_elements_text(s.tags) tag
    JOIN crm_customer k ON k.source = %(source)s AND k.external_id = s.external_id
    JOIN crm_tag g ON lower(g.name) = lower(tag)
    WHERE NOT EXISTS (
        SELECT FROM crm_customer_tags m
        WHERE m.customer_id = coalesce(k.merged_into_id, k.id) AND m.tag_id = g.id)
    ON CONFLICT DO NOTHING"""
)
