"""What people may type, and what is refused with which code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.errors import InvalidValue
from web.rules.text import many_lines, one_line, valid_email, valid_phone


def refusal(call, *args, **kwargs):
    with pytest.raises(InvalidValue) as refused:
        call(*args, **kwargs)
    return refused.value.fields


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Anna ", "Anna"),
        ("\u200bAnna\ufeff \u00ad", "Anna"),
        ("\u200b \u200b", ""),
        ("Mu\u0308ller", "Müller"),
        ("a\u202eb", "a\u202eb"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ('"><script>', '"><script>'),
        ("=1+1", "=1+1"),
        ("{{7*7}}", "{{7*7}}"),
    ],
)
def test_one_line_is_trimmed_composed_and_otherwise_kept(typed, kept):
    assert one_line(typed, field="name", most=120) == kept


@pytest.mark.parametrize("bad", ["a\x00b", "a\nb", "a\rb", "a\tb", "a\x0bb", "a\u2028b",
                                 "a\x7fb", "a\x1b[31m"])  # fmt: skip
def test_one_line_refuses_control_characters(bad):
    refused = refusal(one_line, bad, field="name", most=120)

    assert refused == {"name": "control_characters"}


@pytest.mark.parametrize("call", [one_line, many_lines])
def test_lone_surrogates_are_not_text(call):
    assert refusal(call, "a\ud800", field="name", most=9) == {"name": "not_text"}


@pytest.mark.parametrize("call", [one_line, many_lines])
@pytest.mark.parametrize("length", [11, 10_000_000])
def test_what_the_column_cannot_hold_is_too_long(call, length):
    assert refusal(call, "é" * length, field="name", most=10) == {"name": "too_long"}


def test_line_ends_of_free_text_become_line_feeds():
    assert many_lines("a\r\nb\rc\td", field="notes", most=99) == "a\nb\nc\td"


def test_free_text_refuses_a_nul():
    refused = refusal(many_lines, "a\x00b", field="notes", most=99)

    assert refused == {"notes": "control_characters"}


@given(st.text())
def test_accepted_lines_stay_what_they_are(text):
    try:
        once = one_line(text, field="name", most=50)
    except InvalidValue:
        return

    assert one_line(once, field="name", most=50) == once
    assert len(once) <= 50


@pytest.mark.parametrize(
    "email",
    ["a@b.co", "A.b+c@x-y.example", "-oQ/tmp@x.co", "o'hara@x.ie", "a@müller.de", ""],
)
def test_ordinary_addresses_are_accepted_as_typed(email):
    assert valid_email(f" {email} ") == email


@pytest.mark.parametrize(
    "email",
    ["a@b", "a@b.c", "@x.yz", "a@@b.co", "a@b.co.", "a b@c.de", "u@[127.0.0.1]",
     "u@localhost", "u@internal", "x" * 65 + "@b.co", '"a"@b.co', "a@1.2.3.4",
     ".a@b.co", "a..b@c.de", "a@-b.co", "a@b..co", "a@" + "b" * 64 + ".co"],
)  # fmt: skip
def test_addresses_no_server_would_take_are_refused(email):
    assert refusal(valid_email, email) == {"email": "email_invalid"}


def test_address_that_needs_smtputf8_is_refused_by_its_own_name():
    assert refusal(valid_email, "jörg@x.de") == {"email": "email_not_ascii"}


def test_header_injection_is_refused():
    refused = refusal(valid_email, "a@b.co\r\nBcc: c@d.co")

    assert refused == {"email": "control_characters"}


def test_address_of_255_characters_is_refused():
    refused = refusal(valid_email, "a@" + "b." * 126 + "c")

    assert refused == {"email": "too_long"}


@pytest.mark.parametrize(
    ("typed", "country", "e164"),
    [
        ("+4930123456", "", "+4930123456"),
        ("+49 (30) 123-456", "", "+4930123456"),
        ("0664 1234567", "AT", "+436641234567"),
        ("６７８ 493 2879", "US", "+16784932879"),
        ("678.493.2879x217", "US", "+16784932879"),
        ("0664 1234567", "", ""),
        ("", "AT", ""),
    ],
)
def test_phone_is_kept_as_typed_beside_its_international_form(typed, country, e164):
    assert valid_phone(typed, country=country) == (e164, typed)


@pytest.mark.parametrize("phone", ["+00 1", "1" * 40, "1-800-FLOWERS", "12", "=1+1",
                                   "+999123456789", "+1", "call me"])  # fmt: skip
def test_what_is_no_telephone_number_is_refused(phone):
    assert refusal(valid_phone, phone) == {"phone": "phone_invalid"}


@given(st.text(max_size=70))
def test_any_text_is_a_phone_or_refused(text):
    try:
        valid_phone(text, country="DE")
    except InvalidValue:
        pass
