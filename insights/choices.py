"""Closed lists that the models, the rules and SQL share."""

from enum import StrEnum


class Basis(StrEnum):
    """What makes somebody a customer: orders, or a running contract."""

    ORDERS = "orders"
    CONTRACT = "contract"


class Unit(StrEnum):
    """A period of the calendar."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Metric(StrEnum):
    """What a mark is set on."""

    RETENTION = "retention"
    CHURN = "churn"


class Closed(StrEnum):
    """Of which figures it is kept what they were when their time was over."""

    RETENTION = "retention"
    COHORT = "cohort"
    REVENUE = "revenue"
    COST = "cost"
    SCORE = "score"
    GAINED = "gained"
    SOURCE = "source"
    SIGNAL = "signal"
    REPEAT = "repeat"


# Numbers of people, which have no base; of signals it may be nobody.
WITHOUT_BASE = (Closed.GAINED, Closed.SOURCE, Closed.SIGNAL)


class Dimension(StrEnum):
    """By what summaries are kept; segments and products are counted when asked."""

    ALL = "all"
    COUNTRY = "country"
    SOURCE = "source"
    OWNER = "owner"
