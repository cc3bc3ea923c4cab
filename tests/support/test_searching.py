"""The search of the inbox: by words in whatever script, addresses, files and number."""

from email.message import EmailMessage

import pytest
from django.db import connection
from django.test import Client

from crm.services import personal_data
from support.models import Mail
from support.rules import mail_search
from support.selectors import lists, searching
from support.services import drafts, taking_back, writing
from support.services import searching as keeping
from tests.factories import NOW, CustomerFactory, UserFactory
from tests.pages import read
from tests.support.conftest import conversation
from tests.support.mails import plain


def text(body="", subject="", people=(), files=()):
    return mail_search.text_of(subject=subject, body=body, people=people, files=files)


def fits(typed, searched):
    """Whether it is found, as the database looks for it."""
    words = mail_search.words(typed)
    return bool(words) and all(
        word in searched if len(word) >= 3 else f" {word}" in f" {searched}"
        for word in words
    )


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("PARCEL", "Where is my parcel?"),
        ("obrien", "Dear Mr O’Brien"),
        ("cafe", "the café’s order"),
        ("שלום", "שָׁלוֹם לכם"),
        ("הזמנות", "על ההזמנות שלי"),
        ("الطلب", "رقم الطلــب ٤٢"),
        ("42", "رقم الطلب ٤٢"),
        ("订单", "我的订单还没有到"),
        ("订", "我的 订 还"),
        ("訂單號", "請問訂單號是什麼"),
        ("홍길동", "홍길동입니다"),
        ("ใจดี", "สมชายใจดี"),
        ("ＫＥＴＴＬＥ", "a kettle"),
    ],
)
def test_words_are_found_as_people_write_them(typed, written):
    assert fits(typed, text(written))


def test_two_characters_must_stand_side_by_side():
    searched = text("单独下订, 我的订还没有单")

    assert not fits("订单", searched)
    assert fits("单独", searched)
    assert not mail_search.words("&& ***")
    assert not mail_search.words("")


def test_the_number_of_a_conversation_is_read():
    assert mail_search.number_of(" #12 ") == mail_search.number_of("12") == 12
    assert mail_search.number_of("12 parcels") is None
    assert mail_search.number_of("٤٢") is None


def test_the_index_is_asked_for_fours_and_for_beginnings_of_short_words():
    assert mail_search.parts("kettle") == "'kett' & 'ettl' & 'ttle'"
    assert mail_search.parts("66666") == "'6666'"
    assert mail_search.parts("tea") == "'tea':*"
    assert (mail_search.parts("te"), mail_search.parts("t")) == ("' te'", "' t':*")


def test_a_text_is_cut_where_the_index_ends():
    searched = text("".join(chr(0x4E00 + n % 20_000) for n in range(20_000)) * 2)
    many = text(people=[("", f"{n}@{'x' * 200}.example") for n in range(2_000)])

    assert 200_000 < len(searched.encode()) <= mail_search.BYTES_MOST
    assert len(many.encode()) == mail_search.BYTES_MOST


def test_an_address_is_looked_up_by_its_beginning():
    assert mail_search.beginnings("parcel Dana.Levi@example.org") == {
        "danaleviexampleorg": "danaleviex"
    }
    assert mail_search.beginnings("parcel a@b kettle @example.org") == {}


def ids(typed):
    """Of all that is found; what is of late is among it."""
    found = searching.found(typed)
    everything = sorted(found.everything.values_list("pk", flat=True))
    if found.of_late is not None:
        assert {row.pk for row in found.of_late} <= set(everything)
    return everything


@pytest.fixture(
    params=[(10, 0, 1), (10, 10**9, 10**9), (1, 10**9, 0)],
    ids=["walked", "few, by all", "several, by rare"],
)
def either_way(request, monkeypatch):
    """Each search in all ways: they must find the same."""
    frequent, walk_from, many = request.param
    monkeypatch.setattr(searching, "_FREQUENT", frequent)
    monkeypatch.setattr(searching, "_WALK_FROM", walk_from)
    monkeypatch.setattr(searching, "_MANY", many)


