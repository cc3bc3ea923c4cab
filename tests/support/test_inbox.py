"""The pages of conversations: whose turn it is, who it is, and what a mail may do."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import Customer
from support.models import (
    BlockedSender,
    Conversation,
    ConversationTag,
    Draft,
    Mail,
    Mailbox,
    RawMail,
)
from support.services import conversations
from tests.factories import NOW, CustomerFactory, OrderFactory, UserFactory
from tests.pages import read
from tests.support.mails import plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def noa():
    return UserFactory(role="agent", name="Noa")


@pytest.fixture
def page(noa):
    client = Client()
    client.force_login(noa)
    return client


def act(page, mail, action, **data):
    url = f"/inbox/{mail.conversation_id}/{action}/"
    return page.post(url, data, follow=True)


def test_each_conversation_stands_in_its_tab(page, noa, take, dana):
    mails = {
        tab: take(plain(tab, subject=f"about {tab}", message_id=f"<{tab}@x.example>"))
        for tab in ("mine", "unassigned", "waiting", "snoozed", "closed")
    }
    rows = {tab: mail.conversation for tab, mail in mails.items()}
    conversations.assign(rows["mine"], assignee=noa, now=NOW)
    Conversation.objects.filter(pk=rows["waiting"].pk).update(state="waiting")
    later = NOW + timedelta(days=1)
    conversations.snooze(rows["snoozed"], until=later, now=NOW)
    conversations.close(rows["closed"], by=noa, now=NOW)

    for tab in mails:
        html = read(page.get(f"/inbox/?tab={tab}"))
        shown = {other for other in mails if f"about {other}" in html}
        assert shown == {tab}
        assert "Dana" in html


def counted(page, query=""):
    """Each tab with the number beside its name, as a reader hears it."""
    html = read(page.get(f"/inbox/{query}"))
    [tabs] = re.findall(r'<nav class="p-tabs".*?</nav>', html, flags=re.S)
    return re.sub(r"<[^>]*>", " ", tabs).split()


def test_tabs_say_how_many_wait_in_them(page, noa):
    def make(count, **values):
        rows = (
            Conversation(opened_at=NOW, last_mail_at=NOW, subject="s", **values)
            for _ in range(count)
        )
        Conversation.objects.bulk_create(rows)

    make(2, assignee=noa)
    make(3, assignee=UserFactory(role="agent"))
    make(99, state="waiting")
    make(4, state="closed", closed_at=NOW)

    told = "Mine 2 Unassigned Waiting for them 99 Snoozed Closed"
    assert counted(page) == told.split()
    make(1, state="waiting")
    make(1)
    told = "Mine 2 Unassigned 1 Waiting for them 99+ Snoozed Closed"
    assert counted(page, "?tab=closed") == told.split()
    # Of what is left once the list is narrowed they say nothing.
    told = "Mine Unassigned Waiting for them Snoozed Closed"
    assert counted(page, "?kind=order") == told.split()


def test_a_longer_list_needs_no_more_queries(page, take, dana):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            shown = read(page.get("/inbox/?tab=unassigned"))
        return shown.count("data-row"), len(seen)

    take(plain())
    page.get("/inbox/")
    rows, few = queries()
    for number in range(12):
        take(plain(f"{number}", message_id=f"<{number}@x.example>"))
    more_rows, many = queries()

    assert more_rows == 13 * rows > 0
    assert many == few <= 9


def test_a_new_mail_and_ones_drafts_are_in_reach_of_who_may_write(page, noa):
    values = {"author": noa, "begun_at": NOW, "changed_at": NOW}
    Draft.objects.bulk_create(Draft(**values) for _ in range(2))

    html = read(page.get("/inbox/"))
    assert 'href="/mails/new/"' in html
    assert re.search(r'href="/drafts/">\s*2 drafts\s*<', html)

    other = Client()
    other.force_login(UserFactory(role="agent"))
    assert "/drafts/" not in read(other.get("/inbox/"))


def test_a_conversation_is_closed_with_words_from_its_page(page, take, dana):
    mail = take(plain())

    html = read(page.get(mail.conversation.get_absolute_url()))

    form = html[html.index('id="close"') :]
    form = form[: form.index("</form>")]
    assert f'action="/inbox/{mail.conversation_id}/close/"' in form
    assert 'name="outcome"' in form
    # The button of the key, in the head, sends the words too.
    assert re.search(r'form="close"\s+data-key="e"', html)
    act(page, mail, "close")
    assert 'id="close"' not in read(page.get(mail.conversation.get_absolute_url()))


def test_it_is_put_aside_for_some_days_or_until_a_day_where_one_is(
    page, noa, take, dana
):
    zone = ZoneInfo("Pacific/Auckland")
    noa.time_zone = zone.key
    noa.save()
    mail = take(plain())
    html = read(page.get(mail.conversation.get_absolute_url()))
    assert re.findall(r'name="days" value="(\d)"', html) == ["1", "3", "7"]
    assert 'name="until"' in html

    today = timezone.localdate(timezone=zone)
    for wrong in (str(today), "2026-13-01", "9999-12-31"):
        seen = read(act(page, mail, "snooze", until=wrong))
        assert "Choose a day from tomorrow to a year ahead." in seen
    act(page, mail, "snooze", until=str(today + timedelta(days=10)))

    there = Conversation.objects.get().snoozed_until.astimezone(zone)
    assert (there.date(), there.hour) == (today + timedelta(days=10), 0)


def test_a_row_says_whose_it_is_and_offers_to_take_it(page, noa, take, dana):
    mine, free = (
        take(plain("x", subject=f"<b>{name}</b>", message_id=f"<{name}@x.example>"))
        for name in ("mine", "free")
    )
    tag = ConversationTag.objects.create(name="<i>late</i>")
    free.conversation.tags.add(tag)
    conversations.assign(mine.conversation, assignee=noa, now=NOW)

    def row_on(tab):
        rows = " ".join(read(page.get(f"/inbox/?tab={tab}")).split())
        return rows.split('id="conversation-')[1]

    free_row, mine_row = row_on("unassigned"), row_on("mine")

    url = f"/inbox/{free.conversation_id}/take/"
    assert f'form="of-row" formaction="{url}"' in free_row
    assert "&lt;b&gt;free&lt;/b&gt;" in free_row
    assert "&lt;i&gt;late&lt;/i&gt;" in free_row
    assert "Dana" in free_row
    assert "<bdi>Noa</bdi>" in mine_row
    assert "/take/" not in mine_row


def test_a_row_has_a_control_for_each_key_and_a_closed_one_no_end(page, take, dana):
    row = take(plain()).conversation
    url = row.get_absolute_url()

    def controls(tab):
        html = read(page.get(f"/inbox/?tab={tab}"))
        return {
            key: address
            for address, key in re.findall(
                r'(?:formaction|href)="([^"]+)"\s+data-key="([ernsa])"', html
            )
        }

    words = {
        "a": "take/",
        "r": "reply/",
        "n": "#id_note",
        "s": "snooze/",
        "e": "close/",
    }
    assert controls("unassigned") == {key: url + tail for key, tail in words.items()}
    assert 'id="id_note"' in read(page.get(url))
    page.post(url + "close/")
    assert set(controls("closed")) == {"r", "n"}


def test_a_conversation_is_taken_put_aside_and_closed(page, noa, take, dana):
    mail = take(plain())

    act(page, mail, "take")
    row = Conversation.objects.get()
    assert row.assignee == noa

    act(page, mail, "snooze", days="3")
    row.refresh_from_db()
    assert row.state == "snoozed"
    assert timedelta(days=2) < row.snoozed_until - timezone.now() <= timedelta(days=3)
    assert conversations.wake(now=timezone.now() + timedelta(days=4)) == 1

    seen = act(page, mail, "close", outcome="Sent once more")
    row.refresh_from_db()
    assert (row.state, row.closed_by, row.outcome) == ("closed", noa, "Sent once more")
    assert "Closed. It opens again when they write." in read(seen)

    again = act(page, mail, "close")
    assert "A colleague closed this conversation" in read(again)
    act(page, mail, "reopen")
    row.refresh_from_db()
    assert (row.state, row.closed_at, row.outcome) == ("open", None, "")


def test_who_this_is_takes_one_press(page, take):
    twins = [CustomerFactory(email="dana@example.org") for _ in range(2)]
    mail = take(plain())
    html = read(page.get(f"/inbox/{mail.conversation_id}/"))
    assert html.count("has this address") == 2

    seen = act(page, mail, "join", customer=twins[1].pk)

    mail.refresh_from_db()
    assert mail.customer == mail.conversation.customer == twins[1]
    assert "in their timeline" in read(seen)
    html = read(page.get(f"/customers/{twins[1].pk}/"))
    assert "Where is my parcel?" in html
    assert f"/inbox/{mail.conversation_id}/" in html

    act(page, mail, "part")
    mail.refresh_from_db()
    assert mail.customer is None


def test_likely_people_are_found_by_order_and_name(page, take):
    buyer = CustomerFactory(given_name="Max", family_name="Weil")
    OrderFactory(customer=buyer, number="K-20417")
    namesake = CustomerFactory(given_name="Dana", family_name="Levi")
    mail = take(plain("My order k-20417 is late", sender="Dana Levi <new@x.example>"))

    html = read(page.get(f"/inbox/{mail.conversation_id}/"))

    assert "the mail names an order of theirs" in html
    assert f"/customers/{buyer.pk}/" in html
    assert f"/customers/{namesake.pk}/" in html


def test_a_second_address_takes_one_press_and_is_known_from_then_on(page, take):
    namesake = CustomerFactory(given_name="Dana", family_name="Levi")
    mail = take(plain(sender="Dana Levi <work@x.example>"))

    act(page, mail, "join-with-address", customer=namesake.pk)

    mail.refresh_from_db()
    assert mail.customer == namesake
    again = take(plain("x", sender="WORK@x.example", message_id="<2@x.example>"))
    assert again.customer == namesake


def test_a_new_customer_takes_one_press_and_no_ground_for_offers(page, take):
    mail = take(plain(sender="Lea Brandt <lea@example.net>"))

    act(page, mail, "create")

    made = Customer.objects.get()
    assert (made.given_name, made.family_name) == ("Lea", "Brandt")
    assert (made.email, made.mail_ground) == ("lea@example.net", "")
    mail.refresh_from_db()
    assert mail.customer == made


def test_two_who_say_who_it_is_do_not_undo_one_another(page, take):
    first, second = CustomerFactory(), CustomerFactory()
    mail = take(plain(sender="new@x.example"))
    act(page, mail, "join", customer=first.pk)

    seen = act(page, mail, "join", customer=second.pk)

    mail.refresh_from_db()
    assert mail.customer == first
    assert "said already who this is" in read(seen)


def test_a_blocked_sender_stays_closed_until_it_is_undone(page, take):
    mail = take(plain(sender="spam@example.net"))

    act(page, mail, "block")
    next_one = take(
        plain("more", sender="spam@example.net", message_id="<2@x.example>")
    )
    assert (next_one.conversation.state, next_one.conversation.is_spam) == (
        "closed",
        True,
    )

    act(page, mail, "unblock")
    assert not BlockedSender.objects.exists()
    mail.conversation.refresh_from_db()
    assert (mail.conversation.state, mail.conversation.is_spam) == ("open", False)


@pytest.mark.parametrize("data", [{}, {"customer": "x"}, {"customer": "9" * 30}])
def test_a_record_that_is_none_is_refused(page, take, data):
    mail = take(plain(sender="new@x.example"))

    assert act(page, mail, "join", **data).status_code == 404
    assert act(page, mail, "dance").status_code == 404


# --- What a mail may do --------------------------------------------------------------

HOSTILE = (
    "<p>Hello</p><script>alert(1)</script><img src='https://evil.example/p.png'>"
    "<form action='https://evil.example'><button>x</button></form>"
)


def test_a_frame_loads_nothing_from_elsewhere_until_asked(page, take, dana):
    mail = take(plain("x", html=HOSTILE))

    held = page.get(f"/mails/{mail.pk}/")
    asked = page.get(f"/mails/{mail.pk}/pictures/")

    for answer in (held, asked):
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'none'" in policy
        shown = read(answer, "Hello")
        assert "<script" not in shown
        assert "<form" not in shown
    assert "img-src data:;" in held["Content-Security-Policy"] + ";"
    assert "https:" in asked["Content-Security-Policy"]


def test_a_page_asks_for_pictures_from_elsewhere_where_somebody_did(page, take, dana):
    mail = take(plain("x", html=HOSTILE))
    url = f"/inbox/{mail.conversation_id}/"
    offer = "Load pictures from elsewhere"

    text = read(page.get(url))
    held = read(page.get(f"{url}?html={mail.pk}"))
    asked = read(page.get(f"{url}?html={mail.pk}&pictures=1"))

    assert "<iframe" not in text
    assert "evil.example" not in text
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in held
    assert (f'src="/mails/{mail.pk}/"' in held, offer in held) == (True, True)
    assert f'src="/mails/{mail.pk}/pictures/"' in asked
    assert offer not in asked


def test_pictures_of_the_mail_stand_in_their_places(page, take, dana):
    mail = take(
        b"From: dana@example.org\nContent-Type: multipart/related; boundary=x\n\n"
        b'--x\nContent-Type: text/html\n\n<img src="cid:logo@here"><img src="cid:no">\n'
        b"--x\nContent-Type: image/png\nContent-ID: <logo@here>\n"
        b"Content-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--x--\n"
    )

    html = page.get(f"/mails/{mail.pk}/").content.decode()

    assert 'src="data:image/png;base64,iVBORw0KGgo="' in html
    assert "cid:" not in html


def test_a_failed_check_and_a_third_person_are_said(page, take, dana):
    Mailbox.objects.update(auth_server="mx")
    take(b"Authentication-Results: mx; spf=fail; dkim=pass\n" + plain())
    mail = take(
        plain("Me too", sender="eve@x.example", message_id="<2@x.example>",
              answers=("<one@example.org>",))
    )  # fmt: skip

    html = read(page.get(f"/inbox/{mail.conversation_id}/"))

    assert "It may not be from this address" in html
    assert "spf" in html
    assert html.count("Somebody else") == 1


def test_files_are_kept_and_never_shown(page, take, dana):
    mail = take(
        b"From: dana@example.org\nContent-Type: multipart/mixed; boundary=x\n\n"
        b"--x\n\nHere\n--x\nContent-Type: text/html; name=a.html\n"
        b"Content-Disposition: attachment\n\n<script>alert(1)</script>\n--x--\n"
    )

    answer = page.get(f"/mail-files/{mail.files.get().pk}/")

    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_what_could_not_be_read_is_listed_and_tried_again(page, take):
    take(b"no mail at all\n\nx")
    row = RawMail.objects.get()

    html = read(page.get("/raw-mails/"))
    assert "This is no mail: it has no headers." in html
    downloaded = page.get(f"/raw-mails/{row.pk}/")
    assert b"".join(downloaded.streaming_content) == b"no mail at all\n\nx"

    seen = page.post(f"/raw-mails/{row.pk}/again/", follow=True)
    assert "It still cannot be read." in read(seen)
    assert not Mail.objects.exists()


@pytest.mark.parametrize("role", ["marketer", "analyst"])
def test_marketers_and_analysts_read_no_word(take, dana, role):
    mail = take(plain())
    client = Client()
    client.force_login(UserFactory(role=role))

    for url in ("/inbox/", f"/inbox/{mail.conversation_id}/", f"/mails/{mail.pk}/"):
        assert client.get(url).status_code == 403
    if role == "marketer":
        html = read(client.get(f"/customers/{dana.pk}/"))
        assert "parcel" not in html
        assert "My order" not in html
        assert "Your role does not show what was written." in html
