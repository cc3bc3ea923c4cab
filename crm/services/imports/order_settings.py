"""What a run of orders knows besides the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from crm.rules import trade
from crm.rules.choices import ProductNature
from crm.services.erased_ids import ErasedIds
from crm.services.imports.hashed_ids import IdMap, IdSet
from crm.services.imports.values.asked import CellRules


@dataclass(frozen=True)
class OrderSettings:
    """What the run knows besides the file."""

    now: datetime
    zone: ZoneInfo
    shop_zone: ZoneInfo
    currency: str
    rules: trade.ProductRules
    # Natures that products have already, where they are not plain products.
    natures: Mapping[str, ProductNature]
    customers: IdMap  # external id -> id of the live record
    # Address -> id of the one live record that has it, of whatever source, 0 where
    # several have it; empty where the file has no addresses.
    addresses: IdMap
    erased: ErasedIds
    # Orders with rows that cannot be told into cells; see precheck.py.
    torn: IdSet = field(default_factory=IdSet)
    create_customers: bool = False
    cells: CellRules = CellRules()
