"""Sign in: one page, our words. Limits: test_sign_in_limits.py."""

import pytest
from django.urls import reverse

from crm.models import Business
from tests.factories import UserFactory

RIGHT = "a-long-enough-password"


@pytest.fixture
def noa(db):
    user = UserFactory(email="noa@shop.example", name="Noa", role="owner")
    user.set_password(RIGHT)
    user.save()
    return user


def enter(client, password, **more):
    return client.post(
        reverse("login"), {"username": "noa@shop.example", "password": password, **more}
    )


def test_the_sign_in_page_names_the_shop(client, db):
    Business.objects.update(name="Kettle & Co")

    assert "<bdi>Kettle &amp; Co</bdi>" in client.get("/login/").content.decode()


def test_a_wrong_password_is_answered_in_our_words(client, noa):
    page = enter(client, "wrong").content.decode()

    assert (
        "Enter the email address and password of your account. Capital letters count."
        in page
    )
    assert "Please enter a correct" not in page
    assert "noa@shop.example" in page


def test_a_closed_account_gets_the_same_message(client, noa):
    noa.is_active = False
    noa.save()

    page = enter(client, RIGHT).content.decode()

    assert "Capital letters count." in page
    assert "inactive" not in page


def test_the_right_password_leads_to_the_desk(client, noa):
    answer = enter(client, RIGHT)

    assert (answer.status_code, answer["Location"]) == (302, reverse("desk:today"))


def test_the_admin_asks_on_the_same_page_and_leads_back(client, noa):
    answer = client.get("/admin/login/?next=/admin/crm/customer/")

    assert answer["Location"] == "/login/?next=/admin/crm/customer/"
    assert client.get("/admin/login/")["Location"] == "/login/?next=/admin/"
    entered = enter(client, RIGHT, next="/admin/crm/customer/")
    assert entered["Location"] == "/admin/crm/customer/"


def test_no_one_is_led_to_another_site(client, noa):
    seen = client.get("/admin/login/?next=https://evil.example/", follow=True)

    assert seen.redirect_chain[0][0].startswith("/login/")
    entered = enter(client, RIGHT, next="https://evil.example/")
    assert entered["Location"] == reverse("desk:today")
