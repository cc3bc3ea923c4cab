"""What a log may keep of an address: everything but what opens something."""

import base64
import logging
import random
import re
import secrets
from urllib.parse import quote

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.urls import URLPattern, URLResolver, get_resolver

from crm.rules.secrets import HIDDEN, masked
from messaging.rules.choices import Category
from messaging.services import links
from tests.factories import UserFactory

# Every process that collects tests has to find the same ones.
_DICE = random.Random(8)
RANDOM = [base64.urlsafe_b64encode(_DICE.randbytes(24)).decode() for _ in range(200)]
SIGNED = [links.stop_token(1, Category.SURVEY), links.preference_token(10**9)]
WAYS = [
    "/s/{}/",
    "//s//{}",
    "/S/{}/.",
    "/r/{}/withdraw/",
    "https://shop.example/m/{}?score=9",
    "GET /login/?next=/b/{} HTTP/1.1",
    "?next=%2Fs%2F{}%2F",
    "token={}&x",
    "('{}',)",
]


@pytest.mark.parametrize("way", WAYS)
def test_a_token_is_hidden_wherever_it_stands(way):
    for token in [*RANDOM[:20], *SIGNED]:
        for written in (token, quote(token, safe=""), token.replace("a", "%61")):
            text = masked(way.format(written))

            assert HIDDEN in text, written
            assert token[:16] not in text
            assert token[-16:] not in text


def test_nearly_every_random_token_is_known_by_its_looks_alone():
    missed = [token for token in RANDOM if masked(f"a {token} b") != "a *** b"]

    assert missed == []


def test_what_only_looks_long_stays():
    for text in (
        "messaging.tasks.deliver[0f8fad5b-d9cb-469f-a165-70867728950e] succeeded",
        'File "/srv/perennial/messaging/services/delivery/sending.py", line 97',
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "test_a_request_for_changed_data_that_nobody_made_is_refused",
        "/s/ /s/short/ /customers/41/",
    ):
        assert masked(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Error handling request /customers/?q=Dana&tag=b", "/customers/?***"),
        ("GET /customers/?q=Dana%20Levi HTTP/1.1", "GET /customers/?*** HTTP/1.1"),
        ("ValueError: 'dana.levi+x@mail.example.org' is gone", "ValueError: '***'"),
        ("Not Found: /people/dana%40example.org/", "Not Found: /people/***/"),
        ('invalid input syntax for type integer: "Dana "Dee" Levi"', ': "***"'),
        ('date/time field value out of range: "Dana"', 'out of range: "***"'),
        ("What next? dana = 1", "What next? dana = 1"),
    ],
)
def test_what_is_of_a_person_is_hidden(text, shown):
    assert shown in masked(text)
    assert "dana" not in masked(text).lower() or masked(text) == text


def test_the_row_that_the_database_refused_is_left_out_of_a_traceback():
    text = """psycopg.errors.NotNullViolation: null value in column "name"
DETAIL:  Failing row contains (1, Dana, first line

second line of Dana's notes).

The above exception was the direct cause of the following exception:

django.db.utils.IntegrityError: null value in column "name" violates
DETAIL:  Failing row contains (1, Dana)."""

    shown = masked(text)

    assert "Dana" not in shown
    assert shown.startswith("psycopg.errors.NotNullViolation: null value in column")
    assert "The above exception" in shown
    assert shown.endswith('null value in column "name" violates')


@pytest.mark.django_db
def test_keys_signatures_and_reset_links_are_hidden():
    for secret in (
        f"prl_{secrets.token_urlsafe(32)}",
        default_token_generator.make_token(UserFactory()),
    ):
        assert masked(f"/x/1-{secret}/") in ("/x/***/", "/x/1-***/")
    signed = signing.dumps({"user": 1}, salt="invitation")
    assert signed.rpartition(":")[2] not in masked(f"/join/{signed}/")


def walk(patterns, before=""):
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield path, pattern.pattern.converters


def test_every_address_with_a_token_is_known():
    """Whoever adds a page behind a link under a longer prefix finds it here."""
    paths = [
        path
        for path, converters in walk(get_resolver().url_patterns)
        if {"token", "key"} & set(converters)
    ]

    assert len(paths) >= 7
    # No capitals, and one letter encoded: its looks alone would not give it away.
    tail = "0123abcd" * 4
    for path in paths:
        written = re.sub("<(?:[a-z]+:)?(?:token|key)>", f"1-%63s4x2g-{tail}", path)
        assert tail in written, path
        assert tail not in masked(f"/{written}"), path


def test_whatever_is_logged_is_masked_before_any_handler(caplog):
    token = RANDOM[0]
    try:
        raise ValueError(f"/s/{token}/")
    except ValueError:
        logging.getLogger("anybody").exception("Not found: %s", f"/u/{token}/")

    (record,) = caplog.records
    assert token not in caplog.text
    assert record.getMessage() == "Not found: /u/***/"
    assert "ValueError: /s/***/" in caplog.text


def test_a_line_whose_arguments_do_not_fit_reveals_nothing_either(caplog, capsys):
    logging.getLogger("anybody").warning("%d of %s", RANDOM[0])

    assert "do not fit" in caplog.text
    assert RANDOM[0] not in caplog.text + capsys.readouterr().err
