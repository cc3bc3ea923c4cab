"""F12: transactions that PostgreSQL undoes for the sake of others are done again,
three times at most, and take effect once."""

import pytest
from django.db import connection

from crm.models import AuditEntry, Interaction
from crm.services import api_tokens
from tests.bad_inputs.support import INTERACTIONS
from tests.factories import CustomerFactory, UserFactory
from tests.faults.test_repeated_requests import NOTE, NOW, filled
from web.middleware import AGAIN_AT_MOST

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

# A sequence counts what is undone, too.
COLLIDE = """
    CREATE SEQUENCE tries;
    CREATE FUNCTION collide() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('tries') <= {times} THEN
            RAISE EXCEPTION 'forced' USING ERRCODE = '{code}';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER collide BEFORE INSERT ON crm_auditentry
        FOR EACH ROW EXECUTE FUNCTION collide();
"""
AGREE = """
    DROP TRIGGER collide ON crm_auditentry;
    DROP FUNCTION collide;
    DROP SEQUENCE tries;
"""
DEADLOCK, SERIALIZATION, UNIQUE = "40P01", "40001", "23505"


@pytest.fixture
def colliding():
    """The last thing that a change does fails so many times, with this error."""

    def collide(code, times):
        run(COLLIDE.format(code=code, times=times))

    yield collide
    run(AGREE)


def run(statements):
    with connection.cursor() as cursor:
        cursor.execute(statements)


def tries():
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM tries")
        return cursor.fetchone()[0]


def stored():
    return Interaction.objects.count(), AuditEntry.objects.count()


@pytest.fixture
def noa(client):
    client.raise_request_exception = False
    client.force_login(UserFactory())
    return client


@pytest.mark.parametrize("code", [DEADLOCK, SERIALIZATION])
def test_a_form_of_the_staff_that_collides_three_times_is_saved_once(
    noa, colliding, code
):
    url, note = filled(noa, "interaction-create", CustomerFactory(), NOTE)
    colliding(code, AGAIN_AT_MOST)

    answer = noa.post(url, note)

    assert (answer.status_code, tries()) == (303, AGAIN_AT_MOST + 1)
    assert stored() == (1, 1)


def test_what_still_collides_is_a_503_and_leaves_nothing(noa, colliding):
    url, note = filled(noa, "interaction-create", CustomerFactory(), NOTE)
    colliding(DEADLOCK, 99)

    answer = noa.post(url, note)

    assert (answer.status_code, tries()) == (503, AGAIN_AT_MOST + 1)
    assert "not ready at the moment" in answer.content.decode()
    assert stored() == (0, 0)


def test_no_other_error_is_tried_again(noa, colliding):
    url, note = filled(noa, "interaction-create", CustomerFactory(), NOTE)
    colliding(UNIQUE, 99)

    answer = noa.post(url, note)

    assert (answer.status_code, tries()) == (500, 1)
    assert stored() == (0, 0)


def test_a_body_of_the_api_is_read_once_and_used_again(client, colliding):
    _, key = api_tokens.issue(name="shop", scopes=["interactions:write"], now=NOW)
    customer = CustomerFactory()
    before = AuditEntry.objects.count()
    colliding(DEADLOCK, 2)

    answer = client.post(
        INTERACTIONS,
        {"customer": customer.pk, "channel": "note", "body": "Called"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )

    assert (answer.status_code, tries()) == (201, 3)
    assert stored() == (1, before + 1)
