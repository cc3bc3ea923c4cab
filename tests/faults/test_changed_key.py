"""F36: the SECRET_KEY is changed. What customers hold goes on, what staff hold ends."""

import re

import pytest
from django.core.signing import Signer
from django.urls import reverse

from crm.models import Customer
from messaging.rules.choices import Category
from messaging.services import consent, links, suppression
from tests.committed import outbox_in, uncommitted_rows
from tests.factories import UserFactory
from tests.journeys.support import small_shop
from tests.messaging.delivering import NOW

pytestmark = [pytest.mark.faults, pytest.mark.django_db]

NEW_KEY = "another-key-" + "y" * 50
CUSTOMERS_HOLD = ("survey", "review", "stop", "stop_too", "preferences")


@pytest.fixture(scope="module")
def shop(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("journal")
    with outbox_in(folder), uncommitted_rows(django_db_blocker):
        yield small_shop(NOW)


@pytest.fixture
def change_key(settings, monkeypatch, time_machine):
    time_machine.move_to(NOW, tick=False)

    def change(*, keep_old: bool) -> None:
        old = settings.SECRET_KEY
        settings.SECRET_KEY = NEW_KEY
        settings.SECRET_KEY_FALLBACKS = [old] if keep_old else []
        # A process reads the keys when it starts.
        for name, salt in (("_STOP", "stop"), ("_PREFERENCES", "preferences")):
            monkeypatch.setattr(links, name, Signer(salt=f"messaging.{salt}", sep="~"))

    return change


@pytest.mark.parametrize("name", CUSTOMERS_HOLD)
def test_every_link_in_an_old_mail_still_opens(shop, client, change_key, name):
    before = client.get(shop.links[name])
    change_key(keep_old=True)

    after = client.get(shop.links[name])

    assert before.status_code == after.status_code == 200
    assert heading(after) == heading(before)
    assert b"<form" in after.content


def heading(page) -> str:
    [words] = re.findall("<h1[^>]*>(.*?)</h1>", page.content.decode(), re.S)
    return words


def test_an_old_stop_link_still_stops(shop, client, change_key):
    change_key(keep_old=True)
    page = shop.links["stop_too"]

    answer = client.post(page, {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    thanked = Customer.objects.get(given_name="Anna")
    assert not consent.states([thanked.pk])[thanked.pk][Category.LOYALTY].allowed


def test_an_old_survey_link_still_takes_the_answer(shop, client, change_key):
    change_key(keep_old=True)

    answer = client.post(shop.links["survey_too"], {"score": "9", "comment": ""})

    assert answer.status_code == 302


def test_the_list_of_people_who_complained_survives_any_key(shop, change_key):
    before = suppression.address_hash("dana@example.org")

    change_key(keep_old=False)

    assert suppression.address_hash("dana@example.org") == before


@pytest.mark.parametrize("keep_old", [True, False])
def test_staff_sign_in_again(client, change_key, keep_old):
    """Also where the old key is kept for the links: somebody may know it."""
    client.force_login(UserFactory())
    page = reverse("desk:today")
    before = client.get(page).status_code

    change_key(keep_old=keep_old)
    answer = client.get(page)

    assert before == 200
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("login"))


def test_without_the_old_key_signed_links_end_politely_and_random_ones_go_on(
    shop, client, change_key
):
    change_key(keep_old=False)

    codes = {name: client.get(shop.links[name]).status_code for name in CUSTOMERS_HOLD}

    assert codes["survey"] == codes["review"] == 200
    assert codes["stop"] == codes["preferences"] == 404


def test_a_link_signed_with_the_new_key_works_at_once(shop, client, change_key):
    change_key(keep_old=True)
    dana = Customer.objects.get(given_name="Dana")

    page = f"/u/{links.stop_token(dana.pk, Category.SURVEY)}/"

    assert page != shop.links["stop"]
    assert client.get(page).status_code == 200
