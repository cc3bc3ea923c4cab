"""One table of what no one should send, and of what anyone may.

The numbers in comments are those of the catalogue in docs/reliability.md.
"""

# 1, 16, 22: one line of text holds none of these.
NO_LINE = {
    "nul": "a\x00b",
    "header": "Dana\r\nBcc: all@example.org",
    "newline": "two\nlines",
    "tab": "a\tb",
    "vertical tab": "a\x0bb",
    "escape": "\x1b[31mred",
    "delete": "a\x7fb",
    "line separator": "a\u2028b",
}
# 4: half a character, which UTF-8 cannot write; forms cannot even send it.
HALF = "a\ud800b"
# 15: required means that something can be seen.
BLANK = {
    "empty": "",
    "spaces": "   ",
    "zero-width": "\u200b\u200b",
    "no-break and byte order": "\u00a0\ufeff",
}
# 17, 18, 20, 21, 23 and some of 8 to 13: text like any other.
TEXTS = {
    "script": '"><script>alert(1)</script>',
    "image": "<img src=x onerror=alert(1)>",
    "svg": "</textarea></title><svg/onload=alert(1)>",
    "mathml": "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "address": "javascript:alert(1)",
    "data": "data:text/html,<script>alert(1)</script>",
    "template": "{{7*7}}{% debug %}",
    "format": "{settings.SECRET_KEY}%(x)s{0.__class__}",
    "formula": "=cmd|' /C calc'!A0",
    "path": "../../etc/passwd",
    "quotes": 'O\'Hara, "Dana" <dana@x.org>: 50%',
    "emoji": "👩‍👩‍👧‍👦🇮🇱",
    "override": "abc\u202edef",
    "isolates": "\u2066abc\u2069",
    "inner joiner": "क्\u200dष",
    "zalgo": "e" + "\u0301" * 20,
    "homoglyph": "Dаna",
}
# 25, 26, 28, some of 27.
NO_EMAIL = (
    *("a@b", "@x.yz", "a@@b.cd", "a@b@c.de", "a@b.c", "a.@b.cd", "a@b.cd.", "a b@c.de"),
    *("u@[127.0.0.1]", "u@localhost", "u@internal", '"a b"@c.de', "a@-b.cd"),
    "x" * 65 + "@example.org",
    "x" * 60 + "@" + "y" * 60 + "." + "z" * 130 + ".com",
    "dvořák@example.org",
)
# 28, 30: odd, and addresses all the same.
EMAILS = (
    *("-oQ/tmp@x.org", "=cmd@x.yz", "a+tag@x.org", "a@bücher.example"),
    *("o'hara@x.org", "x" * 64 + "@example.org"),
)
# 31.
NO_PHONE = ("abc", "+00", "9" * 40, "+1 555 x 5", "+999 1234567")
# 35: what machines and people write that is no plain number.
NO_NUMBER = (
    *("NaN", "Infinity", "-Infinity", "1e400", "1e2", "1_000", "٣", "３", "1,5"),
    *("0x10", "true", "", "--1", "½", "9" * 5000),
)
# 44, 45: no moment; the last three are moments outside every shop's life.
NO_MOMENT = (
    *("0000-00-00T00:00:00Z", "2026-02-31T00:00:00Z", "2026-11-20T24:00:00Z"),
    *("2026-11-20T23:59:60Z", "2026-W47-5", "2026-11-20T10:00:00+25:00", "now", ""),
    *("٢٠٢٦-١١-٢٠T10:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
    *("0001-01-01T00:00:00Z", "1899-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
)
NO_DAY = (
    *("0000-00-00", "2026-02-31", "2026-W47-5", "20261120", "٢٠٢٦-١١-٢٠", "now"),
    *("2026-11-20T10:00:00Z", "2026-11-20junk", "0001-01-01", "1899-12-31"),
    "9999-12-31",
)
NO_BIRTHDAY = (
    "0000-00-00",
    "1900-02-29",
    "2-3",
    "13-01",
    "02-30",
    "٠١-٠١",
    "2999-01-01",
)
# 45: the last is a file on many machines, and means their zone.
NO_ZONE = ("Mars/Phobos", "../../etc/passwd", "America", "UTC\x00", "localtime")
# 48, 59: what an address may ask.
QUERIES = (
    *("after=%00", "after=9999-99-99~1", "after=2026-01-01~" + "9" * 5000),
    *("older=x", "newer=x", "older=1~2~3", "older=99999999999999999999~1"),
    *("page=-1", "page=999999999", "show=x%00", "tab=x", "kind=%00", "kind=x"),
    *("score=x", "language=xx", "sort=password", "q=1&q=2", "fields=__class__"),
    "act=%00&lang=%00&state=%00&view=%00&tab=held",
    *("product=%00", "product=999999999999999999999", "product=" + "9" * 5000),
    *("older=%00~1&newer=%00~1", "older=2026-11-22T00:00:00~%00"),
    *("owner=%00", "owner=999999999999999999999", "owner=" + "9" * 5000),
)
# 34.
FOREIGN = (
    *("//evil.example", "/\\evil.example", "https:evil.example", "http://["),
    *("https://evil.example/", "javascript:alert(1)", "/%0d%0aSet-Cookie:x"),
)
