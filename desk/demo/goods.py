"""What Kettle & Leaf sells: prices in pounds, and how long one piece lasts."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Good:
    """`lasts_days` is None for what is not used up."""

    sku: str
    name: str
    category: str
    price: Decimal
    lasts_days: int | None


def _good(sku: str, name: str, category: str, price: str, lasts: int | None) -> Good:
    return Good(sku, name, category, Decimal(price), lasts)


STAPLES = (
    _good("ETH-1000", "Ethiopia Yirgacheffe 1 kg", "Coffee", "28.50", 31),
    _good("ETH-250", "Ethiopia Yirgacheffe 250 g", "Coffee", "9.20", 12),
    _good("COL-1000", "Colombia Huila 1 kg", "Coffee", "26.00", 33),
    _good("GUA-500", "Guatemala Antigua 500 g", "Coffee", "15.80", 21),
    _good("HOU-1000", "House espresso 1 kg", "Coffee", "24.00", 28),
    _good("DEC-500", "Swiss Water decaf 500 g", "Coffee", "16.40", 35),
    _good("ASM-250", "Assam breakfast 250 g", "Tea", "8.90", 42),
    _good("DAR-100", "Darjeeling first flush 100 g", "Tea", "14.50", 45),
    _good("SEN-100", "Sencha 100 g", "Tea", "11.20", 38),
    _good("OOL-150", "Alishan oolong 150 g", "Tea", "19.80", 48),
    _good("PUE-357", "Pu-erh cake 357 g", "Tea", "34.00", 90),
    _good("ROO-200", "Rooibos 200 g", "Tea", "6.80", 40),
)
EXTRAS = (
    _good("FIL-100", "Filter papers, 100", "Brewing", "4.50", 50),
    _good("CLN-300", "Machine cleaner 300 g", "Brewing", "7.20", 90),
    _good("V60-02", "Pour-over cone", "Brewing", "18.00", None),
    _good("GRN-HND", "Hand grinder", "Brewing", "64.00", None),
    _good("KTL-GSN", "Gooseneck kettle", "Brewing", "72.00", None),
    _good("POT-CLY", "Clay teapot", "Brewing", "39.00", None),
    _good("MUG-2", "Two stoneware mugs", "Gifts", "24.00", None),
    _good("GFT-TEA", "Tea tasting box", "Gifts", "29.00", None),
    _good("GFT-COF", "Coffee tasting box", "Gifts", "32.00", None),
)
POSTAGE = _good("POST", "Postage", "Postage", "3.90", None)
FREE_POSTAGE_FROM = Decimal("30.00")
# What the team would choose to go with what.
GOES_WITH = (
    ("ETH-1000", "FIL-100"),
    ("ETH-250", "V60-02"),
    ("GUA-500", "GRN-HND"),
    ("HOU-1000", "CLN-300"),
    ("SEN-100", "POT-CLY"),
    ("OOL-150", "POT-CLY"),
    ("DAR-100", "MUG-2"),
)
