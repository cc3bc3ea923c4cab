"""The book of the cells names the state that they are in: whoever changes them, or
takes away what waits to be added, gives it another name in the same transaction."""

import uuid
from typing import ClassVar

from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models

_NAMED = """
    CREATE FUNCTION surveys_cells_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        UPDATE surveys_cellbook SET state = gen_random_uuid(); RETURN NULL; END $$;
    CREATE TRIGGER surveys_cell_changed
        AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON surveys_cell
        FOR EACH STATEMENT EXECUTE FUNCTION surveys_cells_changed();
    CREATE TRIGGER surveys_celldelta_changed
        AFTER UPDATE OR DELETE OR TRUNCATE ON surveys_celldelta
        FOR EACH STATEMENT EXECUTE FUNCTION surveys_cells_changed();
"""
_UNNAMED = """
    DROP TRIGGER surveys_cell_changed ON surveys_cell;
    DROP TRIGGER surveys_celldelta_changed ON surveys_celldelta;
    DROP FUNCTION surveys_cells_changed();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("surveys", "0022_remember_the_last_reminder")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="cellbook",
            name="state",
            field=models.UUIDField(db_default=RandomUUID(), default=uuid.uuid4),
        ),
        migrations.RunSQL(_NAMED, _UNNAMED),
    ]
