"""One index of four letters each finds words, parts of them and numbers in mails.

The trigrams of before were in so many mails each that a rare word was found by reading
thirty thousand places five times over. Fours are one in sixteen of these, and so exact
that numbers need no index of their own. The last three letters of a word stand for
three that are looked for alone, and the two that it begins with, after a blank, for
one or two. Each part is in the index once a mail, as often as trigrams were, so that
it is as large as the two that it replaces.

Of 400,000 mails it is made in two minutes or so.
"""

from typing import ClassVar

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION support_word_parts(searched text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_to_tsvector(coalesce(array_agg(part), '{}')) FROM (
        SELECT part
        FROM unnest(string_to_array(
            -- Of more the parts would be too many for PostgreSQL (BYTES_MOST).
            CASE WHEN octet_length(searched) > 230000 THEN left(searched, 57500)
                ELSE searched END, ' ')) word,
        LATERAL (
            SELECT ' ' || left(word, 2)
            UNION ALL SELECT substr(word, at, 4)
                FROM generate_series(1, greatest(length(word) - 2, 1)) at
        ) parts (part)
        WHERE word <> ''
    ) found
$$;
"""
BACKWARD = """
DROP FUNCTION support_word_parts(text);
"""
NUMBERS = """
CREATE FUNCTION support_number_ends(searched text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_to_tsvector(coalesce(array_agg(substr(number[1], at, 20)), '{}'))
    FROM regexp_matches(searched, '[0-9]{4,}', 'g') number,
        generate_series(1, length(number[1]) - 3) at
$$;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("support", "0021_name_columns_for_what_they_hold")]
    operations: ClassVar = [
        migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop),
        migrations.RemoveIndex(model_name="mail", name="mail_search"),
        migrations.RemoveIndex(model_name="mail", name="mail_numbers"),
        migrations.RunSQL("DROP FUNCTION support_number_ends(text)", NUMBERS),
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.AddIndex(
            model_name="mail",
            index=django.contrib.postgres.indexes.GinIndex(
                models.Func(
                    models.F("search_text"),
                    function="support_word_parts",
                    output_field=django.contrib.postgres.search.SearchVectorField(),
                ),
                name="mail_parts",
            ),
        ),
        # Nobody asks how frequent a part is; ANALYZE would take mails apart for it.
        migrations.RunSQL(
            "ALTER INDEX mail_parts ALTER COLUMN 1 SET STATISTICS 0",
            migrations.RunSQL.noop,
        ),
    ]
