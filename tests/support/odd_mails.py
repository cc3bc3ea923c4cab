"""Two hundred mails as no one should send them, each made here and called by a name."""

import base64
import gzip
import io
import quopri
import zipfile
from collections.abc import Iterator

from tests.support.test_reading import CHARSETS, CODECS
from tests.support.winmail import BINARY, file, winmail

_HEAD = "From: Dana Levi <dana@example.org>\nTo: help@kettle.example\nSubject: Odd\n"
# As Outlook packs a whole mail into one file (TNEF): its signature, and a key.
_TNEF = b"\x78\x9f\x3e\x22\x01\x00\x01\x06\x90\x08\x00\x04\x00\x00\x00\x00\x00"
_DATES = (
    "", "yesterday", "31 Feb 2026 10:00", "Mon, 99 Xxx 2026 99:99:99 +9999",
    "Thu, 1 Jan 1970 00:00:00 +0000", "Fri, 1 Jan 2100 00:00:00 +0000",
    "Sat, 21 Nov 2026 12:00:00", "Sat, 21 Nov 2026 12:00:00 -9959",
    "Sat, 21 Nov 2026 12:00:00 GMT+0200 (IST)", "21.11.2026 12:00",
    "2026-11-21T12:00:00Z", "Sat, 21 Nov 0026 12:00:00 +0000", "=?utf-8?q?now?=",
    "Sat, 21 Nov 2026 24:61:61 +0000", "1795262400", "שבת, 21 נוב 2026 12:00",
)  # fmt: skip
_FROMS = (
    "", "Dana", "<>", "@", "dana@", "@example.org", "dana@example.org, eve@x.example",
    '"Levi, Dana" <dana@example.org>', "dana@example.org (Dana)", "דנה <d@example.org>",
    "=?utf-8?b?15PXoNeU?= <d@example.org>", "=?utf-8?b?!!!?= <d@example.org>",
    "Dana <dana@example.org", "undisclosed-recipients:;", "a" * 5_000 + "@example.org",
    "d@" + "x." * 2_000 + "example", '"' * 3_000 + "<d@example.org>",
    "Dana <dana@[203.0.113.9]>", "\u202egro.elpmaxe@anad <dana@example.org>",
    "d\x00ana@example.org",
)  # fmt: skip
_IDS = (
    "", "<>", "<a b@c>", "no-brackets@example.org", "<one@x> <two@x>",
    "<" + "x" * 9_000,
    "<\u05d0@example.org>", "\x00", "<a@b>" * 3_000,
)  # fmt: skip
_SUBJECTS = (
    "", " ", "=?utf-8?q?=", "=?x-nonsense?b?15PXoNeU?=", "=?utf-8?b?15PXoNe?=",
    "Re: " * 900 + "Odd", "שלום \u202e abc", "a\x00b", "🫖" * 400,
    "=?utf-8?q?=0A=0DBcc:?=",
)  # fmt: skip
HOSTILE = (
    "<script>alert(1)</script>Hello", "<img src=x onerror=alert(1)>Hello",
    "<svg onload=alert(1)>Hello</svg>", "<a href='javascript:alert(1)'>Hello</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>Hello",
    "<form action='https://evil.example'><input name=a>Hello</form>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>Hello",
    "<base href='https://evil.example'>Hello", "<style>*{display:none}</style>Hello",
    "<link rel=stylesheet href='https://evil.example/a.css'>Hello",
    "<object data='https://evil.example'></object>Hello",
    "<math><mtext><script>alert(1)</script></mtext></math>Hello",
    "<div style='background:url(https://evil.example/x)'>Hello</div>",
    "<img src='https://evil.example/pixel.gif'>Hello",
    "<img src='data:image/svg+xml,<svg onload=alert(1)>'>Hello",
    "<body onload=alert(1)>Hello", "<noscript><p title='</noscript><img src=x "
    "onerror=alert(1)>'></noscript>Hello", "<div>" * 20_000 + "Hello",
    "<table><td>" * 3_000 + "Hello", "Hello<!--", "<p dir=rtl>שלום Hello</p>",
    "<template><script>alert(1)</script></template>Hello",
    "<video src=x onerror=alert(1)></video>Hello",
    "<details open ontoggle=alert(1)>Hello",
)  # fmt: skip
_FILE_NAMES = (
    "../../etc/passwd", "C:\\boot.ini", "a" * 3_000 + ".pdf", "con", ".", "",
    "evil.exe", "=?utf-8?b?15PXoNeULnBkZg==?=", "a\x00.pdf", "\u202egpj.exe",
    "חשבונית.pdf", "발주서.pdf", '"; filename="b.exe',
)  # fmt: skip