@pytest.mark.django_db
def test_every_part_of_a_mail_is_searched(take, dana, either_way):
    letter = EmailMessage()
    letter["From"] = "Dana Levi <dana.levi@example.org>"
    letter["To"] = "help@kettle.example"
    letter["Cc"] = "Zoe <zoe@copy.example>"
    letter["Subject"] = "The ruby teapot"
    letter.set_content("Its lid is 100% broken_off, see the invoice.")
    letter.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf",
                          filename="receipt-4711.pdf")  # fmt: skip
    mail = take(letter.as_bytes())
    other = take(plain("Where is my parcel?", message_id="<2@x.example>"))
    one, two = mail.conversation_id, other.conversation_id

    for typed in ("teapot", "lid INVOICE", "dana.levi@example.org", "levi@exam", "zoe",
                  "copy.example", "receipt 4711", "ruby lid zoe", "100%"):  # fmt: skip
        assert ids(typed) == [one], typed
    assert ids("kettle.example") == [one, two]
    assert ids("teapot parcel") == ids("nowhere") == ids("%") == ids("_") == []
    assert ids("broken off") == ids("brokenoff") == [one]
    assert ids(f"#{two}") == [two]
    assert two in ids(str(two))


@pytest.mark.django_db
def test_a_number_is_found_whole_or_in_part(take, dana):
    long = "003404341610940425571234"
    mail = take(plain(f"KL20417 and 66667, tracked as {long}, or ٩٨٧٦٥"))
    one = mail.conversation_id

    for typed in ("20417", "0417", "204", "66667", "666", long, long[3:-2],
                  "tracked 66667", "tracked 204 6667", "98765"):  # fmt: skip
        assert ids(typed) == [one], typed
    assert ids("66666") == ids("20418") == ids("lost 66667") == ids(f"{long}5") == []


@pytest.mark.django_db
def test_what_we_write_is_found_and_what_is_taken_back_is_not(noa_writes):
    mail = noa_writes("We send the sapphire kettle again.")
    assert ids("sapphire") == [mail.conversation_id]

    taking_back.take_back(mail, staff=mail.author, now=NOW)

    assert ids("sapphire") == []


@pytest.fixture
def noa_writes(mailbox, django_capture_on_commit_callbacks):
    noa = UserFactory(role="agent", name="Noa")

    def write(words):
        thread = conversation(customer=CustomerFactory(), assignee=noa)
        draft = drafts.begin(author=noa, conversation=thread, now=NOW)
        draft.to, draft.text, draft.subject = "dana@example.org", words, "Kettle"
        draft.save()
        with django_capture_on_commit_callbacks():
            return writing.send(draft, now=NOW)

    return write


@pytest.mark.django_db
def test_a_third_person_who_is_erased_is_not_found_any_more(take, dana):
    eve = CustomerFactory(email="eve@x.example")
    take(plain("Hello"))
    mail = take(
        plain("Me too", sender="Eve Stone <eve@x.example>", message_id="<2@x.example>",
              answers=("<one@example.org>",))
    )  # fmt: skip
    assert ids("stone") == ids("eve@x.example") == [mail.conversation_id]

    personal_data.erase(eve, now=NOW)

    assert ids("stone") == ids("eve@x.example") == []
    assert ids("too") == [mail.conversation_id]


@pytest.mark.django_db
def test_the_page_shows_what_is_found_in_whatever_state(take, dana):
    client = Client()
    client.force_login(UserFactory(role="agent"))
    mail = take(plain("The amber kettle"))
    closed = mail.conversation
    closed.state, closed.closed_at = "closed", NOW
    closed.save()

    html = read(client.get("/inbox/?q=AMBER"))

    assert f"/inbox/{closed.pk}/" in html
    assert "Closed" in html.split('id="conversation-')[1]
    assert "Nothing found" in read(client.get("/inbox/?q=granite"))
    assert "Nothing found" in read(client.get("/inbox/?q=amber&kind=praise"))
    assert "Nothing found" in read(client.get("/inbox/?q=%26%00"))


@pytest.fixture
def many(django_db_blocker):
    with connection.cursor() as cursor:
        cursor.execute(MANY)
        # As vacuum would have by then.
        cursor.execute("SELECT gin_clean_pending_list('mail_parts')")
        cursor.execute("ANALYZE support_mail, support_conversation")


def plan_of(rows):
    return rows.order_by("-last_mail_at", "-pk")[:26].explain()


