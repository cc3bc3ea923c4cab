"""A copy of all tables, put back later: what a restored backup does to the rows.

Inside a test's own transaction; the scripts are tested in tests/local/test_backup.py.
"""

from django.db import connection

TAKE = """
DO $$ DECLARE name text; BEGIN
    CREATE SCHEMA copied;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('CREATE TABLE copied.%1$I AS TABLE public.%1$I', name);
    END LOOP;
END $$
"""
PUT_BACK = """
DO $$ DECLARE name text; columns text; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'copied' LOOP
        EXECUTE format('DELETE FROM public.%I', name);
        -- What is worked out from other columns is worked out again.
        SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
            WHERE attrelid = format('public.%I', name)::regclass
              AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
        EXECUTE format('INSERT INTO public.%1$I (%2$s) OVERRIDING SYSTEM VALUE'
                       ' SELECT %2$s FROM copied.%1$I', name, columns);
    END LOOP;
    SET LOCAL session_replication_role = DEFAULT;
END $$
"""


def take_copy() -> None:
    _run("SET CONSTRAINTS ALL IMMEDIATE")
    _run(TAKE)


def put_back() -> None:
    _run("SET CONSTRAINTS ALL IMMEDIATE")
    _run(PUT_BACK)


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
