"""The stop page and the preference page: people, mail programs, scanners."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection

from crm.models import AuditEntry, Customer
from messaging.models import Consent, Hold, Message
from messaging.rules.choices import Category
from messaging.services import consent, links, pauses
from tests.factories import CustomerFactory, MessageFactory
from tests.pages import read

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def dana(db):
    return CustomerFactory(email="dana@example.org", email_norm="dana@example.org")


@pytest.fixture
def stop_url(dana):
    return f"/u/{links.stop_token(dana.pk, Category.SURVEY)}/"


@pytest.fixture
def choose_url(dana):
    return f"/p/{links.preference_token(dana.pk)}/"


def allowed(customer):
    states = consent.states([customer.pk])[customer.pk]
    return {category.value for category, state in states.items() if state.allowed}


def act_in(response):
    return re.search(r'name="act" value="([^"]+)"', response.content.decode())[1]


def press(client, url, choice):
    act = act_in(client.get(url))
    return client.post(url, {"choice": choice, "act": act}, follow=True)


# --- The stop page -------------------------------------------------------------------


def test_looking_shows_the_masked_address_and_changes_nothing(client, dana, stop_url):
    response = client.get(stop_url)

    assert "Stop survey emails to d•••@example.org?" in response.content.decode()
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert "survey" in allowed(dana)


@pytest.mark.slow
def test_a_hundred_scanners_change_nothing(client, dana, stop_url, choose_url):
    def everything():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT count(*) FROM messaging_consent),"
                " (SELECT count(*) FROM crm_auditentry),"
                " (SELECT count(*) FROM messaging_hold),"
                " (SELECT c::text FROM crm_customer c WHERE id = %s)",
                [dana.pk],
            )
            return cursor.fetchone()

    before = everything()
    for _ in range(50):
        for url in (stop_url, choose_url):
            assert client.get(url).status_code == 200
            assert client.head(url).status_code == 200

    assert everything() == before


def test_one_press_stops_surveys_at_once(client, dana, stop_url):
    waiting = MessageFactory(customer=dana)
    claimed = MessageFactory(
        customer=dana,
        state="claimed",
        claim_token="6a6f94a1-5a3f-44b5-9c66-0d5f5f0d1f11",
        lease_until=NOW + timedelta(minutes=5),
        counted_at=NOW,
    )
    other = MessageFactory(customer=dana, category="loyalty")

    response = press(client, stop_url, "stop")

    assert "Stopped." in response.content.decode()
    assert allowed(dana) == {"transactional", "loyalty"}
    states = {m.pk: (m.state, m.reason_code) for m in Message.objects.all()}
    assert states[waiting.pk] == states[claimed.pk] == ("suppressed", "opted_out")
    assert states[other.pk] == ("planned", "")


def test_stop_everything_leaves_receipts(client, dana, stop_url):
    response = press(client, stop_url, "everything")

    assert allowed(dana) == {"transactional"}
    assert "Nothing but receipts and answers" in response.content.decode()


def test_the_row_shows_who_how_and_roughly_where_from(client, dana, stop_url):
    act = act_in(client.get(stop_url))
    client.post(stop_url, {"choice": "stop", "act": act}, REMOTE_ADDR="203.0.113.77")

    (row,) = Consent.objects.all()
    assert (row.customer, row.category, row.granted) == (dana, "survey", False)
    assert (row.how, row.ip_truncated) == ("stop_page", "203.0.113.0")
    assert len(row.address_hash) == 32
    entry = AuditEntry.objects.get(action="consent.withdrawn")
    assert (entry.actor_kind, entry.actor_id, entry.via) == (
        "customer",
        dana.pk,
        "public",
    )


def test_a_double_press_is_one_withdrawal_that_can_still_be_undone(
    client, dana, stop_url
):
    act = act_in(client.get(stop_url))
    for _ in range(2):
        page = client.post(stop_url, {"choice": "stop", "act": act}, follow=True)

    assert Consent.objects.count() == 1
    assert "Undo" in page.content.decode()


def test_undo_takes_back_only_what_this_act_withdrew(client, dana, stop_url):
    # Offers were never allowed, reminders were stopped earlier.
    consent.withdraw(
        dana, categories=[Category.LOYALTY], how="preference_page", now=NOW
    )
    stopped = press(client, stop_url, "everything")

    undone = client.post(
        stop_url, {"choice": "undo", "act": act_in(stopped)}, follow=True
    )

    assert allowed(dana) == {"transactional", "survey"}
    assert "You get these emails again" in undone.content.decode()


def test_undo_twice_is_once(client, dana, stop_url):
    act = act_in(press(client, stop_url, "stop"))
    for _ in range(2):
        client.post(stop_url, {"choice": "undo", "act": act})

    assert [row.how for row in Consent.objects.order_by("id")] == ["stop_page", "undo"]


def test_undo_leaves_a_later_word_alone(client, dana, stop_url):
    act = act_in(press(client, stop_url, "stop"))
    client.post(stop_url, {"choice": "undo", "act": act})
    press(client, stop_url, "stop")

    client.post(stop_url, {"choice": "undo", "act": act})

    assert "survey" not in allowed(dana)


def test_stop_undo_back_stop_is_a_new_wish(client, dana, stop_url):
    """Back brings up the page of before, with the name of the act it was made with."""
    act = act_in(client.get(stop_url))
    client.post(stop_url, {"choice": "stop", "act": act})
    client.post(stop_url, {"choice": "undo", "act": act})
    MessageFactory(customer=dana)

    stopped = client.post(stop_url, {"choice": "stop", "act": act}, follow=True)

    assert allowed(dana) == {"transactional", "loyalty"}
    assert Message.objects.get().state == "suppressed"
    assert "Stopped." in stopped.content.decode()
    assert act_in(stopped) == act
    client.post(stop_url, {"choice": "undo", "act": act})
    assert allowed(dana) == {"transactional", "survey", "loyalty"}


def test_everything_after_an_undo_and_back_is_everything(client, dana, stop_url):
    act = act_in(client.get(stop_url))
    client.post(stop_url, {"choice": "stop", "act": act})
    client.post(stop_url, {"choice": "undo", "act": act})

    for _ in range(2):
        client.post(stop_url, {"choice": "everything", "act": act})

    assert allowed(dana) == {"transactional"}
    assert Consent.objects.filter(granted=False, category="survey").count() == 2
    client.post(stop_url, {"choice": "undo", "act": act})
    assert allowed(dana) == {"transactional", "survey", "loyalty"}


def test_stop_and_undo_may_go_on_for_ever(client, dana, stop_url):
    act = act_in(client.get(stop_url))
    for _ in range(3):
        for choice, is_allowed in (("stop", False), ("undo", True)):
            for _ in range(2):
                client.post(stop_url, {"choice": choice, "act": act})
            assert ("survey" in allowed(dana)) is is_allowed

    hows = [row.how for row in Consent.objects.order_by("id")]
    assert hows == ["stop_page", "undo"] * 3


def test_two_records_may_be_stopped_by_the_same_word(dana):
    other = CustomerFactory()
    for customer in (dana, other):
        consent.withdraw(
            customer,
            categories=[Category.SURVEY],
            how="stop_page",
            act="stop:same",
            now=NOW,
        )

    assert Consent.objects.count() == 2


@pytest.mark.parametrize("choice", ["", "nonsense", "undo"])
def test_a_form_without_a_choice_changes_nothing(client, dana, stop_url, choice):
    response = client.post(stop_url, {"choice": choice, "act": "junk"})

    assert response.status_code == 302
    assert not Consent.objects.exists()


def test_another_site_cannot_press_for_the_visitor(client, dana, stop_url):
    response = client.post(
        stop_url,
        {"choice": "stop", "act": act_in(client.get(stop_url))},
        headers={"Sec-Fetch-Site": "cross-site"},
    )

    assert response.status_code == 403
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    ("language", "direction"),
    [("en", "ltr"), ("zh-hans", "ltr"), ("zh-hant", "ltr"), ("he", "rtl")],
)
def test_the_page_speaks_the_customers_language(
    client, dana, stop_url, choose_url, language, direction
):
    Customer.objects.update(language=language)

    for url in (stop_url, choose_url):
        page = client.get(url).content.decode()
        assert f'dir="{direction}"' in page


def test_a_merged_customer_stops_for_the_kept_one(client, dana, stop_url):
    kept = CustomerFactory()
    Customer.objects.filter(pk=dana.pk).update(merged_into=kept)

    press(client, stop_url, "stop")

    assert "survey" not in allowed(kept)


# --- RFC 8058 ------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["urlencoded", "multipart"])
def test_one_click_stops_in_both_encodings(client, dana, stop_url, encoding):
    client.cookies.clear()
    if encoding == "multipart":
        response = client.post(stop_url, ONE_CLICK)
    else:
        response = client.post(
            stop_url,
            "List-Unsubscribe=One-Click",
            content_type="application/x-www-form-urlencoded",
        )

    assert (response.status_code, response.has_header("Location")) == (200, False)
    assert not response.cookies
    assert [row.how for row in Consent.objects.all()] == ["one_click"]


FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=b"
BODIES = {
    "empty": (b"", FORM),
    "empty, without a type": (b"", None),
    "without a type": (b"List-Unsubscribe=One-Click", None),
    "an empty type": (b"List-Unsubscribe=One-Click", ""),
    "a type that is none": (b"List-Unsubscribe=One-Click", "; ; =utf-8"),
    "text/plain": (b"List-Unsubscribe=One-Click", "text/plain"),
    "a line end behind it": (b"List-Unsubscribe=One-Click\r\n", FORM),
    "lower case": (b"list-unsubscribe=one-click", FORM),
    "upper case": (b"LIST-UNSUBSCRIBE=ONE-CLICK", FORM),
    "as in a header": (b"List-Unsubscribe: One-Click", FORM),
    "JSON": (b'{"List-Unsubscribe": "One-Click"}', "application/json"),
    "JSON that breaks off": (b'{"List-Unsubscribe', "application/json"),
    "XML": (b"<stop/>", "application/xml"),
    "bytes": (b"\xff\xfe\x00", "application/octet-stream"),
    "half characters": (b"List-Unsubscribe=\xff\xed\xa0\x80", FORM),
    "percent signs": (b"%zz=%", FORM),
    "another charset": (b"List-Unsubscribe=One-Click", f"{FORM}; charset=iso-8859-1"),
    "no charset at all": (b"List-Unsubscribe=One-Click", f"{FORM}; charset=nonsense"),
    "multipart without a boundary": (b"--b\r\n", "multipart/form-data"),
    "multipart that breaks off": (b"--b\r\nContent-Dispos", PARTS),
    "empty multipart": (b"", PARTS),
    "multipart with other words": (
        b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\ny\r\n--b--\r\n',
        PARTS,
    ),
    "too many fields": (b"&".join(b"a=b" for _ in range(300)), FORM),
    "too large": (b"a" * (1024 * 1024 + 1), FORM),
    "a file that is too large": (
        b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
        + b"a" * (1024 * 1024)
        + b"\r\n--b--\r\n",
        PARTS,
    ),
    "our buttons, without our act": (b"choice=stop", FORM),
}


def post_raw(client, url, body, content_type, **more):
    extra = {} if content_type is None else {"CONTENT_TYPE": content_type}
    return client.generic("POST", url, body, content_type="", **extra, **more)


@pytest.mark.parametrize("name", BODIES)
def test_any_post_that_is_not_our_form_is_a_stop(client, dana, stop_url, name):
    """RFC 8058: mail programs take any answer for done and never follow a redirect."""
    body, content_type = BODIES[name]

    response = post_raw(client, stop_url, body, content_type)

    assert (response.status_code, response.content) == (200, b"OK\n")
    assert not response.has_header("Location")
    assert not response.cookies
    assert allowed(dana) == {"transactional", "loyalty"}
    assert [row.how for row in Consent.objects.all()] == ["one_click"]


@pytest.mark.parametrize("body", [b"", b"List-Unsubscribe=One-Click"])
def test_nothing_above_the_page_redirects_or_refuses_a_one_click(
    client, dana, stop_url, settings, body
):
    """Neither for TLS, as in production, nor for a slash that was cut off."""
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(stop_url).status_code == 301

    for url in (stop_url, stop_url.rstrip("/"), stop_url.rstrip("/") + ">"):
        response = post_raw(client, url, body, FORM)

        assert (response.status_code, response.content) == (200, b"OK\n")
        assert "survey" not in allowed(dana)
        consent.grant(dana, categories=[Category.SURVEY], how="undo", now=NOW)


def test_our_own_form_still_leads_back_to_its_page(client, dana, stop_url):
    response = press(client, stop_url, "stop")

    assert response.redirect_chain
    assert "Stopped." in response.content.decode()


def test_one_click_needs_no_token_of_ours_and_no_own_origin(dana, stop_url):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    response = strict.post(
        stop_url,
        ONE_CLICK,
        headers={"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"},
    )

    assert response.status_code == 200
    assert Consent.objects.count() == 1


def test_one_click_twice_is_once(client, dana, stop_url):
    answers = [client.post(stop_url, ONE_CLICK) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert Consent.objects.count() == 1


def test_one_click_stops_only_the_class_of_its_mail(client, dana, stop_url):
    client.post(stop_url, ONE_CLICK)

    assert allowed(dana) == {"transactional", "loyalty"}


def test_an_erased_customer_is_shown_the_truth(client, dana, stop_url):
    Customer.objects.update(erased_at=NOW, email="", email_norm="")

    assert client.post(stop_url, ONE_CLICK).status_code == 200
    read(client.get(stop_url), "no longer works", status=404)


# --- Links that open nothing ---------------------------------------------------------


def damaged(token):
    flip = "A" if token[-1] != "A" else "B"
    return {
        "altered": token[:-1] + flip,
        "another customer": token.replace("us", "us1", 1),
        "another class": "ul" + token[2:],
        "truncated": token[:-1],
        "doubled": token + token,
        "upper-cased": token.upper(),
        "empty signature": token.split("~")[0] + "~",
        "random": "x" * 32,
        "NUL": token[:5] + "\x00" + token[5:],
    }


@pytest.mark.parametrize("damage", list(damaged("us1~" + "a" * 43)))
def test_a_damaged_token_gets_the_same_page_and_does_nothing(
    client, dana, stop_url, damage
):
    token = damaged(stop_url.split("/")[2])[damage]
    quoted = token.replace("\x00", "%00")

    answers = [
        client.get(f"/u/{quoted}/"),
        client.post(f"/u/{quoted}/", {"choice": "everything", "act": "a" * 16}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert "This link no longer works" in answers[0].content.decode()
    assert len({answer.content for answer in answers}) == 1
    assert not Consent.objects.exists()


@pytest.mark.parametrize("damage", list(damaged("us1~" + "a" * 43)))
def test_one_click_with_a_damaged_token_gets_the_normal_answer_and_does_nothing(
    client, dana, stop_url, damage
):
    token = damaged(stop_url.split("/")[2])[damage].replace("\x00", "%00")

    forged = client.post(f"/u/{token}/", ONE_CLICK)

    assert not Consent.objects.exists()
    real = client.post(stop_url, ONE_CLICK)
    assert (forged.status_code, forged.content) == (200, real.content)
    assert forged.headers == real.headers
    assert Consent.objects.exists()


@pytest.mark.parametrize(
    "junk",
    [".", ")", ">", "%20", "=", "&utm_source=x", "%22", ").", "/)", "/.", "/%20"],
)
def test_junk_that_mail_programs_append_is_dropped(client, dana, stop_url, junk):
    response = client.get(stop_url.rstrip("/") + junk, follow=True)

    assert "Stop survey emails" in response.content.decode()


def test_a_token_of_one_purpose_opens_nothing_else(client, dana, stop_url, choose_url):
    for url in (stop_url.replace("/u/", "/p/"), choose_url.replace("/p/", "/u/")):
        read(client.get(url), "no longer works", status=404)


def test_links_survive_a_new_secret_key(client, dana, stop_url, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-" + "y" * 50

    read(client.get(stop_url), "</form>")


# --- The preference page -------------------------------------------------------------


def choices(*ticked, language="en"):
    return {**dict.fromkeys(ticked, "on"), "language": language}


def ticked_in(page):
    boxes = re.findall(r"<input[^>]+type=\"checkbox\"[^>]*>", page.content.decode())
    return {re.search(r'name="(\w+)"', box)[1] for box in boxes if "checked" in box}


def test_boxes_show_what_is_allowed_and_no_more(client, dana, choose_url):
    assert ticked_in(client.get(choose_url)) == {"survey", "loyalty"}


def test_saving_what_stands_writes_nothing(client, dana, choose_url):
    client.post(choose_url, choices("survey", "loyalty"))

    assert not Consent.objects.exists()


def test_ticking_offers_is_a_recorded_yes(client, dana, choose_url):
    page = client.post(
        choose_url, choices("survey", "loyalty", "marketing"), follow=True
    )

    (row,) = Consent.objects.all()
    assert (row.category, row.granted, row.how) == (
        "marketing",
        True,
        "preference_page",
    )
    assert row.wording_version
    assert "Your choices are saved" in page.content.decode()


def test_clearing_a_box_withdraws(client, dana, choose_url):
    MessageFactory(customer=dana)

    client.post(choose_url, choices("loyalty"))

    assert allowed(dana) == {"transactional", "loyalty"}
    assert Message.objects.get().state == "suppressed"


def test_the_language_is_kept_and_spoken_at_once(client, dana, choose_url):
    page = client.post(
        choose_url, choices("survey", "loyalty", language="he"), follow=True
    )

    dana.refresh_from_db()
    assert dana.language == "he"
    assert 'dir="rtl"' in page.content.decode()


def test_a_language_we_do_not_have_is_refused_in_words(client, dana, choose_url):
    page = client.post(choose_url, choices("survey", language="tlh"))

    assert page.status_code == 422
    assert "There is a problem" in page.content.decode()
    assert not Consent.objects.exists()


def test_a_pause_lasts_three_months_and_can_be_ended(client, dana, choose_url):
    client.post(choose_url, choices("survey", "loyalty", "pause"))
    client.post(choose_url, choices("survey", "loyalty", "pause"))

    (hold,) = Hold.objects.all()
    assert hold.until == datetime(2027, 2, 21, 12, tzinfo=UTC)
    assert hold.categories == ["birthday", "loyalty", "marketing", "survey"]
    assert "pause" in ticked_in(client.get(choose_url))

    client.post(choose_url, choices("survey", "loyalty"))

    hold.refresh_from_db()
    assert hold.released_at == NOW


# --- A preference page that has aged -------------------------------------------------


def drawn_in(page):
    return re.search(r'name="drawn" value="([^"]*)"', page.content.decode())[1]


def test_a_box_left_alone_on_an_old_page_allows_nothing_again(
    client, dana, stop_url, choose_url
):
    """The page stood open while surveys were stopped from the mail program."""
    drawn = drawn_in(client.get(choose_url))
    client.post(stop_url, ONE_CLICK)

    page = client.post(
        choose_url, {**choices("survey", "loyalty", language="he"), "drawn": drawn}
    )

    assert page.status_code == 409
    assert "survey" not in allowed(dana)
    assert Consent.objects.count() == 1
    assert ticked_in(page) == {"loyalty"}
    dana.refresh_from_db()
    assert dana.language == "en"


def test_the_page_drawn_anew_keeps_what_was_typed_and_then_saves(
    client, dana, stop_url, choose_url
):
    drawn = drawn_in(client.get(choose_url))
    client.post(stop_url, ONE_CLICK)
    asked = {**choices("survey", "loyalty", "marketing"), "drawn": drawn}
    page = client.post(choose_url, asked)
    assert "nothing is saved yet" in page.content.decode()
    assert ticked_in(page) == {"loyalty", "marketing"}

    asked = {**choices("survey", "loyalty", "marketing"), "drawn": drawn_in(page)}
    saved = client.post(choose_url, asked, follow=True)

    assert "Your choices are saved" in saved.content.decode()
    assert allowed(dana) == {"transactional", "survey", "loyalty", "marketing"}


def test_a_box_cleared_on_an_old_page_stops_at_once(client, dana, stop_url, choose_url):
    drawn = drawn_in(client.get(choose_url))
    client.post(stop_url, ONE_CLICK)

    client.post(choose_url, {**choices("loyalty"), "drawn": drawn})

    assert allowed(dana) == {"transactional", "loyalty"}


def test_an_old_page_ends_no_pause_that_it_never_showed(client, dana, choose_url):
    drawn = drawn_in(client.get(choose_url))
    pauses.pause(dana, by_staff=True, now=NOW)

    page = client.post(choose_url, {**choices("survey", "loyalty"), "drawn": drawn})

    assert page.status_code == 409
    assert "pause" in ticked_in(page)
    assert pauses.standing_pause(dana, now=NOW)


def test_the_same_choices_twice_and_back_and_forth(client, dana, choose_url):
    """Twice is once; after Back the page is an old one, and shows it."""
    drawn = drawn_in(client.get(choose_url))
    cleared = {**choices("loyalty"), "drawn": drawn}
    for _ in range(2):
        assert client.post(choose_url, cleared).status_code == 302
    assert Consent.objects.count() == 1

    back = {**choices("survey", "loyalty"), "drawn": drawn}
    page = client.post(choose_url, back)
    assert page.status_code == 409

    client.post(choose_url, {**back, "drawn": drawn_in(page)})
    assert allowed(dana) == {"transactional", "survey", "loyalty"}


def test_many_fields_and_strange_bodies_are_refused_politely(client, dana, choose_url):
    assert client.post(choose_url, {"survey": "on"}).status_code == 422
    assert (
        client.post(choose_url, b"\xff\xfe", content_type="text/x").status_code == 422
    )
