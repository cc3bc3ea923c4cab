"""A text as the square that telephones read: an SVG path, one unit a dot."""

from dataclasses import dataclass

import qrcode


@dataclass(frozen=True)
class Square:
    """`path` draws the dark dots in a view box of `size` by `size`."""

    size: int
    path: str


# One of the eight patterns over the dots; a square says which, and readers take each.
# To try all for the best (ISO/IEC 18004, 7.8.3) is four fifths of the time of a square.
_PATTERN = 2


def square(text: str) -> Square:
    """With the quiet border of four dots that readers need."""
    code = qrcode.QRCode(border=4, mask_pattern=_PATTERN)
    code.add_data(text)
    rows = code.get_matrix()
    dots = (
        f"M{x} {y}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, is_dark in enumerate(row)
        if is_dark
    )
    return Square(len(rows), "".join(dots))
