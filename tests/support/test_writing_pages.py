"""The pages to write on, as a person presses them."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from messaging.models import Message
from messaging.services import leases
from messaging.services.delivery import deliver
from support.models import Draft, Mail, Mention, SavedReply
from support.services import drafts, notes, writing
from tests.factories import UserFactory
from tests.pages import read
from tests.smtp_sink import TAKE_AND_DROP
from tests.support.mails import plain
from web import uploads

pytestmark = pytest.mark.django_db


@pytest.fixture
def noa(db):
    return UserFactory(email="noa@kettle.example", name="Noa Katz", role="agent")


@pytest.fixture
def here(client, noa):
    client.force_login(noa)
    return client


@pytest.fixture
def asked(take, dana):
    return take(plain())


@pytest.fixture
def draft(asked, noa):
    return drafts.begin(author=noa, conversation=asked.conversation, now=timezone.now())


def typed(draft, **fields):
    draft.refresh_from_db()
    names = ("to", "cc", "bcc", "subject", "text", "version")
    return {name: getattr(draft, name) for name in names} | fields


def press(client, draft, **fields):
    return client.post(draft.get_absolute_url(), typed(draft, **fields))


def test_reply_begins_a_draft_and_looking_does_not(here, asked):
    page = here.get(asked.conversation.get_absolute_url())
    assert not Draft.objects.exists()
    assert reverse("support:reply", args=[asked.conversation_id]) in read(page)

    answer = here.post(reverse("support:reply", args=[asked.conversation_id]))

    assert answer.status_code == 303
    shown = read(here.get(answer.url))
    assert "Dana Levi &lt;dana@example.org&gt;" in shown
    assert "Where is my parcel?" in shown


def test_what_is_typed_is_kept_with_each_pause(here, draft):
    answer = here.post(
        draft.get_absolute_url(),
        typed(draft, text="Half a sen", action="keep"),
        headers={"HX-Request": "true"},
    )

    assert 'name="version" value="2"' in read(answer)
    draft.refresh_from_db()
    assert draft.text == "Half a sen"


def test_another_window_loses_nothing(here, draft):
    press(here, draft, text="First", action="keep")

    answer = here.post(
        draft.get_absolute_url(), typed(draft, text="Second", version=1, action="send")
    )

    assert answer.status_code == 409
    assert "Second" in read(answer, status=409)
    draft.refresh_from_db()
    assert draft.text == "First"
    assert not Message.objects.exists()


def test_send_says_that_it_can_be_taken_back_and_it_can(here, draft, asked, sink):
    answer = press(here, draft, text="Tomorrow", action="send")
    mail = Mail.objects.get(author__isnull=False)
    page = read(here.get(answer.url))
    take_back = reverse("support:mail-take-back", args=[mail.pk])
    assert take_back in page
    assert "Tomorrow" in page

    answer = here.post(take_back)

    assert "Tomorrow" in read(here.get(answer.url))
    deliver(now=timezone.now() + timedelta(minutes=1))
    assert sink.mails == []


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(here, draft):
    answer = press(here, draft, to="nobody at all", text="Words", action="send")

    shown = read(answer, status=422)
    assert "nobody at all" in shown
    assert "Words" in shown
    assert Draft.objects.get().text == "Words"


def test_a_time_is_a_clock_on_this_persons_wall(here, noa, draft):
    noa.time_zone = "Asia/Jerusalem"
    noa.save()
    tomorrow = timezone.now().date() + timedelta(days=2)

    press(here, draft, text="x", action="later", send_at=f"{tomorrow}T09:00")

    draft.refresh_from_db()
    assert draft.send_at.hour in (6, 7)
    page = read(here.get(draft.get_absolute_url()))
    unschedule = reverse("support:draft-unschedule", args=[draft.pk])
    assert unschedule in page
    here.post(unschedule)
    draft.refresh_from_db()
    assert draft.send_at is None


def test_a_time_that_is_missing_is_asked_for(here, draft):
    answer = press(here, draft, text="x", action="later", send_at="")

    assert "Choose when it is to go." in read(answer, status=422)


def test_ready_made_words_stand_above_the_signature(here, draft, noa):
    here.post(reverse("support:signature-edit"), {"signature": "Noa"})
    draft.delete()
    conversation = draft.conversation_id
    url = here.post(reverse("support:reply", args=[conversation])).url
    mine = Draft.objects.get()
    reply = SavedReply.objects.create(name="Thanks", text="Dear {first_name},")

    press(here, mine, action="insert", saved_reply=reply.pk)

    mine.refresh_from_db()
    assert mine.text == "Dear Dana,\n\n-- \nNoa"
    assert url == mine.get_absolute_url()


def test_files_come_by_a_ticket_of_ones_own(here, draft, noa):
    def send(ticket):
        return here.post(
            reverse("support:draft-file-create", args=[draft.pk, ticket]),
            typed(draft, text="Typed before")
            | {"files": SimpleUploadedFile("a.pdf", b"%PDF-1" * 300_000)},
        )

    assert send(uploads.ticket_for(noa.pk)).status_code == 303
    [file] = draft.files.all()
    assert file.size == 1_800_000
    draft.refresh_from_db()
    assert draft.text == "Typed before"
    assert "a.pdf" in read(here.get(draft.get_absolute_url()))
    assert send(uploads.ticket_for(UserFactory().pk)).status_code == 404
    delete = reverse("support:draft-file-delete", args=[file.pk])
    here.post(delete, typed(draft, text="Typed after"))
    assert not draft.files.exists()
    draft.refresh_from_db()
    assert draft.text == "Typed after"


def test_a_draft_is_nobody_elses(client, draft):
    client.force_login(UserFactory(role="owner"))

    assert client.get(draft.get_absolute_url()).status_code == 404
    for name in ("draft-discard", "draft-unschedule"):
        url = reverse(f"support:{name}", args=[draft.pk])
        assert client.post(url).status_code == 404
    assert client.get(reverse("support:draft-list")).status_code == 200
    assert Draft.objects.exists()


def test_a_mail_is_taken_back_by_its_author_alone(client, draft, noa):
    drafts.keep(draft, version=1, now=timezone.now(), text="x")
    draft.refresh_from_db()
    mail = writing.send(draft, now=timezone.now())
    client.force_login(UserFactory(role="owner"))

    answer = client.post(reverse("support:mail-take-back", args=[mail.pk]))

    assert answer.status_code == 404
    assert Mail.objects.filter(pk=mail.pk).exists()


def test_a_new_mail_keeps_what_was_typed_and_looking_begins_none(here, dana):
    new = reverse("support:mail-create")
    page = read(here.get(new, {"customer": dana.pk}))
    assert "dana@example.org" in page
    assert f"{new}?customer={dana.pk}" in read(here.get(dana.get_absolute_url()))
    assert not Draft.objects.exists()

    typed_words = {"to": "dana@example.org", "subject": "Beans", "text": "Hello"}
    here.post(new, typed_words | {"customer": dana.pk})

    draft = Draft.objects.get()
    assert (draft.subject, draft.text, draft.customer) == ("Beans", "Hello", dana)


def test_a_new_mail_begins_from_a_customer(here, dana):
    answer = here.post(reverse("support:mail-create"), {"customer": dana.pk})

    assert "dana@example.org" in read(here.get(answer.url))
    nobody = {"customer": dana.pk + 1}
    assert here.post(reverse("support:mail-create"), nobody).status_code == 404


def test_a_mail_is_sent_on_from_where_it_is_read(here, asked):
    forward = reverse("support:mail-forward", args=[asked.pk])
    assert forward in read(here.get(asked.conversation.get_absolute_url()))

    answer = here.post(forward)

    assert "Fwd: My order" in read(here.get(answer.url))


def test_what_did_not_arrive_is_on_today_until_it_is_seen(here, draft, noa, sink):
    sink.say("rcpt", "550 5.1.1 no such user", to="dana@example.org")
    press(here, draft, text="Hello", action="send")
    mail = Mail.objects.get(author=noa)
    deliver(now=timezone.now() + timedelta(minutes=1))

    assert "did not reach everybody" in read(here.get(reverse("desk:today")))
    page = read(here.get(mail.conversation.get_absolute_url()))
    assert re.search(r"dana@example\.org</bdi>\s*did not get it", page)
    here.post(reverse("support:mail-failure-seen", args=[mail.pk]))
    assert "did not reach" not in read(here.get(reverse("desk:today")))


def test_what_nobody_knows_to_have_arrived_is_on_today(here, draft, noa, sink):
    sink.say("dot", TAKE_AND_DROP)
    press(here, draft, text="Hello", action="send")
    mail = Mail.objects.get(author=noa)
    now = timezone.now() + timedelta(minutes=1)
    deliver(now=now)
    Message.objects.update(lease_until="2000-01-01T00:00Z")
    leases.sweep_leases(now=now + timedelta(minutes=1))

    assert "did not reach everybody" in read(here.get(reverse("desk:today")))
    page = read(here.get(mail.conversation.get_absolute_url()))
    assert "It is not known whether" in page


def test_what_a_server_wants_later_is_on_today_after_five_minutes(here, draft, sink):
    sink.say("rcpt", "451 4.3.2 ask again later", to="dana@example.org")
    press(here, draft, text="Hello", action="send")
    deliver(now=timezone.now() + timedelta(minutes=1))
    message = Message.objects.get()
    assert message.not_before > timezone.now()
    assert "has not left yet" not in read(here.get(reverse("desk:today")))

    Message.objects.update(planned_at=timezone.now() - timedelta(minutes=6))

    assert "has not left yet" in read(here.get(reverse("desk:today")))


def test_what_has_not_left_after_five_minutes_is_on_today(here, draft, noa):
    press(here, draft, text="Hello", action="send")
    assert "has not left yet" not in read(here.get(reverse("desk:today")))

    earlier = timezone.now() - timedelta(minutes=6)
    Message.objects.update(not_before=earlier, planned_at=earlier)

    assert "has not left yet" in read(here.get(reverse("desk:today")))


def test_what_is_under_way_for_five_minutes_is_on_today(here, draft):
    press(here, draft, text="Hello", action="send")
    now = timezone.now()
    leased = {"claim_token": uuid4(), "lease_until": now, "counted_at": now}
    Message.objects.update(planned_at=now - timedelta(minutes=6), **leased)

    for state in ("claimed", "handed"):
        Message.objects.update(state=state)
        assert "has not left yet" in read(here.get(reverse("desk:today")))


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("they_wrote_first", "“Kettle” was not sent by itself: they wrote first."),
        ("addresses_bounced", "“Kettle” could not be sent by itself."),
    ],
)
def test_what_did_not_go_by_itself_is_on_its_authors_today(
    client, here, draft, reason, said
):
    today = reverse("desk:today")
    assert "by itself" not in read(here.get(today))
    Draft.objects.update(subject="Kettle", held_back=reason)

    html = read(here.get(today))
    assert said in html
    assert f'href="{draft.get_absolute_url()}"' in html
    client.force_login(UserFactory())
    assert "by itself" not in read(client.get(today))


def test_who_is_asked_for_sees_it_on_today(client, here, asked, noa):
    ben = UserFactory(name="Ben Bar")
    note = reverse("support:note-create", args=[asked.conversation_id])
    here.post(note, {"note": "@Ben Bar knows"})
    client.force_login(ben)

    assert "asks for you in a note" in read(client.get(reverse("desk:today")))
    page = read(client.get(asked.conversation.get_absolute_url()))
    assert "You are asked for here." in page
    client.post(reverse("support:notes-seen", args=[asked.conversation_id]))
    assert Mention.objects.get().seen_at is not None
    assert "asks for you" not in read(client.get(reverse("desk:today")))


def test_an_empty_note_is_asked_for_again(here, asked):
    answer = here.post(
        reverse("support:note-create", args=[asked.conversation_id]), {"note": " "}
    )

    assert "Internal note" in read(answer, status=422)


def test_saved_replies_are_made_changed_and_deleted(here):
    new = reverse("support:saved-reply-create")
    values = {"name": "Thanks", "language": "", "text": "Dear {first_name}"}
    here.post(new, values | {"is_shared": "on", "version": 1})
    reply = SavedReply.objects.get()
    assert reply.owner is None
    assert "Thanks" in read(here.get(reverse("support:saved-reply-list")))

    edit = reverse("support:saved-reply-edit", args=[reply.pk])
    wrong = here.post(edit, values | {"text": "Dear {nobody}", "version": 1})
    assert "One of the words in braces is not known" in read(wrong, status=422)
    here.post(edit, values | {"name": "Thank you", "version": 1})
    reply.refresh_from_db()
    assert (reply.name, reply.owner.name) == ("Thank you", "Noa Katz")

    here.post(reverse("support:saved-reply-delete", args=[reply.pk]))
    assert not SavedReply.objects.exists()


def test_a_colleague_who_writes_is_seen(here, asked):
    other = UserFactory(name="Ben Bar")
    drafts.begin(author=other, conversation=asked.conversation, now=timezone.now())

    page = read(here.get(asked.conversation.get_absolute_url()))

    assert re.search(r"Ben Bar</bdi>\s*is writing", page)


def test_a_colleague_who_begins_later_is_seen_with_the_next_keeping(here, asked, draft):
    assert "is writing" not in read(here.get(draft.get_absolute_url()))
    other = UserFactory(name="Ben Bar")
    drafts.begin(author=other, conversation=asked.conversation, now=timezone.now())

    fields = typed(draft, text="It is", action="keep")
    kept = here.post(draft.get_absolute_url(), fields, headers={"HX-Request": "true"})

    assert re.search(
        r'id="draft-writers" hx-swap-oob="innerHTML">\s*<p [^>]*>\s*<bdi>Ben Bar</bdi>',
        read(kept),
    )


def test_the_page_of_a_message_leads_who_may_read_to_its_conversation(
    client, here, draft
):
    press(here, draft, text="Hello", action="send")
    message = reverse("messaging:message", args=[Message.objects.get().pk])
    place = f'href="{draft.conversation.get_absolute_url()}"'

    html = read(here.get(message))
    assert place in html
    assert "Its link opens an account" not in html
    client.force_login(UserFactory(role="marketer"))
    html = read(client.get(message))
    assert place not in html
    assert "for those whose role shows it" in html


def test_notes_are_read_where_they_belong(here, asked, noa):
    notes.add(
        asked.conversation,
        words="<b>careful</b>",
        author=noa,
        now=timezone.now(),
    )

    page = read(here.get(asked.conversation.get_absolute_url()))

    assert "&lt;b&gt;careful&lt;/b&gt;" in page
