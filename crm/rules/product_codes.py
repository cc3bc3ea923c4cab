"""Codes and names that often mean postage, fees or adjustments, for proposals only.

Nothing here takes effect by itself: a shop may sell a poster POST and a shirt M.
"""

import re
from dataclasses import dataclass

from crm.rules.choices import ProductNature
from crm.rules.trade import CodePattern, ProductRules

# Seen in wholesalers' files; the UCI "Online Retail" file writes 33 codes by these.
_CODES = (
    *(CodePattern(code, ProductNature.POSTAGE) for code in ("POST", "DOT", "C2")),
    *(CodePattern(code, ProductNature.POSTAGE) for code in ("POSTAGE", "SHIPPING")),
    CodePattern("BANK CHARGES", ProductNature.FEE),
    CodePattern("AMAZONFEE", ProductNature.FEE),
    CodePattern("CRUK", ProductNature.FEE),
    *(CodePattern(code, ProductNature.ADJUSTMENT) for code in ("M", "D", "S", "B")),
    CodePattern("PADS", ProductNature.ADJUSTMENT),
    CodePattern("gift_*", ProductNature.ADJUSTMENT),
    CodePattern("DCGS*", ProductNature.ADJUSTMENT),
)
_KNOWN = ProductRules(_CODES)
_PATTERNS = {rule.pattern.upper(): rule for rule in _CODES}
# A code as short as a size or a shelf means nothing alone.
_SHORT = 2
_NAMES = {
    ProductNature.POSTAGE: (
        r"\b(postage|shipping|versand(kosten)?|livraison"
        r"|frais de port|env[ií]o|frete|spedizione|verzend\w*|doprava|dostawa"
        r"|przesyłka)\b|\b(carriage|freight|porto)$|^delivery( (charge|fee|cost)s?)?$"
        r"|доставка|משלוח|运费|運費|邮费|郵費|送料|배송비"
    ),
    ProductNature.FEE: (
        r"\b(bank charges?|commission|gebühr(en)?|comisi[oó]n)\b|手续费|手續費|עמלה"
        r"|\b(service|handling|payment|transaction|booking|market ?place|amazon|paypal"
        r"|card|cod)[ -]?(fee|charge)s?\b"
    ),
    ProductNature.ADJUSTMENT: (
        r"^(manual|samples?|tip|deposit|rounding)$|\badjust(ment)?\b|\bbad debt\b"
        r"|\b(discount|gift ?(card|voucher|certificate)|voucher|coupon|store credit"
        r"|refund|write[- ]?off|rabatt|gutschein|remise|descuento|sconto|korting)\b"
        r"|скидка|הנחה|זיכוי|折扣|优惠券|優惠券|礼品卡|禮品卡|割引|할인"
    ),
}
_BY_NAME = {
    nature: re.compile(words, re.IGNORECASE) for nature, words in _NAMES.items()
}


@dataclass(frozen=True)
class Suggestion:
    """`pattern` may be no goods. `needs_proof`: the code alone is no sign of it."""

    pattern: str
    nature: ProductNature
    needs_proof: bool = False


def suggestion(code: str, name: str) -> Suggestion | None:
    """What a product that no rule names may be other than goods; None for goods."""
    by_name = next(
        (nature for nature, words in _BY_NAME.items() if words.search(name.strip())),
        None,
    )
    by_code = _KNOWN.match(code)
    if by_code is not None:
        pattern = _pattern_of(code)
        is_short = len(code) <= _SHORT
        return Suggestion(pattern, by_code, needs_proof=is_short and by_name is None)
    return Suggestion(code, by_name) if by_name is not None else None


def _pattern_of(code: str) -> str:
    """The known pattern that holds the code: `gift_*` for gift_0001_20."""
    for key, rule in _PATTERNS.items():
        if key.endswith("*") and code.upper().startswith(key[:-1]):
            return rule.pattern
    return code