@pytest.mark.slow
@pytest.mark.django_db
def test_no_way_reads_every_mail(many):
    """Among 20,000 mails a rare word is asked of the index, a frequent one in order."""
    rare, number, mixed, frequent = (
        searching.found(typed).everything
        for typed in ("sapphire", "common 1004000", "common sapphire", "common")
    )

    for rows in (rare, number, mixed):
        plan = plan_of(rows)
        assert "mail_parts" in plan
        assert "Seq Scan" not in plan
    assert rare.count() == mixed.count() == 5
    asked = mixed[:26].explain(verbose=True)
    assert "''sapp''" in asked
    assert "''comm''" not in asked
    assert list(number.values_list("pk", flat=True)) == [1004000]
    plan = plan_of(frequent)
    assert "conversation_by_last_mail" in plan
    assert "mail_in_order" in plan
    assert "Seq Scan" not in plan


@pytest.mark.slow
@pytest.mark.django_db
def test_a_page_of_late_is_the_first_page_of_all(many, rows_of, monkeypatch):
    """Also where the mail that has the word is an old one of a conversation that goes
    on, and where the last mails say more than there is."""
    # As if there were more of them.
    monkeypatch.setattr(searching, "_EXPECTED", 32)
    with connection.cursor() as cursor:
        # Some that have been silent for long: written to just now.
        cursor.execute(REVIVED)

    found = searching.found("amber")
    page = rows_of(found)

    assert found.of_late is not None
    plan = plan_of(found.of_late)
    assert "mail_parts" in plan
    assert "Seq Scan on support_mail" not in plan
    assert 26 <= found.of_late.count() < found.everything.count() == 200
    everything = found.everything.order_by("-last_mail_at", "-pk")
    assert page == list(everything.values_list("pk", flat=True)[:25])
    assert page[:2] == [1000200, 1000100]
    few = searching.found("topaz")
    assert few.of_late is not None
    assert rows_of(few) == list(range(1020000, 1019990, -2))


@pytest.fixture
def rows_of():
    def rows_of(found):
        page = lists.found_page(found, lists.Filters(), older="", newer="")
        return [row.pk for row in page.rows]

    return rows_of


MANY = """
SET LOCAL statement_timeout = 0;
INSERT INTO support_conversation (id, opened_at, last_mail_at, subject, state)
OVERRIDING SYSTEM VALUE
SELECT n, timestamptz '2026-01-01' + n * interval '1 minute',
    timestamptz '2026-01-01' + n * interval '1 minute', 'x', 'open'
FROM generate_series(1000001, 1020000) n;
INSERT INTO support_mail (conversation_id, direction, fingerprint, message_id,
    from_name, from_address, subject, text, html, at, stored_at, search_text)
SELECT n, 'in', encode(sha256(n::text::bytea), 'hex'), n || '@x', '', '', '', '', '',
    timestamptz '2026-01-01' + n * interval '1 minute', now(),
    'common ' || n || ' ' || repeat(md5(n::text) || ' ', 5)
        || CASE WHEN n % 4000 = 0 THEN ' sapphire' ELSE '' END
        || CASE WHEN n % 100 = 0 THEN ' amber' ELSE '' END
        || CASE WHEN n > 1019990 AND n % 2 = 0 THEN ' topaz' ELSE '' END
FROM generate_series(1000001, 1020000) n
"""
REVIVED = """
INSERT INTO support_mail (conversation_id, direction, fingerprint, message_id,
    from_name, from_address, subject, text, html, at, stored_at, search_text)
SELECT id, 'in', encode(sha256(('again' || id)::bytea), 'hex'), id || '@y', '', '', '',
    '', '', timestamptz '2026-01-01' + interval '1020001 minutes', now(), 'and again'
FROM support_conversation WHERE id IN (1000100, 1000170, 1000200);
UPDATE support_conversation
SET last_mail_at = timestamptz '2026-01-01' + interval '1020001 minutes'
WHERE id IN (1000100, 1000170, 1000200)
"""


@pytest.mark.django_db
def test_a_text_is_kept_as_the_mail_is(take, dana):
    mail = take(plain("The amber kettle"))
    Mail.objects.filter(pk=mail.pk).update(subject="New words")
    mail.refresh_from_db()

    keeping.refresh(mail)

    assert ids("new words") == [mail.conversation_id]
    assert ids("order") == []
