"""Whole numbers as they come in addresses and forms."""

LARGEST_ID = 2**63 - 1


def whole_number(text: str, *, most: int = LARGEST_ID) -> int | None:
    """The number from 0 to `most` that these ASCII digits write; otherwise None.

    Digits of other scripts are refused, and a text of any length costs nothing: more
    than 19 digits are more than a bigint, and are not converted.
    """
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        return None
    number = int(text)
    return number if number <= most else None
