"""The customer's page: GET shows, POST acts, in four languages, whatever is sent."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import translation
from django.utils.html import escape

from crm.models import AuditEntry, FollowUp
from messaging.models import Link
from messaging.rules.choices import Purpose
from messaging.services import links
from surveys.models import Press, Response
from surveys.services import invitations
from tests.factories import (
    NOW,
    CustomerFactory,
    InvitationFactory,
    OrderFactory,
    OrderLineFactory,
    UserFactory,
)
from tests.pages import read, tight
from tests.surveys.conftest import everything_stored

GONE = "This link no longer works"


@pytest.fixture
def url(invitation, url_of):
    return url_of(invitation)


@pytest.fixture
def browser():
    """As browsers come: no cookies yet, and CSRF checked wherever it is checked."""
    return Client(enforce_csrf_checks=True)


def page(response):
    html = tight(response.content.decode())
    assert "</html>" in html
    return html


# --- GET shows -----------------------------------------------------------------------


def test_the_page_asks_the_question(browser, url):
    response = browser.get(url)

    assert response.status_code == 200
    assert "How likely are you to recommend us to a friend?" in page(response)
    assert page(response).count('type="radio"') == 11
    assert " checked" not in page(response)
    assert "Kettle &amp; Leaf" in page(response)


def test_the_score_pressed_in_the_mail_is_chosen_and_not_recorded(browser, url):
    response = browser.get(f"{url}?score=9")

    assert 'value="9" checked' in page(response)
    assert not Response.objects.exists()


@pytest.mark.parametrize("query", ["11", "-1", "5.5", "x", "9%20", "", "1&score=10"])
def test_a_score_that_is_none_chooses_nothing(browser, url, query):
    response = browser.get(f"{url}?score={query}")

    assert " checked" not in read(response, 'name="score"')


def test_it_shows_which_order_and_who_reads_it(browser, shop, url_of):
    customer = CustomerFactory(owner=UserFactory(name="Noa"))
    order = OrderFactory(customer=customer, number="10493", delivered_on=NOW.date())
    OrderLineFactory(order=order, product__name="Ethiopia 1 kg")
    invitation = InvitationFactory(customer=customer, order=order)

    shown = page(browser.get(url_of(invitation)))

    assert "About your order of 21 Nov:<bdi>Ethiopia 1 kg</bdi>." in shown
    assert "<bdi>Noa</bdi>and the team read every answer" in shown
    assert "order 10493 arrived on 21 November 2026" in shown


def test_the_page_is_kept_nowhere_and_sends_no_referrer(browser, url):
    response = browser.get(url)

    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"


def test_the_page_sets_no_cookie(browser, url):
    answer = browser.get(url)

    read(answer, "recommend us")
    assert not answer.cookies


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant", "he"])
def test_it_speaks_the_customers_language(browser, shop, url_of, language):
    invitation = InvitationFactory(customer=CustomerFactory(language=language))

    shown = page(browser.get(url_of(invitation)))

    with translation.override(language):
        question = translation.gettext(
            "How likely are you to recommend us to a friend?"
        )
    names = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}
    assert f'<html lang="{names.get(language, language)}"' in shown
    assert question in shown


def test_hebrew_is_mirrored_by_its_direction(browser, url):
    assert 'dir="rtl"' in page(browser.get(f"{url}?lang=he"))
    assert 'dir="ltr"' in page(browser.get(f"{url}?lang=en"))


@pytest.mark.parametrize("language", ["xx", "he'--", "../../etc", "%00"])
def test_an_unknown_language_is_the_customers_own(browser, url, language):
    response = browser.get(f"{url}?lang={language}")

    assert response.status_code == 200
    assert 'lang="en"' in page(response)


def test_a_hundred_fetches_of_a_link_change_nothing(browser, url):
    before = everything_stored()

    for number in range(50):
        read(browser.get(f"{url}?score={number % 11}"), "recommend us")
        browser.head(f"{url}?score={number % 11}&provisional=1")

    assert everything_stored() == before


def test_head_is_get_without_a_body(browser, url):
    response = browser.head(f"{url}?score=9")

    assert response.status_code == 200
    assert response.content == b""


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_other_methods_are_refused(browser, url, method):
    assert getattr(browser, method)(url).status_code == 405


# --- POST acts -----------------------------------------------------------------------


def test_an_answer_is_sent_without_a_cookie_or_script(browser, url):
    response = browser.post(url, {"score": "9", "comment": "Good coffee"})

    assert response.status_code == 302
    assert response["Location"] == url
    stored = Response.objects.get()
    assert (stored.score, stored.comment, stored.state) == (
        9,
        "Good coffee",
        "confirmed",
    )
    assert "Thank you. You said 9." in page(browser.get(url))


def test_the_customer_is_named_as_the_actor(browser, url, invitation):
    browser.post(url, {"score": "9"})

    entry = AuditEntry.objects.get(action="survey.answered")
    assert (entry.actor_kind, entry.actor_id, entry.via) == (
        "customer",
        invitation.customer_id,
        "public",
    )


def test_the_language_of_the_page_is_the_language_of_the_answer(browser, url):
    response = browser.post(f"{url}?lang=he", {"score": "2", "comment": "קרוע"})

    assert response["Location"] == f"{url}?lang=he"
    assert Response.objects.get().language == "he"
    assert FollowUp.objects.get().why == "Scored 2 of 10"


def test_refresh_back_and_a_second_tab_are_one_answer(browser, url):
    for _ in range(4):
        browser.post(url, {"score": "9", "comment": "Good"})

    assert Response.objects.get().version == 1


@pytest.mark.parametrize(
    "score",
    [
        {},
        {"score": ""},
        {"score": "11"},
        {"score": "-1"},
        {"score": "5.5"},
        {"score": "9 "},
        {"score": " 9"},
        {"score": "09"},
        {"score": "9\x00"},
        {"score": "٩"},
        {"score": "[9]"},
        {"score": "1e1"},
        {"score[]": "9"},
        {"score": ["1", "10"]},
        {"score": ["9", "9"]},
        {"score": "9" * 10_000},
    ],
)
def test_a_wrong_score_is_an_error_and_the_words_stay(browser, url, score):
    response = browser.post(url, {**score, "comment": 'My <b>"reason"</b>'})

    shown = page(response)
    assert response.status_code == 422
    assert "Choose a number from 0 to 10" in shown
    assert "My &lt;b&gt;&quot;reason&quot;&lt;/b&gt;" in shown
    assert "<title>Error: " in shown
    assert not Response.objects.exists()


@pytest.mark.parametrize("comment", ["a\x00b", "a\x1bb", "x" * 4001])
def test_words_that_cannot_be_stored_are_an_error_and_the_score_stays(
    browser, url, comment
):
    response = browser.post(url, {"score": "7", "comment": comment})

    assert response.status_code == 422
    assert "id_comment_error" in page(response)
    assert 'value="7" checked' in page(response)
    assert not Response.objects.exists()


def test_bytes_that_are_no_text_are_no_crash(browser, url):
    response = browser.post(
        url,
        b"score=7&comment=\xff\xfe%ED%A0%80",
        content_type="application/x-www-form-urlencoded",
    )

    assert response.status_code in {302, 422}


@pytest.mark.parametrize(
    "words",
    [
        '"><script>alert(1)</script>',
        "</textarea><img src=x onerror=alert(1)>",
        "{{ 7|add:7 }} {% debug %} %(x)s",
        "שלום \u202e עולם 👩‍👩‍👧",
        "=1+1",
    ],
)
def test_words_are_stored_as_they_are_and_shown_as_text(browser, url, words):
    browser.post(url, {"score": "9", "comment": words})

    assert Response.objects.get().comment == words
    shown = read(browser.get(f"{url}?change=1"), escape(words))
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://testserver.evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_of_another_site_is_refused(browser, url, headers):
    response = browser.post(url, {"score": "0"}, headers=headers)

    assert response.status_code == 403
    assert "another site" in page(response)
    assert not Response.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},  # what browsers send from a page without a referrer
        {"Origin": "http://testserver"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    ],
)
def test_our_own_form_is_taken(browser, url, headers):
    assert browser.post(url, {"score": "9"}, headers=headers).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_fifty_posts_at_once_are_one_answer(url):
    def send(_):
        try:
            return Client().post(url, {"score": "9", "comment": "Good"}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as people:
        codes = set(people.map(send, range(50)))

    assert codes == {302}
    assert Response.objects.get().version == 1


# --- Changing one's mind -------------------------------------------------------------


def test_for_a_day_the_answer_can_be_changed(browser, url):
    browser.post(url, {"score": "9", "comment": "Good"})

    thanks = page(browser.get(url))
    form = page(browser.get(f"{url}?change=1"))
    browser.post(url, {"score": "4", "comment": "Torn"})

    assert "Change my answer" in thanks
    assert 'value="9" checked' in form
    assert "Good</textarea>" in form
    assert Response.objects.get().score == 4


def test_another_score_pressed_in_the_mail_offers_the_change(browser, url):
    browser.post(url, {"score": "9"})

    assert 'value="3" checked' in page(browser.get(f"{url}?score=3"))
    assert Response.objects.get().score == 9


def test_after_a_day_the_answer_stays_and_the_holder_is_informed(
    browser, url, time_machine
):
    browser.post(url, {"score": "9"})
    time_machine.move_to(NOW + timedelta(hours=24), tick=False)

    shown = page(browser.get(f"{url}?change=1"))
    late = browser.post(url, {"score": "4"})

    assert "You said 9." in shown
    assert "Change my answer" not in shown
    assert late.status_code == 409
    assert "stays as it is" in page(late)
    assert Response.objects.get().score == 9


# --- Links that open nothing ---------------------------------------------------------


def changed_letter(token):
    return ("B" if token[0] == "A" else "A") + token[1:]


@pytest.mark.parametrize(
    "forge",
    [
        changed_letter,
        lambda token: token[:-1],
        lambda token: token + token,
        lambda token: token + "x",
        lambda token: token.swapcase(),
        lambda token: f"3D{token}",
        lambda token: "x" * 5000,
        lambda token: "%00",
        lambda token: "%ff%fe",
        lambda token: "../../etc/passwd",
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_forged_link_opens_nothing(browser, url, forge, method):
    token = url.split("/")[2]

    response = getattr(browser, method)(f"/s/{forge(token)}/", {"score": "9"})

    assert response.status_code == 404
    assert b"</h1>" in response.content
    assert not Response.objects.exists()


@pytest.mark.parametrize(
    "junk", [".", ")", ">", "=", "%20", "&utm_source=x", ").", "%3E"]
)
def test_what_mail_programs_hang_behind_a_link_is_tolerated(browser, url, junk):
    response = browser.get(f"{url.rstrip('/')}{junk}", follow=True)

    assert response.status_code == 200
    assert "How likely" in page(response)


def close_by_time(invitation, time_machine):
    time_machine.move_to(invitation.expires_at, tick=False)


def close_by_revocation(invitation, time_machine):
    invitations.revoke(invitation, now=NOW)


def close_the_link(invitation, time_machine):
    links.revoke(purpose=Purpose.SURVEY, subject_id=invitation.pk, now=NOW)


def erase_the_customer(invitation, time_machine):
    invitation.customer.erased_at = NOW
    invitation.customer.save()


def remove_the_invitation(invitation, time_machine):
    invitation.delete()


@pytest.mark.parametrize(
    "end",
    [
        close_by_time,
        close_by_revocation,
        close_the_link,
        erase_the_customer,
        remove_the_invitation,
    ],
)
def test_every_closed_link_gets_the_same_page(
    browser, invitation, url, time_machine, end
):
    end(invitation, time_machine)

    opened = browser.get(url)
    posted = browser.post(url, {"score": "9"})

    forged = browser.get("/s/" + "x" * 32 + "/")
    assert GONE in page(opened)
    assert opened.status_code == posted.status_code == forged.status_code == 404
    assert page(opened) == page(forged)
    assert not Response.objects.exists()


def test_a_link_of_another_purpose_opens_no_survey(browser, url):
    read(browser.get(url), "recommend us")
    Link.objects.update(purpose=Purpose.REVIEW.value)

    assert browser.get(url).status_code == 404


def test_the_holder_of_an_answered_link_still_sees_the_answer(
    browser, invitation, url, time_machine
):
    browser.post(url, {"score": "9"})
    time_machine.move_to(invitation.expires_at + timedelta(hours=1), tick=False)

    assert "You said 9." in page(browser.get(url))


# --- One click -----------------------------------------------------------------------


@pytest.fixture
def one_click_url(invitation, url):
    invitation.survey.one_click = True
    invitation.survey.save()
    return url


def test_the_script_comes_only_with_the_option_and_a_score(browser, one_click_url):
    assert "one-click.js" in page(browser.get(f"{one_click_url}?score=9"))
    assert "one-click.js" not in page(browser.get(one_click_url))


def test_a_press_is_kept_provisionally_and_the_form_stays(browser, one_click_url):
    response = browser.post(one_click_url, {"provisional": "1", "score": "2"})

    assert response.status_code == 204
    assert Response.objects.get().state == "provisional"
    assert not FollowUp.objects.exists()
    assert 'value="2" checked' in page(browser.get(one_click_url))


def test_sending_the_form_confirms_the_press(browser, one_click_url):
    browser.post(one_click_url, {"provisional": "1", "score": "2"})

    response = browser.post(one_click_url, {"score": "2", "comment": "Torn"})

    assert response.status_code == 302
    stored = Response.objects.get()
    assert (stored.state, stored.comment, stored.invitation.state) == (
        "confirmed",
        "Torn",
        "answered",
    )
    assert FollowUp.objects.exists()


def test_a_press_is_refused_where_the_option_is_off(browser, url):
    response = browser.post(url, {"provisional": "1", "score": "2"})

    assert response.status_code == 409
    assert not Response.objects.exists()


def test_every_press_is_reported_also_where_no_score_is_kept(browser, url):
    shown = page(browser.get(f"{url}?score=3"))
    assert 'data-name="score" data-value="3"' in shown
    assert "data-kept" not in shown

    response = browser.post(url, {"opened": "1", "score": "3"})

    assert response.status_code == 204
    assert [(one.score, one.seen) for one in Press.objects.all()] == [(3, "opened")]
    assert not Response.objects.exists()
    assert "one-click.js" not in page(browser.get(url))


def test_a_press_with_a_wrong_score_is_refused(browser, one_click_url):
    response = browser.post(one_click_url, {"provisional": "1", "score": "11"})

    assert response.status_code == 422


def test_a_no_is_kept_says_for_how_long_and_can_be_thought_over(
    browser, url, invitation
):
    assert "I would rather not answer" in page(browser.get(url))

    assert browser.post(url, {"decline": "1"}).status_code == 302

    invitation.refresh_from_db()
    assert (invitation.state, invitation.declined_at) == ("declined", NOW)
    shown = page(browser.get(url))
    assert "Thank you for telling us" in shown
    assert "before 21 Nov 2027" in shown
    assert "I would rather not answer" not in page(browser.get(f"{url}?change=1"))
    browser.post(url, {"score": "9"})
    invitation.refresh_from_db()
    assert (invitation.state, invitation.declined_at) == ("answered", None)
    assert "You said 9" in page(browser.get(url))


def test_the_no_of_the_mail_is_asked_before_it_counts(browser, url, invitation):
    """Programs open every link of a mail."""
    asked = browser.get(f"{url}?decline=1")

    assert "Would you rather not answer?" in page(asked)
    assert "before 21 Nov 2027" in page(asked)
    assert f'action="{url}"' in page(asked)
    invitation.refresh_from_db()
    assert invitation.state == "open"
    browser.post(url, {"decline": "1"})
    assert "Thank you for telling us" in page(browser.get(f"{url}?decline=1"))
    browser.post(url, {"score": "9"})
    assert "You said 9" in page(browser.get(f"{url}?decline=1"))


def test_who_answered_cannot_say_no_any_more(browser, url, invitation):
    browser.post(url, {"score": "9"})

    browser.post(url, {"decline": "1"})

    invitation.refresh_from_db()
    assert invitation.state == "answered"


def test_another_language_keeps_the_chosen_score(browser, url):
    shown = page(browser.get(f"{url}?score=9"))

    assert 'href="?score=9&amp;lang=he"' in shown