def all_of_them() -> Iterator[tuple[str, bytes]]:
    """Each with its name."""
    yield from _charsets()
    for header, values in (("Date", _DATES), ("From", _FROMS), ("Message-ID", _IDS),
                           ("References", _IDS), ("Subject", _SUBJECTS),
                           ("To", _FROMS)):  # fmt: skip
        for n, value in enumerate(values):
            yield f"{header} {n}", _with(header, value)
    for n, page in enumerate(HOSTILE):
        yield f"html {n}", _mail("text/html; charset=utf-8", page.encode())
    for n, name in enumerate(_FILE_NAMES):
        yield f"file name {n}", _with_file(name, "application/pdf", b"%PDF-1.7 odd")
    yield from _structures()
    yield from _bombs()


def _charsets() -> Iterator[tuple[str, bytes]]:
    for n, (charset, words) in enumerate(CHARSETS):
        body = words.encode(CODECS.get(charset, charset))
        coded = base64.encodebytes(body) if n % 2 else quopri.encodestring(body)
        way = "base64" if n % 2 else "quoted-printable"
        head = f"text/plain; charset={charset}\nContent-Transfer-Encoding: {way}"
        yield f"charset {charset} {n}", _mail(head, coded)


def _mail(content_type: str, body: bytes, more: str = "") -> bytes:
    return f"{_HEAD}{more}Content-Type: {content_type}\n\n".encode() + body


def _with(header: str, value: str) -> bytes:
    lines = [line for line in _HEAD.splitlines() if not line.startswith(f"{header}:")]
    head = "\n".join([*lines, f"{header}: {value}", "Content-Type: text/plain"])
    words = f"\n\nHello, {header} of {len(value)} letters: {value[:9]}\n"
    return (head + words).encode("utf-8", "surrogateescape")


def _parts(*parts: bytes, kind: str = "mixed") -> bytes:
    body = b"".join(b"--b\n" + part + b"\n" for part in parts)
    return _mail(f'multipart/{kind}; boundary="b"', body + b"--b--\n")


_WORDS = b"Content-Type: text/plain\n\nHello"


def _with_file(name: str, kind: str, content: bytes) -> bytes:
    head = f'Content-Type: {kind}; name="{name}"\nContent-Transfer-Encoding: base64\n'
    return _parts(_WORDS, head.encode() + b"\n" + base64.encodebytes(content))


