"""The contact form: a mail like any other, once, and nobody's by a typed address."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from crm.services import attempts
from messaging import contact_links
from messaging.models import Message
from messaging.rules.choices import Category
from messaging.services import links
from support.models import Conversation, Mail, Mailbox, RawMail
from support.services import addresses, contact_form, storage

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(mailbox, own_storage, settings):
    """A shop whose pages nobody waits for in a test."""
    return mailbox


@pytest.fixture
def opened(client, home, monkeypatch):
    """Open a page; its ticket counts as some seconds old."""
    monkeypatch.setattr(contact_form, "LEAST", timedelta(0))

    def opened(address="/contact/"):
        page = client.get(address)
        return page.context["form"]["ticket"].value()

    return opened


def typed(ticket, **more):
    return {
        "text": "The lid is broken.\nOf order K-2001.",
        "email": "Dana@Example.org",
        "name": "Dana Levi",
        "order_number": "",
        "ticket": ticket,
    } | more


def test_it_becomes_a_conversation_that_asks_who_it_is(client, opened, dana, home):
    sent = client.post("/contact/?lang=he", typed(opened(), order_number="K-2001"))

    assert (sent.status_code, sent["Location"]) == (303, "/contact/thanks/?lang=he")
    mail = Mail.objects.get()
    conversation = mail.conversation
    # The address of a customer, which anybody may type.
    assert (conversation.customer, conversation.address) == (None, "dana@example.org")
    assert (conversation.language, conversation.mailbox) == ("he", home)
    assert (conversation.state, mail.auth) == ("open", {"form": "typed"})
    assert (mail.from_name, mail.subject) == (
        "Dana Levi",
        "The lid is broken. Of order K-2001.",
    )
    assert mail.text.startswith("מספר הזמנה: K-2001")
    assert b"The lid is broken" in storage.read(RawMail.objects.get(source="form").key)
    assert not Message.objects.exists()
    page = client.get(sent["Location"]).content.decode()
    assert "help@kettle.example" in page
    assert 'dir="rtl"' in page


def test_a_link_of_ours_says_who_it_is(client, opened, dana):
    dana.language = "zh-hant"
    dana.save()
    address = contact_form.path_of(dana.pk)
    page = client.get(address).content.decode()
    assert "d•••@example.org" in page
    assert "dana@example.org" not in page
    assert 'name="email"' not in page

    client.post(address, typed(opened(address), email="eve@bad.example"))

    mail = Mail.objects.get()
    assert mail.conversation.customer == mail.customer == dana
    assert mail.from_address == "dana@example.org"
    assert (mail.conversation.language, mail.auth) == ("zh-hant", {"form": "link"})


def test_a_forged_or_old_link_turns_nobody_away(client, opened, dana):
    tag = addresses.person_tag(dana.pk)
    forged = f"/contact/{tag[:-1]}{'0' if tag[-1] != '0' else '1'}/"
    mailbox = Mailbox(address="a@b.example", tags_seen_at=timezone.now())
    other = f"/contact/{addresses.message_address(mailbox, dana.pk)[2:-10]}/"
    for address in (forged, other, "/contact/x/"):
        page = client.get(address)
        assert page.status_code == 200
        assert b'name="email"' in page.content
    client.post(forged, typed(opened(forged)))

    assert Conversation.objects.get().customer is None


def test_twice_is_once_and_a_change_joins_the_first(client, opened, home):
    ticket = opened()
    action = client.get("/contact/").context["action"]
    file = [SimpleUploadedFile("lid.png", b"\x89PNG\r\n\x1a\n" + bytes(2_000_000))]
    for _ in range(2):
        file[0].seek(0)
        client.post(action, typed(ticket, file=file[0]))
    assert RawMail.objects.count() == Mail.objects.count() == 1
    assert Mail.objects.get().files.get().content_type == "image/png"

    client.post("/contact/", typed(ticket, text="And the box, too."))

    assert Conversation.objects.get().mails.count() == 2


def test_what_is_refused_says_why_and_keeps_what_was_typed(client, home, monkeypatch):
    ticket = contact_form.new_ticket
    fresh = client.get("/contact/").context["form"]["ticket"].value()
    refused = [
        ("Press Send once more", 409, typed(fresh)),
        ("press Send once more", 409, typed("forged")),
        ("press Send once more", 422, typed(fresh, website="https://spam.example")),
        ("no email address", 422, typed(fresh, email="dana")),
        ("Write a few words", 422, typed(fresh, text=" ")),
        ("cannot be shown", 422, typed(fresh, name="a\x1fb")),
    ]
    for words, status, values in refused:
        answer = client.post("/contact/", values)
        assert answer.status_code == status
        page = answer.content.decode().lower()
        assert words.lower() in page
        assert values["text"].strip().splitlines()[0:1] == [] or "the lid" in page
    assert not RawMail.objects.exists()
    # The page that was open for days brings a ticket that works.
    monkeypatch.setattr(contact_form, "LEAST", timedelta(0))
    again = client.post("/contact/", typed("forged")).context["form"]["ticket"].value()
    assert again != ticket
    assert client.post("/contact/", typed(again)).status_code == 303
    large = SimpleUploadedFile("a.bin", bytes(contact_form.FILE_MOST + 1))
    action = client.get("/contact/").context["action"]
    answer = client.post(action, typed(again, file=large))
    assert "10.0" in answer.content.decode()
    assert RawMail.objects.count() == 1


def test_so_many_in_an_hour_from_one_address_and_one_network(client, opened, home):
    def send(n, email, network):
        values = typed(opened(), text=f"Message {n}", email=email)
        return client.post("/contact/", values, REMOTE_ADDR=network).status_code

    codes = [send(n, "dana@example.org", f"198.51.{n}.7") for n in range(6)]
    assert codes == [303] * 5 + [429]
    codes = [send(n, f"{n}@example.org", f"203.0.113.{n}") for n in range(21)]
    assert codes == [303] * 20 + [429]
    assert RawMail.objects.count() == 25
    attempts.forget_all()
    assert send(99, "dana@example.org", "203.0.113.1") == 303


def test_another_site_cannot_send_it_and_get_changes_nothing(client, opened, home):
    values = typed(opened())
    assert (
        client.post("/contact/", values, HTTP_ORIGIN="https://e.example").status_code
        == 403
    )
    assert client.get("/contact/", values).status_code == 200
    assert not RawMail.objects.exists()


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant", "he"])
def test_it_is_small_and_in_the_language(client, home, language):
    page = client.get(f"/contact/?lang={language}").content
    css = len(client.get("/static/css/public.css").getvalue() or b"")

    assert len(page) + css < 30_000
    assert (b"Write to us" in page) == (language == "en")


def test_pages_of_ours_lead_there(client, home, dana):
    path = contact_form.path_of(dana.pk)
    stop = links.stop_token(dana.pk, Category.SURVEY)
    for address in (f"/p/{links.preference_token(dana.pk)}/", f"/u/{stop}/?lang=he"):
        page = client.get(address).content.decode()
        assert f'href="{path}?lang=' in page


def test_pages_of_nobody_in_particular_lead_to_it_and_mails_to_colleagues_not(client):
    for address in ("/public/reviews/", "/u/forged/"):
        page = client.get(address).content.decode()
        assert '<a href="/contact/?lang=en"' in page
    assert contact_links.path_for(None) == ""
