"""How much oftener two products lie in one basket than by chance. Pure."""

from dataclasses import dataclass
from math import exp, sqrt

# Fewer customers with both say nothing that the next month would not take back.
FEWEST_CUSTOMERS = 20
# A basket of more different products says little of any two of them (who stocks a shop
# takes one of each), and makes more pairs than fifty ordinary ones.
LARGEST_BASKET = 50
# Baskets of two years: what is bought together changes with the catalogue.
COUNTED_DAYS = 730
# Kept for each product.
MOST_FOR_ONE = 10
_Z_95 = 1.959964


@dataclass(frozen=True)
class Lift:
    """How many times as often as by chance, and the lower end of its 95 % interval."""

    value: float
    low: float


def lift(both: int, one: int, other: int, everybody: int) -> Lift:
    """From numbers of customers: with both products in one basket, with each of them,
    and all of them. None of the numbers is 0.

    The lift (Brin, Motwani, Ullman and Tsur, SIGMOD 1997, who call it interest) is
    P(both) / (P(one) P(other)). The interval is that of its logarithm by the delta
    method for a multinomial sample (Agresti, Categorical Data Analysis, 3rd edition,
    16.1): variance 1/both - 1/one - 1/other + (2 lift - 1)/everybody. Ranked by the
    lower end, a pair that few people bought does not pass one that many did.
    """
    value = both * everybody / (one * other)
    variance = 1 / both - 1 / one - 1 / other + (2 * value - 1) / everybody
    return Lift(value, value * exp(-_Z_95 * sqrt(max(variance, 0.0))))
