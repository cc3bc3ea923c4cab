"""What strangers send: each is read as a person would, or says why it is not."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.services.reading import Unreadable, html, read
from tests.factories import NOW
from tests.support.mails import plain


def found(raw):
    return read(raw, arrived_at=NOW)


def of(body, headers="", content_type="text/plain"):
    """A mail with these bytes as its body."""
    head = f"From: a@example.org\nContent-Type: {content_type}\n{headers}\n"
    return head.encode() + body


# Each charset with a sentence that it can write.
SENTENCES = {
    "你好，我的订单在哪里？": ["gb2312", "gbk", "gb18030", "hz", "utf-16", "utf-7"],
    "我的訂單在哪裡？": ["big5", "big5hkscs", "utf-8"],
    "ご注文はどこですか": ["iso-2022-jp", "shift_jis", "euc-jp", "cp932"],
    "주문은 어디에 있습니까": ["euc-kr", "ks_c_5601-1987", "iso-2022-kr", "cp949"],
    "איפה ההזמנה שלי?": ["iso-8859-8", "windows-1255", "iso-8859-8-i", "utf-8"],
    "أين طلبي": ["windows-1256", "iso-8859-6"],
    "Где мой заказ": ["koi8-r", "windows-1251", "iso-8859-5", "cp866", "koi8-u"],
    "Πού είναι": ["iso-8859-7", "windows-1253"],
    "Größe für 5 €": ["windows-1252", "iso-8859-15", "utf-8"],
    "Żółć gęślą": ["iso-8859-2", "windows-1250"],
    "Şişe ığ": ["iso-8859-9", "windows-1254"],
    "สั่งซื้อ": ["tis-620", "windows-874"],
    "Đơn hàng": ["utf-8", "utf-32"],
    "Labrīt": ["windows-1257", "iso-8859-13", "iso-8859-4"],
    "café": ["iso-8859-1", "macintosh", "cp850", "cp437"],
}  # fmt: skip
CODECS = {
    "iso-8859-8-i": "iso-8859-8", "ks_c_5601-1987": "cp949", "windows-874": "cp874",
    "macintosh": "mac-roman",
}  # fmt: skip
CHARSETS = [(name, words) for words, names in SENTENCES.items() for name in names]


@pytest.mark.parametrize(("charset", "words"), CHARSETS)
def test_every_charset_is_read(charset, words):
    body = words.encode(CODECS.get(charset, charset))

    mail = found(of(body, content_type=f"text/plain; charset={charset}"))

    assert mail.text == words


@pytest.mark.parametrize("charset", ["", "nonsense", "base64", "zip", "idna", "\"'"])
def test_a_charset_that_is_none_ends_nothing(charset):
    words = "Größe 你好".encode()

    mail = found(of(words, content_type=f"text/plain; charset={charset}"))

    assert mail.text == "Größe 你好"


def test_a_letter_in_two_encoded_words_is_one_letter():
    # 你 in UTF-8 is E4 BD A0, cut after the first byte.
    raw = b"From: a@b.example\nSubject: =?utf-8?B?5A==?= =?utf-8?B?vaA=?=\n\nx"

    assert found(raw).subject == "你"


def test_headers_with_bare_bytes_are_read():
    raw = "From: 王国栋 <a@b.example>\nSubject: 订单\n\nx".encode()

    mail = found(raw)

    assert mail.sender == ["王国栋", "a@b.example"]
    assert mail.subject == "订单"


@pytest.mark.parametrize(
    "date",
    [
        "", "yesterday", "Wed, 99 Foo 2026 25:61:00", "Thu, 1 Jan 1970 00:00:00 +0000",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Sat, 28 Nov 2026 12:00:00 +9999", "Tue, 19 Jan 2038 03:14:07 +0000",
    ],
)  # fmt: skip
def test_a_date_that_cannot_be_is_when_it_arrived(date):
    assert found(plain(at=None, Date=date) if date else plain(at=None)).at == NOW


def test_a_believable_date_is_when_it_was_written():
    written = NOW - timedelta(days=3)

    assert found(plain(at=written)).at == written.replace(microsecond=0)
    # A clock some hours ahead does not put a mail into the future.
    assert found(plain(at=NOW + timedelta(hours=5))).at == NOW


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\r\n ", "empty"),
        (b"just words\n\nand more", "no_headers"),
        (
            b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n"
            + b"--x\n\nx\n" * 2_000
            + b"--x--\n",
            "too_many_parts",
        ),
        (
            b"From: a@b.example\n"
            + b"".join(
                b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n)
                for n in range(1_500)
            ),
            "too_deep",
        ),
    ],
    ids=["empty", "blank", "no headers", "many parts", "deep"],
)
def test_what_cannot_be_read_says_why(raw, reason):
    with pytest.raises(Unreadable) as error:
        found(raw)

    assert error.value.reason == reason


def test_html_alone_is_text_too():
    raw = of(
        b"<style>p{color:red}</style><p>Dear shop,</p><p>where&nbsp;is<br>my tea?",
        content_type="text/html; charset=utf-8",
    )

    assert found(raw).text == "Dear shop,\n\nwhere is\nmy tea?"


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>", "<svg onload=alert(1)>",
        "<iframe src='//evil.example'></iframe>", "<form action=/x><input></form>",
        "<a href=' data:text/html,<script>alert(1)</script>'>x</a>",
        "<meta http-equiv=refresh content='0;url=https://evil.example'>",
        "<div style='background:url(https://evil.example/x)'>x</div>",
        "<div style='background:u\\72l(https://evil.example)'>x</div>",
        "<img src='data:image/svg+xml;base64,PHN2Zz4='>",
        "<div style='position:fixed;top:0'>x</div>", "<base href='https://evil.example'>",
        "<link rel=stylesheet href='https://evil.example'>",
        "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
        "<object data='https://evil.example'></object>", "<style>@import 'x'</style>",
    ],
)  # fmt: skip
def test_nothing_that_acts_is_left_of_the_html(hostile):
    cleaned = html.clean(f"<p>Hello</p>{hostile}").lower()

    assert cleaned.startswith("<p>hello</p>")
    for word in ("script", "onerror", "onload", "url(", "evil", "position", "svg",
                 "<form", "<iframe", "<base", "<meta", "<link", "<style"):  # fmt: skip
        assert word not in cleaned


def test_pictures_and_layout_stay():
    kept = html.clean(
        '<p style="color:red;text-align:center"><img src="cid:logo@x" alt="Logo">'
        '<img src="https://shop.example/p.png"></p>'
    )

    assert 'src="cid:logo@x"' in kept
    assert 'src="https://shop.example/p.png"' in kept
    assert "color:red" in kept.replace(" ", "")


def test_files_are_named_and_known_by_their_content():
    mail = EmailMessage()
    mail["From"] = "a@b.example"
    mail.set_content("Here it is.")
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 20
    mail.add_attachment(
        png, maintype="text", subtype="html", filename="../../发票.html"
    )
    mail.add_attachment(b"<html>", maintype="image", subtype="png", filename="x.png")

    files = found(mail.as_bytes()).files

    assert [(file.name, file.content_type) for file in files] == [
        ("发票.html", "image/png"),
        ("x.png", "application/octet-stream"),
    ]
    assert files[0].content == png


def test_a_picture_without_content_disposition_has_its_content_id():
    raw = (
        b"From: a@b.example\nContent-Type: multipart/related; boundary=x\n\n"
        b'--x\nContent-Type: text/html\n\n<img src="cid:logo@here">\n'
        b"--x\nContent-Type: image/png\nContent-ID: <logo@here>\n"
        b"Content-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--x--\n"
    )

    (file,) = found(raw).files

    assert (file.content_id, file.content_type) == ("logo@here", "image/png")
    assert file.name == "file-1.png"


@pytest.mark.parametrize(
    ("headers", "is_automatic"),
    [
        ({}, False),
        ({"Auto_Submitted": "no"}, False),
        ({"Auto_Submitted": "auto-replied"}, True),
        ({"Auto_Submitted": "auto-generated; x=y"}, True),
        ({"Precedence": "bulk"}, True),
        ({"X_Autoreply": "yes"}, True),
        ({"List_Id": "<news.example>"}, True),
        ({"Return_Path": "<>"}, True),
        ({"sender": "MAILER-DAEMON@example.org"}, True),
    ],
)
def test_what_a_machine_wrote_is_known(headers, is_automatic):
    assert found(plain(**headers)).is_automatic is is_automatic


def test_results_of_checks_say_whose_they_are():
    raw = (
        b"Authentication-Results: mx.kettle.example; spf=fail (dkim=pass);\n"
        b" dkim=none; dkim=pass header.d=x; dmarc=fail\n"
        b"Authentication-Results: mx.evil.example; spf=pass; dmarc=pass\n" + plain()
    )

    ours, theirs = found(raw).checked
    assert ours.server == "mx.kettle.example"
    assert ours.results == {"spf": "fail", "dkim": "pass", "dmarc": "fail"}
    assert theirs.server == "mx.evil.example"


def test_copies_of_one_mail_are_the_same_and_others_are_not():
    mail = plain("Größe?")
    other_road = b"Received: from x by y\nDelivered-To: help@kettle.example\n" + mail
    other_encoding = mail.replace(b"8bit", b"quoted-printable").replace(
        "Größe".encode(), b"Gr=C3=B6=C3=9Fe"
    )
    same_id_other_words = plain("Give me your money")

    first = found(mail).fingerprint
    assert found(other_road).fingerprint == first
    assert b"8bit" in mail
    assert found(other_encoding).fingerprint == first
    assert found(same_id_other_words).fingerprint != first


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.sampled_from(
            [
                b"From: ", b"a@b.example", b"\n", b"\r\n", b"Subject: ", b"=?utf-8?B?",
                b"?=", b"Content-Type: ", b"multipart/mixed; boundary=x", b"--x",
                b"--",
                b"text/html; charset=", b"\xff\xfe", b"\x00", b"Date: ", b"<", b">",
                b'"',
                b"Content-Transfer-Encoding: ", b"base64", b"message/rfc822",
                b"uuencode",
                b"Content-Disposition: attachment; filename*=", b"utf-8''%ff", b"(",
                b";",
                b"To: ", b",", b":", b"References: ", b"=?x?q?=00?=", b"begin 644 x\n",
            ]
        ),
        max_size=40,
    ).map(b"".join)
)  # fmt: skip
def test_no_bytes_break_the_reader(raw):
    """Each is read, and can be stored, or is refused by name."""
    try:
        mail = found(raw)
    except Unreadable:
        return

    for text in (mail.subject, mail.text, mail.html, mail.message_id, *mail.sender):
        assert "\x00" not in text
        text.encode()
    assert datetime(1990, 1, 1, tzinfo=UTC) <= mail.at <= NOW


def test_html_that_is_a_bomb_is_shown_as_text():
    """Cleaning 200,000 elements in each other would take minutes."""
    mail = found(plain(html="<div>" * 150_000 + "Hello"))
    one = found(of(b"<div>" * 150_000 + b"Hello", content_type="text/html"))

    assert (mail.html, one.html, one.text) == ("", "", "Hello")


@pytest.mark.parametrize("value", ["(" * 20_000, "a:" * 20_000, '"' * 20_001])
def test_a_header_that_is_a_bomb_ends_nothing(value):
    raw = f"From: {value} d@example.org\nTo: {value}\n\nHello".encode()

    assert found(raw).text == "Hello"


def test_without_an_id_another_subject_is_another_mail():
    one, two = (
        found(plain(subject=words, message_id="", at=None)) for words in ("A", "B")
    )

    assert one.fingerprint != two.fingerprint