def _structures() -> Iterator[tuple[str, bytes]]:
    yield "tnef", _with_file("winmail.dat", "application/ms-tnef", _TNEF)
    html = b"<p>Hello</p><script>__acted = 1</script><img src=x onerror='__acted = 1'>"
    whole = winmail(file("a.pdf", b"%PDF-"), body=[(BINARY, 0x1013, html)])
    yield "tnef alone", _mail("application/ms-tnef", whole)
    invitation = b"BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR\n"
    yield "calendar alone", _mail("text/calendar; method=REQUEST", invitation)
    yield "calendar", _parts(_WORDS, b"Content-Type: text/calendar\n\n" + invitation)
    yield (
        "signed",
        _parts(
            _WORDS, b"Content-Type: application/pkcs7-signature\n\nMIIB", kind="signed"
        ),
    )
    yield "s/mime", _mail("application/pkcs7-mime; smime-type=enveloped-data", b"MIIB")
    yield (
        "pgp",
        _parts(
            b"Content-Type: application/pgp-encrypted\n\nVersion: 1",
            b"Content-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----",
            kind="encrypted",
        ),
    )
    yield "no end", _parts(_WORDS)[:-8]
    yield "no boundary", _mail("multipart/mixed", b"Hello")
    yield "empty parts", _parts(b"", b"", b"")
    yield "no words", _parts(kind="alternative")
    yield "headers alone", _HEAD.encode()
    yield "empty", b""
    yield "blank", b"\r\n \r\n"
    yield "no headers", b"words\n\nand more"
    yield (
        "mail in a mail",
        _parts(
            _WORDS, b"Content-Type: message/rfc822\n\n" + _mail("text/plain", b"Inner")
        ),
    )
    yield (
        "delivery report",
        _parts(
            _WORDS,
            b"Content-Type: message/delivery-status\n\nAction: failed",
            kind="report",
        ),
    )
    yield "bare carriage returns", _mail("text/plain", b"a\rb\rc").replace(b"\n", b"\r")
    yield (
        "broken base64",
        _mail(
            "text/plain\nContent-Transfer-Encoding: base64", b"SGVsbG8=!!!%%%SGVsbG8"
        ),
    )
    yield (
        "uuencode",
        _mail(
            "text/plain\nContent-Transfer-Encoding: x-uuencode", b"begin 644 a\nend\n"
        ),
    )
    yield (
        "unknown encoding",
        _mail("text/plain\nContent-Transfer-Encoding: rot13", b"Uryyb"),
    )
    yield "unknown type", _mail("x/y; z=", b"Hello")
    yield "format flowed", _mail("text/plain; format=flowed; delsp=yes", b"Hel \nlo")
    yield "right to left", _mail("text/plain; charset=utf-8", "שלום 123 abc".encode())
    yield "controls", _mail("text/plain", bytes(range(256)))
    yield (
        "picture without disposition",
        _parts(
            b"Content-Type: text/html\n\n<img src='cid:a'>Hello",
            b"Content-Type: image/png\nContent-ID: <a>\n\n\x89PNG\r\n\x1a\n",
            kind="related",
        ),
    )


def _bombs() -> Iterator[tuple[str, bytes]]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(50_000_000))
    yield "zip bomb", _with_file("a.zip", "application/zip", packed.getvalue())
    squeezed = gzip.compress(bytes(50_000_000))
    yield "gzip bomb", _with_file("a.gz", "application/gzip", squeezed)
    yield "many parts", _parts(*[_WORDS] * 3_000)
    deep = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n)
        for n in range(1_500)
    )
    yield "deep", _HEAD.encode() + deep
    inner = b"Content-Type: message/rfc822\n\n" * 1_000
    yield "mails in mails", _HEAD.encode() + inner + b"Hello"
    yield "many headers", (_HEAD + "X-A: b\n" * 50_000).encode() + b"\nHello"
    yield "one long header", (_HEAD + "X-A: " + "b" * 2_000_000).encode() + b"\n\nHello"
    yield (
        "many recipients",
        _with("To", ", ".join(f"{n}@x.example" for n in range(9_000))),
    )
    yield "folded for ever", (_HEAD + "X-A: b\n" + " c\n" * 50_000).encode() + b"\nHi"
    yield "encoded words", _with("Subject", "=?utf-8?q?a?= " * 20_000)
    yield (
        "25 MB",
        _mail("text/plain", b"Hello world. 012345678901234567890\n" * 720_000),
    )
    yield "one long line", _mail("text/plain", b"a" * 3_000_000)
    yield "nested quotation", _mail("text/plain", b">" * 300_000 + b" Hello")
    yield "comments", _with("From", "(" * 20_000 + ")" * 20_000 + " d@example.org")
    yield "groups", _with("To", "a:" * 20_000 + ";" * 20_000)
    yield "many parameters", _mail("text/plain" + "; a=b" * 20_000, b"Hello")
    pieces = "".join(f"; name*{n}*=utf-8''a" for n in range(3_000))
    yield "continued parameters", _mail("application/pdf" + pieces, b"%PDF-")
