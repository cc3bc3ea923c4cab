"""What the insights keep: their own summaries and choices, never facts of others."""

from insights.models.money import MoneyMark, MoneyPeriod, SpendCurve

__all__ = ["MoneyMark", "MoneyPeriod", "SpendCurve"]
