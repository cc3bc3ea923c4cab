"""Which encoding bytes are in that are no UTF-8, or which two it may be.

Every encoding that can read the sample is asked how likely its reading is: each cell in
the languages that are written in it. Where the best reading is not far ahead of the
next different one, or is unlikely in itself, it is unknown, and people have to say.
"""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from crm.services.imports import language_models
from crm.services.imports.language_models import CJK

# Natural logarithms: the best reading is a thousand times as likely as the next, and
# more than that where few different bytes tell: a letter twice is no second witness.
AHEAD = 7.0
AHEAD_OF_ONE_BYTE = 8.0
MOST_WITNESSES = 3
# Below this a letter is as good as chance, and the reading is noise.
WORST_OF_A_LETTER = -5.2
# Thai writes no blanks, and Chinese has thousands of characters.
WORST = {"th": -8.0} | dict.fromkeys(CJK, -8.6)
EM_ROUNDS = 2
LATIN = ("fr", "de", "es", "pt", "it", "nl", "sv", "da", "et")
CENTRAL = ("pl", "cs", "sk", "hu", "hr", "ro", "de")
CYRILLIC = ("ru", "uk", "bg", "sr")
BALTIC = ("lt", "lv", "et", "pl", "de")


@dataclass(frozen=True)
class Encoding:
    """A name that people know, Python's codec, its languages, and how often files are
    in it (a logarithm)."""

    name: str
    codec: str
    languages: tuple[str, ...]
    prior: float


ENCODINGS = (
    Encoding("windows-1252", "cp1252", LATIN, 0.0),
    # Its letters look like those of Turkish in windows-1254, and are rarer.
    Encoding("windows-1252", "cp1252", ("is",), -6.0),
    Encoding("iso-8859-15", "iso8859-15", LATIN, -2.5),
    Encoding("windows-1250", "cp1250", CENTRAL, -1.0),
    Encoding("iso-8859-2", "iso8859-2", CENTRAL, -3.0),
    Encoding("windows-1251", "cp1251", CYRILLIC, -1.0),
    Encoding("koi8-r", "koi8-r", ("ru", "bg"), -3.0),
    Encoding("windows-1253", "cp1253", ("el",), -1.5),
    Encoding("windows-1254", "cp1254", ("tr", *LATIN), -1.0),
    Encoding("windows-1255", "cp1255", ("he",), -1.0),
    Encoding("windows-1256", "cp1256", ("ar", "fa"), -1.5),
    Encoding("windows-1257", "cp1257", BALTIC, -2.0),
    Encoding("windows-1258", "cp1258", ("vi",), -3.0),
    Encoding("windows-874", "cp874", ("th",), -1.5),
    Encoding("gb18030", "gb18030", ("zh",), -1.0),
    Encoding("big5", "cp950", ("zh-hant",), -1.0),
    Encoding("shift-jis", "cp932", ("ja",), -1.0),
    Encoding("euc-jp", "euc_jp", ("ja",), -3.5),
    Encoding("euc-kr", "cp949", ("ko",), -1.0),
    Encoding("mac-roman", "mac_roman", LATIN, -2.5),
    Encoding("mac-centraleurope", "mac_latin2", CENTRAL, -4.0),
    Encoding("mac-cyrillic", "mac_cyrillic", CYRILLIC, -4.0),
    Encoding("cp850", "cp850", LATIN, -3.0),
    Encoding("cp852", "cp852", CENTRAL, -4.0),
    Encoding("cp866", "cp866", ("ru",), -4.0),
    Encoding("cp862", "cp862", ("he",), -4.5),
)

# What operators may say, and the codec that is used: where one holds another's
# characters and more, the larger one.
CODECS = {one.name: one.codec for one in ENCODINGS} | {
    **{"utf-8": "utf-8", "utf-16": "utf-16", "utf-16-le": "utf-16-le"},
    **{"utf-16-be": "utf-16-be", "utf-32": "utf-32", "gbk": "gb18030"},
    **{"gb2312": "gb18030", "iso-8859-8": "cp1255", "iso-8859-1": "cp1252"},
    **{"shift_jis": "cp932", "sjis": "cp932", "iso-8859-9": "cp1254"},
}

# What is no letter: common punctuation, and all else.
_USUAL = frozenset("’‘“”„–—…«»•°©®™€£§ªº¿¡½×、。「」（）〈〉　：")
_USUAL_COST = -5.0
_ODD_COST = -11.0
# Between letters only these may stand.
_INSIDE = frozenset("’‘·–")
_ASCII_COST = -2.8


# Control characters, characters of private use, and codes without a character.
_NO_TEXT = frozenset({"Cc", "Co", "Cn", "Cs"})


