"""The order whose lines are being read."""

from dataclasses import dataclass, field
from decimal import Decimal

from crm.services.imports.order_heads import Head
from crm.services.imports.order_lines import Known


@dataclass(slots=True)
class OpenOrder:
    """The order whose lines are being read."""

    order_id: str
    customer_id: str
    customer: int
    head: Head
    # Some line was refused, and so all are.
    is_refused: bool = False
    no: int = 0
    start: int = 0  # where its lines begin in the slice
    country: str = ""
    seen: int = 0
    lines: int = 0
    total: Decimal = Decimal(0)
    is_taken: bool = False  # some line has a positive quantity
    keys: set[str] = field(default_factory=set)
    known_lines: Known = field(default_factory=dict)
