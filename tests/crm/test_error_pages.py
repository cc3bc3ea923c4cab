"""Our own page for errors: try again, or something is wrong; never a trace."""

import json

import pytest
from django.db import OperationalError
from django.db.transaction import TransactionManagementError
from django.test import RequestFactory

from web.error_handlers import server_error


def answer_to(error, path="/"):
    """What Django's own handling shows for this error."""
    try:
        raise error
    except Exception:
        return server_error(RequestFactory().get(path))


def followed_by(error, later):
    later.__context__ = error
    return later


ABSENT = [
    OperationalError("the database system is shutting down"),
    followed_by(OperationalError("gone"), TransactionManagementError("broken")),
]


@pytest.mark.parametrize("error", ABSENT)
def test_an_absent_database_is_a_503_that_shows_when_to_try_again(error):
    response = answer_to(error)

    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert b"not ready at the moment" in response.content
    assert response["Cache-Control"] == "no-store"


def test_our_own_mistake_is_a_500_in_plain_words():
    response = answer_to(ValueError("secret"))

    assert response.status_code == 500
    assert "Retry-After" not in response
    assert b"secret" not in response.content


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(ABSENT[0], 503, "unavailable"), (ValueError("secret"), 500, "error")],
)
def test_a_program_gets_the_shape_of_the_api(error, status, code):
    response = answer_to(error, "/api/v1/customers/")

    assert response.status_code == status
    assert json.loads(response.content)["code"] == code
