"""Numbers in mails are found by an index of their own.

The trigrams of 66666 are those of every text with 666. Each number of four digits and
more is indexed by its ends instead, 66666 by "66666" and "6666": what is typed is a
part of it where one of them begins with that. An end is cut after twenty digits, so
that a text without a blank stays small.
"""

from typing import ClassVar

import django.contrib.postgres.indexes
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION support_number_ends(searched text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_to_tsvector(coalesce(array_agg(substr(number[1], at, 20)), '{}'))
    FROM regexp_matches(searched, '[0-9]{4,}', 'g') number,
        generate_series(1, length(number[1]) - 3) at
$$;
"""
BACKWARD = """
DROP FUNCTION support_number_ends(text);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("support", "0018_notices_per_mailbox")]
    operations: ClassVar = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.AddIndex(
            model_name="mail",
            index=django.contrib.postgres.indexes.GinIndex(
                models.Func(
                    models.F("search_text"),
                    function="support_number_ends",
                    output_field=django.contrib.postgres.search.SearchVectorField(),
                ),
                name="mail_numbers",
            ),
        ),
    ]
