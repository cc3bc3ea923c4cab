"""The first owner of an empty shop: made once, and let in with what is printed."""

import json

import pytest
from django.core.management import CommandError, call_command

from crm.models import AuditEntry, Business, User
from tests.factories import UserFactory
from tests.pages import read

pytestmark = pytest.mark.django_db


def first_owner(capsys, email="Ana@Shop.example"):
    call_command("first_owner", email, json=True)
    return json.loads(capsys.readouterr().out)


def test_the_first_owner_signs_in_with_what_is_printed(client, capsys):
    login = first_owner(capsys)

    client.post("/login/", {"username": login["login"], "password": login["password"]})
    assert "Ana" not in login["login"]
    read(client.get("/"), "Today")
    assert User.objects.get().role == "owner"
    assert AuditEntry.objects.filter(action="user.created").count() == 1


def test_mails_of_a_trial_link_to_where_it_listens(capsys, settings):
    settings.PORT = 8123
    first_owner(capsys)

    assert Business.objects.get().public_url == "http://127.0.0.1:8123"


def test_a_shop_with_a_user_gets_no_second_first_owner(capsys):
    UserFactory()

    with pytest.raises(CommandError, match="users already"):
        first_owner(capsys)
    assert User.objects.count() == 1


def test_what_is_no_address_is_refused(capsys):
    with pytest.raises(CommandError, match="no email address"):
        first_owner(capsys, "owner")
    assert not User.objects.exists()
