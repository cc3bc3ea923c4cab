"""`filter(email__any_of=emails)`: as `__in`, with all values as one parameter.

With `__in` Django and the driver each look at every value alone, and the statement is
as long as the list. The database plans both alike, unlike a subquery
(`crm/sql/ids.py`), which is for the thousands of rows of an import.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, ForeignObject, Lookup
from django.db.models.sql.compiler import SQLCompiler


@Field.register_lookup
@ForeignObject.register_lookup
class AnyOf(Lookup):
    """The column is one of these values: numbers, texts or bytes."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        kind = self.lhs.output_field.db_type(connection)
        # A limited length would cut what is asked for.
        kind = "text" if kind.startswith("varchar") else kind
        return f"{column} = ANY(%s::{kind}[])", (*params, list(self.rhs))
