"""One day of several for each customer, so that not everybody is written to on one.

Knuth's multiplicative hash (the prime next to 2^32 / golden ratio). The same formula
stands in surveys/sql/schedule.py; a test compares the two.
"""

HASH_PRIME = 2_654_435_761
HASH_KEYS = 2**31
HASH_RANGE = 2**32


def day_of(customer_id: int, days: int) -> int:
    """A number in [0, days), the same one whenever it is asked.

    The high bits of the hash, not the rest of a division: ids that come in steps (every
    second one, every hundredth) spread as evenly as consecutive ones.
    """
    spread = (customer_id % HASH_KEYS * HASH_PRIME) % HASH_RANGE
    return spread * days // HASH_RANGE
