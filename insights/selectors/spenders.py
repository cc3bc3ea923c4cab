"""Those behind a figure of money, the most at stake first."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from psycopg.sql import Composable

from insights.choices import Basis
from insights.metrics.spans import Pair
from insights.selectors.rows import rows_of
from insights.sql import money as sql


@dataclass(frozen=True)
class Spender:
    """Somebody behind a figure: what they brought before, and bring now."""

    customer_id: int
    was: Decimal
    brings: Decimal

    @property
    def stake(self) -> Decimal:
        return abs(self.brings - self.was)


def spenders(
    pair: Pair,
    basis: Basis,
    currency: str,
    group: str,
    *,
    after: sql.Place | None,
    most: int,
    people: Composable | None = None,
) -> Sequence[Spender]:
    """Those of a group, the most at stake first; `after`: the stake and id of a row;
    `people`: a SELECT of ids, None for everybody."""
    page: dict[str, Any] = {"after": after, "most": most}
    query = (
        sql.core(currency, people, **page)
        if group == "core"
        else sql.spenders(pair, basis, currency, group, people, **page)
    )
    return [Spender(*row) for row in rows_of(query)]
