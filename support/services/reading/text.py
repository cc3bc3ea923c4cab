"""Bytes of any charset, or of none that is true, as text that can be stored."""

import re

# What mail programs call charsets, and wider ones that hold what they really send.
_CHARSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "x-windows-949": "cp949",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "windows-31j": "cp932",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "unicode-1-1-utf-7": "utf-7",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "x-mac-hebrew": "cp1255",
    "visual": "iso-8859-8",
    "cp-850": "cp850",
    "utf8": "utf-8",
    "unicode": "utf-16",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "x-unknown": "utf-8",
    "unknown-8bit": "utf-8",
    # ISO 8859-1 has controls where Windows has the quotation marks that people type.
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    # These have no meaning as the charset of a text.
    "unicode_escape": "utf-8",
    "raw_unicode_escape": "utf-8",
    "punycode": "utf-8",
    "idna": "utf-8",
    "undefined": "utf-8",
}
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029\x85]")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
# Characters that turn what stands beside them around, in a line among others.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def decoded(data: bytes, charset: str) -> str:
    """The text of these bytes: by the charset named where that fits, else by UTF-8,
    else letter by letter as Windows would. It never raises."""
    named = charset.strip().strip("\"'").lower()
    for name in (_CHARSETS.get(named, named), "utf-8"):
        try:
            return storable(data.decode(name))
        except (LookupError, UnicodeError, ValueError):
            continue
    return storable(data.decode("cp1252", "replace"))


def storable(text: str) -> str:
    """The text with line feeds as ends of lines and without what PostgreSQL refuses."""
    text = _LINE_ENDS.sub("\n", text)
    return _UNSTORABLE.sub("", text.removeprefix("\ufeff"))


def line(text: str, most: int) -> str:
    """One line of at most `most` characters, for names, subjects and addresses."""
    plain = _TURNING.sub("", _CONTROLS.sub(" ", text))
    return " ".join(plain.split())[:most].rstrip()
