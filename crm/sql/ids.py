"""Many ids as one value, for `customer_id__in` of whatever an import touched.

Django writes one parameter for each: the server takes 40 ms to read 20,000 of them, at
every slice and for every receiver that looks.
"""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.db.models.expressions import RawSQL


def among(ids: Collection[int]) -> RawSQL:
    """These ids as a subquery for `pk__in`: one parameter, however many there are."""
    return RawSQL("SELECT unnest(%s::bigint[])", [array_of(ids)])


def array_of(values: Collection[int | Decimal | date]) -> str:
    """These numbers or days as an array in the text of PostgreSQL, for `%s::bigint[]`:
    psycopg writes them one by one, which takes ten times as long."""
    return f"{{{','.join(map(str, values))}}}"


def among_hashes(hashes: Collection[bytes]) -> RawSQL:
    """The same of keyed hashes."""
    return RawSQL("SELECT unnest(%s::bytea[])", [list(hashes)])
