"""Code 128 (ISO/IEC 15417) in code set B: text as bars that scanners at tills read.

The widths of the 107 symbols are those of the standard's table of symbol characters,
which GS1 publishes in its General Specifications, section 5.4.3.
"""

# Bar, space, bar, space, bar, space in modules; the stop ends with a bar more.
WIDTHS = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 "
    "231212 112232 122132 122231 113222 123122 123221 223211 221132 221231 213212 "
    "223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 232121 "
    "111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 "
    "132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 "
    "311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 "
    "121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 "
    "413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 "
    "421211 212141 214121 412121 111143 111341 131141 114113 114311 411113 411311 "
    "113141 114131 311141 411131 211412 211214 211232 2331112"
).split()
START_B, STOP = 104, 106
# The quiet zone on each side, in modules.
QUIET = 10


def can_say(text: str) -> bool:
    """Whether it is printable ASCII."""
    return bool(text) and all(" " <= one <= "~" for one in text)


def symbols(text: str) -> list[int]:
    """The numbers of the symbols: start, one for each character, the checksum, stop.

    Raises ValueError for what is not printable ASCII.
    """
    if not can_say(text):
        raise ValueError(text)
    values = [ord(one) - ord(" ") for one in text]
    weighted = sum(place * value for place, value in enumerate(values, start=1))
    return [START_B, *values, (START_B + weighted) % 103, STOP]


def bars(text: str) -> tuple[list[tuple[int, int]], int]:
    """Each bar as (where it begins, how wide it is) in modules, and the width of all
    with the quiet zones. Raises ValueError as `symbols`."""
    found, place = [], QUIET
    for number in symbols(text):
        for turn, width in enumerate(map(int, WIDTHS[number])):
            if turn % 2 == 0:
                found.append((place, width))
            place += width
    return found, place + QUIET
