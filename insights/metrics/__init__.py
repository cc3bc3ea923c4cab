"""The arithmetic of staying, going, cost and revenue.

Pure: counts, sums and days in, a measure out; no Django, clock or settings. What cannot
be said is a measure without a value and with the reason, never 0 and never NaN.
"""
