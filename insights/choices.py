"""Closed lists that the models, the rules and SQL share."""

from enum import StrEnum


class Basis(StrEnum):
    """What makes somebody a customer: orders, or a running contract."""

    ORDERS = "orders"
    CONTRACT = "contract"
