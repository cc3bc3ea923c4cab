"""Codes of authenticator apps, against the examples of RFC 4226 and RFC 6238."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from crm.qr import square
from crm.rules import recovery_codes, totp

SECRET = base64.b32encode(b"12345678901234567890").decode()
NOW = datetime(2026, 11, 28, 12, 0, 10, tzinfo=UTC)
STEP = totp.step_at(NOW)
HALF_MINUTE = timedelta(seconds=30)


@pytest.mark.parametrize(
    ("count", "code"),
    list(
        enumerate(
            "755224 287082 359152 969429 338314 254676 287922 162583 399871 520489"
            "".split()
        )
    ),
)
def test_the_codes_of_rfc_4226(count, code):
    assert totp.code_at(SECRET, count) == code


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_codes_of_rfc_6238(seconds, code):
    """Theirs have eight digits; an app shows the last six."""
    moment = datetime.fromtimestamp(seconds, UTC)

    assert totp.code_at(SECRET, totp.step_at(moment)) == code


@pytest.mark.parametrize(
    ("late", "step"), [(-2, None), (-1, STEP - 1), (0, STEP), (1, STEP + 1), (2, None)]
)
def test_a_clock_may_be_half_a_minute_wrong(late, step):
    code = totp.code_at(SECRET, STEP + late)

    assert totp.matching_step(SECRET, code, now=NOW, after=0) == step


def test_a_code_and_those_before_it_are_right_once():
    code = totp.code_at(SECRET, STEP)
    earlier = totp.code_at(SECRET, STEP - 1)

    assert totp.matching_step(SECRET, code, now=NOW, after=STEP) is None
    assert totp.matching_step(SECRET, earlier, now=NOW, after=STEP) is None


@pytest.mark.parametrize("typed", ["", "0", "abcdef", "١٢٣٤٥٦", "9" * 100])
def test_what_is_no_code_is_wrong_and_no_error(typed):
    assert totp.matching_step(SECRET, typed, now=NOW, after=0) is None


def test_a_secret_has_160_bits_and_is_never_the_same():
    secrets = {totp.new_secret() for _ in range(100)}

    assert len(secrets) == 100
    assert {len(base64.b32decode(secret)) for secret in secrets} == {20}


def test_the_address_for_apps_names_the_shop_and_the_account():
    url = totp.app_url("ABC", account="noa@shop.example", issuer="Kettle & Leaf")

    assert url == (
        "otpauth://totp/Kettle%20%26%20Leaf%3Anoa%40shop.example"
        "?secret=ABC&issuer=Kettle%20%26%20Leaf"
    )


def test_the_square_is_drawn_row_by_row():
    drawn = square("otpauth://totp/x?secret=ABC")

    # Version 3 has 29 dots a side, and a border of four around them.
    assert drawn.size == 37
    # The corner marks begin right behind the border.
    assert drawn.path.startswith("M4 4h7v1h-7z")


def test_a_recovery_code_is_right_however_it_is_typed():
    code = recovery_codes.new_code()

    typed = [code.upper(), code.replace("-", " "), f" {code.replace('-', '')} "]
    assert {recovery_codes.hash_of(one) for one in [*typed, code]} == {
        recovery_codes.hash_of(code)
    }
    assert len(code.replace("-", "")) == 16
