"""`manage.py new_password`, for an owner who cannot sign in any more."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from crm.models import AuditEntry, User


def new_password(*args):
    out = StringIO()
    call_command("new_password", *args, "--json", stdout=out)
    return json.loads(out.getvalue().splitlines()[-1])


@pytest.fixture
def owner(db):
    return User.objects.create_superuser("owner@shop.example", "the old password")


def test_the_first_owner_gets_a_password_that_works(owner):
    output = new_password()

    owner.refresh_from_db()
    assert output["login"] == owner.email
    assert owner.check_password(output["password"])
    assert len(output["password"]) >= 12


def test_it_is_on_record_without_the_password(owner):
    output = new_password("OWNER@shop.example")

    entry = AuditEntry.objects.get(action="user.password_changed")
    assert entry.subject == f"user:{owner.pk}"
    assert output["password"] not in str(entry.fields)


def test_a_stranger_is_refused(owner):
    with pytest.raises(CommandError, match="no active user"):
        new_password("nobody@shop.example")
