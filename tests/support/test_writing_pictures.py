"""Pictures in the text of a mail, and saved replies with their files."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from messaging.services.delivery import deliver
from support.errors import DraftFilesTooLarge, PictureRefused
from support.models import Draft, MailFile, SavedReplyFile
from support.rules import pictures
from support.services import drafts, saved_replies, signatures, taking_back, writing
from tests.factories import NOW, UserFactory
from tests.pages import read
from tests.support.conftest import stored
from tests.support.mails import plain
from web import uploads

pytestmark = pytest.mark.django_db
GONE = NOW + writing.WAIT
PNG = b"\x89PNG\r\n\x1a\n and what is in it"


@pytest.fixture
def noa(db):
    return UserFactory(email="noa@kettle.example", name="Noa Katz", role="agent")


@pytest.fixture
def here(client, noa):
    client.force_login(noa)
    return client


@pytest.fixture
def draft(take, dana, noa):
    mail = take(plain())
    return drafts.begin(author=noa, conversation=mail.conversation, now=NOW)


def typed(draft, **fields):
    draft.refresh_from_db()
    names = ("to", "cc", "bcc", "subject", "text", "version")
    return {name: getattr(draft, name) for name in names} | fields


def upload(client, draft, **fields):
    ticket = uploads.ticket_for(draft.author_id)
    url = reverse("support:draft-file-create", args=[draft.pk, ticket])
    return client.post(url, typed(draft, **fields))


def saved(**fields):
    values = {"name": "Thanks", "language": "", "words": "Thank you", "owner": None}
    return saved_replies.save(None, **(values | fields))


# --- Pictures ------------------------------------------------------------------------


def test_a_picture_goes_in_its_place_and_comes_back_into_the_draft(
    here, draft, noa, sink
):
    picture = SimpleUploadedFile("lid.png", PNG)
    answer = upload(
        here, draft, text="Like this:\r\n\r\nDone.", at=12, picture=picture, alt="A lid"
    )
    draft.refresh_from_db()
    stands = "[picture: lid.png | A lid]"
    assert draft.text == f"Like this:\n\n{stands}Done."
    assert answer.url.endswith(f"?cursor={12 + len(stands)}")
    page = read(here.get(answer.url))
    assert f'data-cursor="{12 + len(stands)}"' in page
    shown = reverse("support:draft-picture", args=[draft.files.get().pk])
    assert shown in page
    assert here.get(shown)["Content-Type"] == "image/png"

    drafts.add_file(draft, name="a.pdf", content=b"%PDF-1.4", now=NOW)
    mail = writing.send(draft, now=NOW)
    deliver(now=GONE)

    [sent] = sink.mails
    html = sent.get_body(("html",)).get_content()
    [related] = [part for part in sent.walk() if part["Content-ID"]]
    assert f'<img src="cid:{related["Content-ID"].strip("<>")}" alt="A lid"' in html
    assert related.get_content_type() == "image/png"
    assert related.get_payload(decode=True) == PNG
    assert related.get_content_disposition() == "inline"
    words = sent.get_body(("plain",)).get_content()
    assert words.replace("\r\n", "\n").startswith("Like this:\n\n[A lid]Done.")
    assert [part.get_filename() for part in sent.iter_attachments()] == ["a.pdf"]

    page = read(here.get(mail.conversation.get_absolute_url()))
    file = MailFile.objects.get(name="lid.png")
    assert reverse("support:mail-file", args=[file.pk]) in page
    assert 'alt="A lid"' in page
    assert stands not in page


def test_a_mail_with_a_picture_can_be_taken_back(draft, noa):
    file = drafts.add_picture(draft, name="lid.png", content=PNG, now=NOW)
    drafts.keep(draft, version=draft.version, now=NOW, text="[picture: lid.png]")
    draft.refresh_from_db()

    back = taking_back.take_back(writing.send(draft, now=NOW), staff=noa, now=NOW)

    assert back.text == "[picture: lid.png]"
    assert back.files.get().key == file.key


def test_only_pictures_that_mail_programs_show_and_not_too_large(
    here, draft, monkeypatch
):
    with pytest.raises(PictureRefused):
        drafts.add_picture(draft, name="a.svg", content=b"<svg/>", now=NOW)
    monkeypatch.setattr(drafts, "PICTURE_MOST_BYTES", len(PNG) - 1)
    answer = upload(here, draft, picture=SimpleUploadedFile("a.png", PNG), text="Kept")

    assert "at most 5 MB" in read(here.get(answer.url))
    draft.refresh_from_db()
    assert (draft.text, draft.files.count()) == ("Kept", 0)


def test_a_picture_that_is_taken_off_leaves_no_place(here, draft):
    one = drafts.add_picture(draft, name="a.png", content=PNG, now=NOW)
    two = drafts.add_picture(draft, name="a.png", content=PNG, now=NOW)
    assert two.name == "a-2.png"
    text = "See [picture: a.png] and [picture: a-2.png | A b]"

    here.post(
        reverse("support:draft-file-delete", args=[one.pk]), typed(draft, text=text)
    )

    draft.refresh_from_db()
    assert draft.text == "See  and [picture: a-2.png | A b]"
    assert list(draft.files.values_list("name", flat=True)) == ["a-2.png"]


def test_a_picture_of_a_draft_is_its_authors_alone(client, draft):
    file = drafts.add_picture(draft, name="a.png", content=PNG, now=NOW)
    client.force_login(UserFactory(role="owner"))

    url = reverse("support:draft-picture", args=[file.pk])
    assert client.get(url).status_code == 404


def test_what_looks_like_a_place_and_is_none_stays_text():
    text = "[picture: x.png] [picture: y.png | A [b] c] [picture: ]"

    assert pictures.pieces(text, {"y.png"}) == [pictures.Piece(text=text)]
    assert pictures.in_words(text, {"x.png"}).startswith("[x.png] [picture: y")
    assert pictures.marker("a.png", " a|b]\n c ") == "[picture: a.png | a b c]"
    assert pictures.free_name("a[1].png", {"a 1.png"}) == "a 1-2.png"


# --- Saved replies -------------------------------------------------------------------


def test_words_are_put_in_where_the_cursor_is_with_their_files(here, draft, noa, sink):
    reply = saved(words="Thank you, {first_name}!")
    saved_replies.add_file(reply, name="how.pdf", content=b"%PDF-1.4", now=NOW)

    for _twice in range(2):
        answer = here.post(
            draft.get_absolute_url(),
            typed(draft, text="A 🎁\r\n\r\nB", at=5, saved_reply=reply.pk)
            | {"action": "insert"},
        )
        draft.refresh_from_db()
        assert draft.text == "A 🎁\n\nThank you, Dana!B"
        assert answer.url.endswith("?cursor=21")

    assert [file.name for file in draft.files.all()] == ["how.pdf", "how.pdf"]
    assert len({file.key for file in draft.files.all()}) == 2
    saved_replies.delete(reply)
    writing.send(draft, now=NOW)
    deliver(now=GONE)
    assert len(list(sink.mails[0].iter_attachments())) == 2


def test_without_a_cursor_words_stand_above_the_signature(draft, noa):
    signatures.save(noa, words="Noa")
    drafts.keep(draft, version=1, now=NOW, text="Hello" + signatures.below(noa))
    draft.refresh_from_db()

    assert drafts.with_words(draft, "Bye") == ("Hello\n\nBye\n\n-- \nNoa", 10)
    assert drafts.with_words(draft, "Bye", 99) == ("Hello\n\nBye\n\n-- \nNoa", 10)


def test_those_in_the_customers_language_come_first(here, draft, dana, noa):
    dana.language = "he"
    dana.save()
    draft.conversation.language = "he"
    draft.conversation.save()
    saved(name="B", language="en")
    saved(name="C", language="")
    saved(name="D", language="he")
    saved(name="A", language="he", owner=UserFactory())

    names = [one.name for one in saved_replies.of(noa, language="he")]

    assert names == ["D", "C", "B"]
    page = read(here.get(draft.get_absolute_url()))
    assert "(English)" in page
    assert "(עברית)" not in page


def test_files_of_a_saved_reply_are_put_to_it_and_taken_off(
    here, noa, own_storage, monkeypatch, django_capture_on_commit_callbacks
):
    reply = saved()
    url = reverse(
        "support:saved-reply-file-create", args=[reply.pk, uploads.ticket_for(noa.pk)]
    )
    assert uploads.has_ticket(url)
    here.post(url, {"files": [SimpleUploadedFile("a.pdf", b"%PDF-1.4")]})
    file = SavedReplyFile.objects.get()
    edit = reverse("support:saved-reply-edit", args=[reply.pk])
    assert "a.pdf" in read(here.get(edit))
    monkeypatch.setattr(drafts, "FILES_MOST_BYTES", 10)
    with pytest.raises(DraftFilesTooLarge):
        saved_replies.add_file(reply, name="b", content=b"123", now=NOW)

    with django_capture_on_commit_callbacks(execute=True):
        here.post(reverse("support:saved-reply-file-delete", args=[file.pk]))

    assert not SavedReplyFile.objects.exists()
    assert not stored()


def test_files_of_a_private_saved_reply_are_nobody_elses(here, own_storage):
    reply = saved(owner=UserFactory())
    file = saved_replies.add_file(reply, name="a", content=b"1", now=NOW)

    url = reverse("support:saved-reply-file-delete", args=[file.pk])
    assert here.post(url).status_code == 404


def test_what_does_not_fit_into_the_mail_changes_nothing(here, draft, monkeypatch):
    reply = saved()
    saved_replies.add_file(reply, name="a", content=b"123456", now=NOW)
    monkeypatch.setattr(drafts, "FILES_MOST_BYTES", 5)

    answer = here.post(
        draft.get_absolute_url(),
        typed(draft, text="Kept", saved_reply=reply.pk, action="insert"),
    )

    assert answer.status_code == 422
    assert (Draft.objects.get().text, draft.files.count()) == ("Kept", 0)


# --- Keeping -------------------------------------------------------------------------


def test_send_is_not_refused_for_what_the_page_kept_by_itself(here, draft):
    fields = typed(draft, text="Sent just now")
    here.post(draft.get_absolute_url(), fields | {"action": "keep"})

    answer = here.post(draft.get_absolute_url(), fields | {"action": "send"})

    assert answer.status_code == 303
    assert not Draft.objects.exists()
