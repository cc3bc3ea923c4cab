"""Words that look like an offer: then a mail is marketing, whatever it is called."""

import re

_PERCENT = re.compile(r"[%\u066a\uff05]")
# A sign or a code of a currency beside a number, on either side.
_MONEY = r"(?:[$\u20ac\u00a3\u00a5\u20aa\uffe5]|USD|EUR|GBP|ILS|CNY|HKD|TWD|NT\$|RMB)"
_NUMBER = r"\d(?:[\d.,]*\d)?"
_PRICE = re.compile(
    rf"{_MONEY}\s?{_NUMBER}|{_NUMBER}\s?(?:{_MONEY}|[\u5143\u584a])", re.IGNORECASE
)
# SUMMER10: capitals and digits together, as codes are written.
_CODE = re.compile(r"\b(?=[A-Z0-9-]*[A-Z])(?=[A-Z0-9-]*\d)[A-Z0-9-]{5,}\b")


def offer_in(text: str) -> str:
    """The first piece of the text that looks like an offer; "" where none does."""
    for pattern in (_PERCENT, _PRICE, _CODE):
        if found := pattern.search(text):
            return found[0]
    return ""
