"""A new mail is a draft from its first words on: one for each page it is typed on."""

import re

import pytest
from django.test import Client

from support.models import Draft
from support.services import drafts, signatures
from tests.factories import NOW, UserFactory
from tests.pages import read

pytestmark = pytest.mark.django_db
KEEP = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def noa(db):
    return UserFactory(email="noa@kettle.example", name="Noa Katz")


@pytest.fixture
def page(noa):
    client = Client()
    client.force_login(noa)
    return client


@pytest.fixture
def shown(page):
    """What the page posts with what is typed."""
    html = read(page.get("/mails/new/"))
    return {"ticket": re.search(r'name="ticket" value="(\w{20})"', html)[1]}


def keep(page, shown, **typed):
    return page.post("/mails/new/", {**shown, "action": "keep", **typed}, **KEEP)


def test_what_is_typed_is_kept_and_the_page_goes_on_with_it(page, shown, noa):
    signatures.save(noa, words="Noa")
    assert not Draft.objects.exists()

    html = read(keep(page, shown, text="Dear"))
    draft = Draft.objects.get()
    assert "Kept on the server:" in html
    assert (draft.author, draft.text, draft.to) == (noa, "Dear", "")
    version = re.search(r'name="version" value="(\d+)"', html)[1]
    keep(page, shown, text="Dear Dana", to="dana@example.org", version=version)
    answer = page.post("/mails/new/", {**shown, "text": "Dear Dana,", "version": 3})

    draft.refresh_from_db()
    assert answer["Location"] == draft.get_absolute_url()
    assert (draft.text, draft.to) == ("Dear Dana,", "dana@example.org")
    assert Draft.objects.count() == 1


def test_what_was_written_on_elsewhere_is_put_in_nobodys_place(page, shown):
    keep(page, shown, text="Dear")
    draft = Draft.objects.get()
    drafts.keep(draft, version=draft.version, now=NOW, text="Dear Dana, it left.")

    assert keep(page, shown, text="Hello", version=2).status_code == 409
    page.post("/mails/new/", {**shown, "text": "Hello", "version": 2})

    texts = Draft.objects.order_by("pk").values_list("text", flat=True)
    assert list(texts) == ["Dear Dana, it left.", "Hello"]


def test_a_ticket_is_of_its_author_alone(page, shown):
    keep(page, shown, text="Dear")
    other = Client()
    other.force_login(UserFactory())

    keep(other, shown, text="Mine")

    texts = Draft.objects.order_by("pk").values_list("text", flat=True)
    assert list(texts) == ["Dear", "Mine"]
    assert keep(page, {"ticket": "short"}, text="No").status_code == 422