@dataclass(frozen=True)
class Reading:
    """What the sample is in one encoding, and how likely that is."""

    encoding: Encoding
    cells: tuple[str, ...]
    score: float
    is_plausible: bool


@dataclass(frozen=True)
class Judgement:
    """The likeliest readings, best first; `is_sure` where the first one is meant."""

    readings: tuple[Reading, ...]
    is_sure: bool


def judge(cells: Sequence[bytes]) -> Judgement:
    """Cells with bytes beyond ASCII -> how they are likely meant."""
    readings: dict[tuple[str, ...], Reading] = {}
    for encoding in ENCODINGS:
        reading = _read(encoding, cells)
        if reading is None:
            continue
        known = readings.get(reading.cells)
        if known is None or reading.score > known.score:
            readings[reading.cells] = reading
    best = sorted(readings.values(), key=lambda one: -one.score)
    is_sure = bool(best) and best[0].is_plausible
    if is_sure and len(best) > 1:
        is_sure = best[0].score - best[1].score >= _needed(best[0], best[1], cells)
    return Judgement(tuple(best), is_sure)


def _needed(best: Reading, next_best: Reading, cells: Sequence[bytes]) -> float:
    """How far ahead the best reading must be: the bytes that tell the two apart are the
    witnesses."""
    used = {byte for cell in cells for byte in cell if byte > 0x7F}
    telling = {
        byte
        for byte in used
        if bytes([byte]).decode(best.encoding.codec, "replace")
        != bytes([byte]).decode(next_best.encoding.codec, "replace")
    }
    # Of two encodings by pairs of bytes, no single byte tells.
    apart = len(telling) or len(used)
    return AHEAD + AHEAD_OF_ONE_BYTE * min(len(cells), MOST_WITNESSES) / apart


def _read(encoding: Encoding, cells: Sequence[bytes]) -> Reading | None:
    """None where the bytes are no text in this encoding."""
    try:
        texts = tuple(
            unicodedata.normalize("NFC", cell.decode(encoding.codec)) for cell in cells
        )
    except UnicodeDecodeError:
        return None
    if any(unicodedata.category(one) in _NO_TEXT for text in texts for one in text):
        return None
    signs = sum(_signs(text) for text in texts)
    words = [word for text in texts for word in language_models.words(text)]
    foreign = [word for word in words if not word.isascii()]
    vectors = [
        [language_models.score(word, one) for one in encoding.languages]
        for word in foreign
    ]
    # Counted, because some encodings take ASCII bytes into their characters.
    plain = sum(one.isascii() for text in texts for one in text)
    plain -= sum(one.isascii() for word in foreign for one in word)
    score = _mixed(vectors)
    letters = sum(map(len, foreign))
    floor = WORST.get(encoding.languages[0], WORST_OF_A_LETTER)
    return Reading(
        encoding,
        texts,
        score + signs + _ASCII_COST * plain + encoding.prior,
        is_plausible=letters > 0 and (score + signs) / letters > floor,
    )


def _signs(text: str) -> float:
    """What the characters beyond ASCII cost that are no letters."""
    cost = 0.0
    for at, one in enumerate(text):
        if not (one.isascii() or one.isalpha() or _stands_on(text, at)):
            around = text[max(at - 1, 0) : at] + text[at + 1 : at + 2]
            is_inside = len(around) == 2 and around.isalpha()
            fits = one in (_INSIDE if is_inside else _USUAL)
            cost += _USUAL_COST if fits else _ODD_COST
    return cost


def _stands_on(text: str, at: int) -> bool:
    """Is the character a mark of the letter before it?"""
    is_mark = unicodedata.category(text[at]) == "Mn"
    return is_mark and at > 0 and not text[at - 1].isascii()


def _mixed(vectors: Sequence[Sequence[float]]) -> float:
    """The likelihood of words that are each in one of several languages, the shares of
    the languages taken from the words themselves."""
    if not vectors:
        return 0.0
    count = len(vectors[0])
    shares = [1 / count] * count
    for _ in range(EM_ROUNDS):
        sums = [0.01] * count
        for vector in vectors:
            weights = [
                share * math.exp(score - max(vector))
                for share, score in zip(shares, vector, strict=True)
            ]
            total = sum(weights)
            for at, weight in enumerate(weights):
                sums[at] += weight / total
        shares = [one / sum(sums) for one in sums]
    return sum(
        max(vector)
        + math.log(
            sum(
                share * math.exp(score - max(vector))
                for share, score in zip(shares, vector, strict=True)
            )
        )
        for vector in vectors
    )
