"""Words that look like an offer, which makes a mail marketing, or like something to buy
beside a gift."""

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


# What asks for an order, in the languages that mails are written in.
_BUY = re.compile(
    r"\b(?:buy|order (?:now|today)|shop now|upgrade|add to (?:basket|cart)|on top of it"
    r"|last chance|only today|while stocks last)\b"
    r"|升级|升級|立即购买|立即購買|立即下单|立即下單|马上下单|馬上下單"
    r"|加入购物车|加入購物車|加入购物篮"
    r"|קנו עכשיו|הזמינו עכשיו|שדרגו|הוסיפו לסל",
    re.IGNORECASE,
)


# What leads away from the gift, to something in the shop.
_LINK = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)


def upsell_in(text: str, *, beside_offer: bool = False) -> str:
    """The first piece of the text that sells something: a call to buy, a price, a code
    that somebody typed, a link, a share; "" where none does. Beside a gift that spoils
    it. `beside_offer`: the gift takes something off, and the words may say how much."""
    looked_for = [_BUY, _PRICE, _CODE, _LINK] + ([] if beside_offer else [_PERCENT])
    for pattern in looked_for:
        if found := pattern.search(text):
            return found[0]
    return ""
