"""What Outlook packs into a winmail.dat is shown as if it had not."""

import base64
import random
import struct

import pytest

from support.services.reading import Unreadable, read, rtf, tnef
from tests.factories import NOW
from tests.support import winmail as made

PDF = b"%PDF-1.4 a bill"


def mail(content, words="See the bill."):
    text = f"--x\n\n{words}\n".encode() if words else b""
    packed = base64.encodebytes(content)
    return (
        b"From: dana@example.org\nContent-Type: multipart/mixed; boundary=x\n\n"
        + text
        + b'--x\nContent-Type: application/ms-tnef; name="winmail.dat"\n'
        b"Content-Transfer-Encoding: base64\n\n" + packed + b"--x--"
    )


def found(content, words="See the bill."):
    return read(mail(content, words), arrived_at=NOW)


def test_its_files_are_those_of_the_mail_and_it_is_none_of_them():
    packed = made.winmail(
        made.file("GRSSE~1.PDF", PDF, long_name="../Größe שלום.pdf"),
        made.file("logo.png", b"\x89PNG\r\n\x1a\n", content_id="logo@here"),
        body=[(made.STRING, 0x1000, b"Not shown: there is text beside it\0")],
    )

    seen = found(packed)

    assert seen.text == "See the bill."
    assert [(file.name, file.content_type, file.content_id) for file in seen.files] == [
        ("Größe שלום.pdf", "application/pdf", ""),
        ("logo.png", "image/png", "logo@here"),
    ]
    assert seen.files[0].content == PDF


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ((made.STRING, 0x1000, b"Gr\xf6\xdfe?\0"), "Größe?"),
        ((made.UNICODE, 0x1000, "שלום\0".encode("utf-16-le")), "שלום"),
        ((made.BINARY, 0x1013, b"<p>Hello<script>act()</script></p>"), "Hello"),
        ((made.BINARY, 0x1009, made.HELLO_WORLD), "hello world"),
        # As Outlook writes HTML, Hebrew, and what lies beyond 16 bits, in RTF.
        (
            (
                made.BINARY,
                0x1009,
                made.rtf(
                    rb"{\rtf1\ansi\ansicpg1252\fromhtml1 {\fonttbl"
                    rb"{\f0\fcharset0 Arial;}{\f1\fcharset177 Arial;}}"
                    rb"{\colortbl;\red0;}{\*\htmltag64 <p>}"
                    rb"\htmlrtf{\htmlrtf0 {\f1 \'f9\'ec\'e5\'ed} \{ok\}\par"
                    rb" \uc1\u-10179?\u-8704? \ldblquote so\rdblquote}}"
                ),
            ),
            "שלום {ok}\n😀 “so”",
        ),
    ],
)
def test_its_words_are_the_text_where_there_is_none_beside_it(row, text):
    seen = found(made.winmail(body=[row]), words="")

    assert seen.text == text
    assert "script" not in seen.html
    assert seen.files == []


def test_a_mail_among_its_files_is_a_text_and_its_own_files():
    inner = made.winmail(
        made.file("bill.pdf", PDF), body=[(made.STRING, 0x1000, b"Inner words\0")],
        subject="An older mail",
    )  # fmt: skip

    seen = found(made.winmail(made.mail_file(inner)))

    assert [(file.name, file.content) for file in seen.files] == [
        ("An older mail.txt", b"Inner words"), ("bill.pdf", PDF),
    ]  # fmt: skip


def test_what_is_not_understood_to_its_end_can_still_be_taken_along():
    whole = made.winmail(made.file("a.pdf", PDF), made.file("b.pdf", PDF * 9))
    unknown = made.winmail(made.attribute(0x78008, b"IPM.Contact\0"))

    cut = found(whole[:-60])

    assert [file.name for file in cut.files] == ["winmail.dat", "a.pdf"]
    assert cut.files[0].content == whole[:-60]
    assert [file.name for file in found(unknown).files] == ["winmail.dat"]


def test_bombs_end_nothing():
    """By numbers of files, depth, counts that are lies, and text that unfolds."""
    with pytest.raises(Unreadable, match="too_many_parts"):
        found(made.winmail(*[made.file("a", b"a")] * (tnef.MOST_FILES + 1)))

    deep = made.winmail(made.file("bill.pdf", PDF))
    for _ in range(200):
        deep = made.winmail(made.mail_file(deep))
    assert len(found(deep).files) == 1

    lies = struct.pack("<IHHI", 2**32 - 1, 0x1001, 0x3701, 2**32 - 1)
    begun = made.winmail(made.attribute(0x69002, bytes(14), 2))
    (file,) = found(begun + made.attribute(0x69005, lies, 2)).files
    assert file.name == "winmail.dat"


def test_text_that_unfolds_without_end_is_cut_and_the_whole_kept(monkeypatch):
    monkeypatch.setattr(rtf, "MOST_BYTES", 20_000)
    # Each two bytes copy seventeen.
    copies = (b"\xff" + b"\x0c\xff" * 8) * 2_000
    folded = bytes(8) + b"LZFu" + bytes(4) + b"\0AAAAAAAA" + copies
    groups = made.rtf(b"{" * 15_000 + b"Hello")

    seen = found(made.winmail(body=[(made.BINARY, 0x1009, folded)]), words="")

    assert seen.text == 20_000 * "A"
    assert [file.name for file in seen.files] == ["winmail.dat"]
    assert found(made.winmail(body=[(made.BINARY, 0x1009, groups)]), "").text == "Hello"


def test_no_bytes_break_the_reader():
    whole = made.winmail(
        made.file("a.pdf", PDF, long_name="Größe.pdf", content_id="x"),
        made.mail_file(made.winmail(made.file("b.pdf", PDF))),
        body=[(made.BINARY, 0x1009, made.HELLO_WORLD)], subject="Odd",
    )  # fmt: skip
    chance = random.Random(20261121)

    for _ in range(300):
        broken = bytearray(whole)
        for _ in range(chance.randrange(1, 9)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        seen = tnef.unpacked(bytes(broken[: chance.randrange(len(broken)) or None]))
        for words in (seen.text, seen.subject, *(file.name for file in seen.files)):
            words.encode()
