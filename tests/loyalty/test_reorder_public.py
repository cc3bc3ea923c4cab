"""The page behind a reminder's link: GET shows, POST acts, everything can be undone."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from django.test import Client

from crm.models import AuditEntry, Customer, Product
from loyalty.models import ReminderItem, ReorderRefusal
from messaging.kinds import LinkTo
from messaging.models import Automation, Link, Message
from messaging.rules.choices import Purpose
from messaging.services import automations, links, planning
from tests.committed import uncommitted_rows
from tests.factories import CustomerFactory
from tests.journeys.reading import everything_stored, shown
from tests.loyalty.test_reorder_kind import buy, buys_every, product, send
from tests.pages import read, tight

NOW = datetime(2026, 6, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
DUE = date(2026, 6, 1)
LANGUAGES = ["en", "zh-hans", "zh-hant", "he"]
OWN_TWO = ("Beans 1 kg", "Tea 100 g")


@pytest.fixture(autouse=True)
def at_noon(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture(scope="module")
def reminded(django_db_setup, django_db_blocker):
    """Somebody who was reminded of beans and tea yesterday."""
    with uncommitted_rows(django_db_blocker):
        automations.ensure_automations()
        row = Automation.objects.get(kind="reorder")
        automations.switch_on(row, now=datetime(2026, 1, 1, tzinfo=UTC))
        buyer = CustomerFactory()
        remind(buyer, *OWN_TWO)
        yield buyer


@pytest.fixture
def customer(reminded, db):
    return Customer.objects.get(pk=reminded.pk)


def remind(buyer, *skus):
    for sku in skus:
        buys_every(buyer, 31, sku)
    planning.sweep(now=NOW - 2 * DAY, kinds=["reorder"])
    send(NOW - DAY)


def url_to(buyer, *, expires_at=NOW + 90 * DAY):
    mail = Message.objects.filter(customer=buyer).latest("pk")
    link = LinkTo(Purpose.REORDER, mail.pk, "/b/{token}/", expires_at)
    token = links.make(link, customer_id=buyer.pk, message_id=mail.pk)
    return f"/b/{token}/"


@pytest.fixture
def url(customer):
    return url_to(customer)


@pytest.fixture
def browser():
    return Client(enforce_csrf_checks=True)


def press(browser, url, action, sku="Beans 1 kg", **more):
    """Posts what the button posts, and follows."""
    sent = {"action": action, **more}
    if sku:
        sent["product"] = str(product(sku).pk)
    answer = browser.post(url, sent)
    assert answer.status_code == 302, answer.content.decode()
    page = browser.get(answer["Location"])
    read(page, "<html")
    return page


def buttons(page):
    html = page.content.decode()
    found = re.findall(r"<button[^>]*>(.*?)</button>", html, re.DOTALL)
    return [unescape(re.sub("<[^>]*>", "", text)).strip() for text in found]


# --- Looking -------------------------------------------------------------------------


def test_the_page_lists_what_the_mail_listed_and_why(browser, url):
    words = shown(browser.get(url))

    for name in OWN_TWO:
        assert f"You buy {name} about every 31 days, last on 1 May 2026." in words


def test_everything_is_one_press_away(browser, url):
    found = buttons(browser.get(url))

    later = ("1 week", "2 weeks", "4 weeks")
    assert found[0] == "I have enough for now"
    assert [found.count(each) for each in (*later, "Not this product")] == [2] * 4
    assert found[-1] == "Stop these reminders"


def test_what_else_we_send_is_one_link_away(browser, url):
    html = browser.get(url).content.decode()

    (preferences,) = re.findall(r'href="(/p/[^"?]+)', html)
    assert browser.get(preferences).status_code == 200


@pytest.mark.slow
def test_a_hundred_looks_change_nothing(browser, url, customer):
    pk = product("Beans 1 kg").pk
    before = everything_stored()

    for n in range(50):
        query = {"days": 7, "product": pk, "action": "refuse", "about": pk, "n": n}
        read(browser.get(url, query), "Beans 1 kg")
        browser.head(url, query)

    assert everything_stored() == before


def test_a_head_is_answered_without_words(browser, url):
    answer = browser.head(url)

    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(browser, url, method):
    assert getattr(browser, method)(url).status_code == 405


def test_the_page_is_never_stored_and_sends_no_referrer(browser, url):
    answer = browser.get(url)

    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex"


def test_names_of_products_are_only_text(browser, url):
    Product.objects.update(name='<script>alert("1")</script>')

    html = browser.get(url).content.decode()

    assert "<script" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_four_languages(browser, url, language):
    html = read(browser.get(f"{url}?lang={language}"), "Beans 1 kg")

    assert ('dir="rtl"' in html) == (language == "he")
    assert ("Remind me later" in html) == (language == "en")
    assert ("Stop these reminders" in html) == (language == "en")


def test_the_language_of_the_customer_is_the_first(browser, url, customer):
    Customer.objects.filter(pk=customer.pk).update(language="he")

    assert '<html lang="he" dir="rtl">' in tight(read(browser.get(url)))


def test_a_chosen_language_is_kept_over_an_action(browser, url):
    answer = browser.post(f"{url}?lang=he", {"action": "refuse-all"})

    assert "lang=he" in answer["Location"]
    other = browser.post(f"{url}?lang=xx", {"action": "allow-all"})
    assert "lang" not in other["Location"]


# --- Enough for now ------------------------------------------------------------------


def test_enough_puts_all_of_it_off_with_one_press_and_is_undone(browser, url):
    page = press(browser, url, "enough", sku="")

    # Half of the 31 days that it lasts them.
    words = shown(page)
    assert "You have enough for now" in words
    assert words.count("We remind you again on 17 June 2026") == 2
    assert buttons(page)[0] == "Undo"
    before = everything_stored()
    press(browser, url, "enough", sku="")
    assert everything_stored() == before

    page = press(browser, url, "not-enough", sku="")
    assert not ReminderItem.objects.filter(again_on__isnull=False).exists()
    assert buttons(page)[0] == "I have enough for now"


def test_enough_leaves_alone_what_they_said_before(browser, url):
    press(browser, url, "later", days="28")
    press(browser, url, "refuse", "Tea 100 g")

    page = press(browser, url, "enough", sku="")

    assert "Beans 1 kg We remind you again on 30 June 2026" in shown(page)
    assert ReminderItem.objects.filter(again_on__isnull=False).count() == 1


# --- Later ---------------------------------------------------------------------------


def test_later_names_the_day_and_is_undone(browser, url):
    page = press(browser, url, "later", days="14")

    words = shown(page)
    assert "We remind you again on 16 June 2026 Beans 1 kg" in words
    assert buttons(page)[0] == "Undo"
    assert ReminderItem.objects.get(again_on=date(2026, 6, 16))

    page = press(browser, url, "not-later")
    assert "We remind you again" not in shown(page)
    assert not ReminderItem.objects.filter(again_on__isnull=False).exists()


def test_the_title_shows_what_now_holds(browser, url):
    html = tight(press(browser, url, "later", days="7").content.decode())

    assert "<title>We remind you again on 9 June 2026 ·" in html


def test_the_other_products_stay_below(browser, url):
    words = shown(press(browser, url, "refuse"))

    assert "Also in this mail Tea 100 g" in words


def test_coming_back_later_shows_how_things_stand(browser, url):
    press(browser, url, "later", days="28")
    press(browser, url, "refuse", "Tea 100 g")

    words = shown(browser.get(url))

    assert "Beans 1 kg We remind you again on 30 June 2026 Undo" in words
    assert "Tea 100 g We do not remind you of this any more Undo" in words


def test_a_refresh_after_an_action_does_nothing_again(browser, url):
    page = press(browser, url, "later", days="7")
    before = everything_stored()

    again = browser.get(page.request["PATH_INFO"], {"about": product("Beans 1 kg").pk})
    read(again, "Beans 1 kg")

    assert everything_stored() == before


def test_an_address_alone_claims_nothing(browser, url):
    answer = browser.get(url, {"about": product("Beans 1 kg").pk})
    read(answer, "Beans 1 kg")
    words = shown(answer)

    assert "We remind you again" not in words
    assert "any more" not in words


# --- Not this, and none --------------------------------------------------------------


def test_a_product_is_refused_and_allowed_again(browser, url, customer):
    page = press(browser, url, "refuse")
    assert "We do not remind you of this any more Beans 1 kg" in shown(page)
    assert ReorderRefusal.objects.get(customer=customer).product.name == "Beans 1 kg"

    press(browser, url, "allow")
    assert not ReorderRefusal.objects.exists()


def test_all_is_stopped_with_one_press_and_no_reason(browser, url, customer):
    page = press(browser, url, "refuse-all", sku="")

    assert "You get no more of these reminders" in shown(page)
    assert buttons(page) == ["Undo"]
    assert ReorderRefusal.objects.get(customer=customer).product is None

    page = press(browser, url, "allow-all", sku="")
    assert "Stop these reminders" in buttons(page)
    assert not ReorderRefusal.objects.exists()


def test_stopping_twice_is_once(browser, url):
    for _ in range(2):
        press(browser, url, "refuse-all", sku="")

    assert ReorderRefusal.objects.count() == 1


def test_the_action_is_the_customers(browser, url, customer):
    press(browser, url, "refuse")

    entry = AuditEntry.objects.get(action="reorder.refused")
    assert (entry.actor_kind, entry.actor_id) == ("customer", customer.pk)
    assert entry.via == "public"


# --- How things stand ----------------------------------------------------------------


def test_what_was_bought_again_asks_nothing(browser, url, customer):
    buy(customer, NOW.date(), "Beans 1 kg")

    page = browser.get(url)

    assert "Beans 1 kg You have bought it again" in shown(page)
    assert buttons(page).count("Not this product") == 1


def test_the_first_mail_still_works_when_a_second_lists_the_product(
    browser, url, customer
):
    press(browser, url, "later", days="7")
    planning.sweep(now=NOW + 6 * DAY, kinds=["reorder"])
    send(NOW + 8 * DAY)
    second = url_to(customer)

    assert "You asked us to remind you of Beans 1 kg" in shown(browser.get(second))
    assert "Beans 1 kg" in shown(browser.get(url))
    press(browser, url, "refuse")
    assert "any more" in shown(browser.get(second))


def test_a_mail_whose_items_are_gone_reports_it(browser, url):
    ReminderItem.objects.all().delete()

    assert "There is nothing left to choose in this mail." in shown(browser.get(url))


# --- What opens nothing, and what is refused -----------------------------------------


def gone(answer):
    return answer.status_code == 404 and "This link no longer works" in shown(answer)


def test_forged_cut_and_changed_tokens_open_nothing(browser, url):
    token = url.split("/")[2]
    for forged in ("x" * 32, token[:-1], token.swapcase(), token[::-1]):
        assert gone(browser.get(f"/b/{forged}/")), forged
        assert gone(browser.post(f"/b/{forged}/", {"action": "refuse-all"})), forged
    assert not ReorderRefusal.objects.exists()


@pytest.mark.parametrize("junk", [".", ")", ">", "%20", "=", "&utm_source=mail"])
def test_what_mail_programs_append_does_no_harm(browser, url, junk):
    read(browser.get(url.rstrip("/") + junk + "/"), "</form>")


def test_a_link_ends_with_its_time(browser, customer):
    url = url_to(customer, expires_at=NOW)

    assert gone(browser.get(url))
    assert gone(browser.post(url, {"action": "refuse-all"}))


def test_a_link_ends_with_its_customer(browser, url, customer):
    Customer.objects.filter(pk=customer.pk).update(erased_at=NOW)

    assert gone(browser.get(url))
    assert gone(browser.post(url, {"action": "refuse-all"}))
    assert not ReorderRefusal.objects.exists()


def test_a_link_of_another_purpose_opens_nothing(browser, url):
    Link.objects.update(purpose=Purpose.SURVEY.value)

    assert gone(browser.get(url))


def test_a_link_to_a_message_of_another_kind_opens_nothing(browser, url):
    Message.objects.update(kind="anniversary")

    assert gone(browser.get(url))


@pytest.mark.parametrize(
    ("action", "more"),
    [("later", {"days": "7"}), ("not-later", {}), ("refuse", {}), ("allow", {})],
)
def test_a_product_of_somebody_elses_mail_is_refused(browser, url, action, more):
    other = CustomerFactory()
    remind(other, "Sencha")
    sent = {"action": action, "product": product("Sencha").pk, **more}
    before = everything_stored()

    assert browser.post(url, sent).status_code == 404
    assert everything_stored() == before


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"action": "erase"},
        {"action": "later"},
        {"action": "later", "days": "7"},
        {"action": "later", "days": "8", "product": "own"},
        {"action": "later", "days": "-7", "product": "own"},
        {"action": "later", "days": "7.0", "product": "own"},
        {"action": "later", "days": "٧", "product": "own"},
        {"action": "later", "days": "9" * 400, "product": "own"},
        {"action": "refuse", "product": "\x00"},
        {"action": "refuse", "product": "1 OR 1=1"},
        {"action": "refuse", "product": "9" * 19},
        {"action": "refuse", "product": ""},
    ],
)
def test_what_no_button_sends_changes_nothing_and_reports_it(browser, url, sent):
    if sent.get("product") == "own":
        sent = {**sent, "product": str(product("Beans 1 kg").pk)}
    before = everything_stored()

    answer = browser.post(url, sent)

    assert answer.status_code == 422
    assert "Nothing was changed." in shown(answer)
    assert everything_stored() == before


def test_a_form_of_another_site_is_refused(browser, url):
    headers = {"Sec-Fetch-Site": "cross-site"}

    answer = browser.post(url, {"action": "refuse-all"}, headers=headers)

    assert answer.status_code == 403
    assert not ReorderRefusal.objects.exists()


@pytest.mark.slow
def test_looking_takes_a_handful_of_queries(
    browser, url, customer, django_assert_max_num_queries
):
    remind(customer, *(f"Tea no {n}" for n in range(30)))
    url = url_to(customer)

    with django_assert_max_num_queries(7):
        answer = browser.get(url)

    read(answer, "<h1")
