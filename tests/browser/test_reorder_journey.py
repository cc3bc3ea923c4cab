"""A customer reorders from the mail, and another has enough; win-back stops when they
write. The mails go over SMTP, are opened and pressed in Chromium, on a phone."""

import re
from datetime import timedelta
from decimal import Decimal
from email.message import EmailMessage

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from django.utils.translation import gettext, override
from playwright.sync_api import expect

from crm.models import Product
from loyalty.models import ReminderItem
from loyalty.services import next_purchases, order_links
from messaging import kinds
from messaging.models import Message, Run
from messaging.rules.choices import Category
from messaging.services import automation_rows, automations, consent, planning
from messaging.services.delivery import deliver
from support.models import Mail, Mailbox
from support.rules.choices import MailSource
from support.services import receiving
from tests.browser.test_access import EVERYTHING, LANGUAGES, PHONE, overflow, serious
from tests.browser.test_series_journey import committed
from tests.factories import CustomerFactory, OrderFactory, OrderLineFactory
from tests.journeys.reading import paths_in
from tests.smtp_sink import running_sink

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]

DAY = timedelta(days=1)
SHOP = "https://shop.example"
NOTHING = {"status": 200, "content_type": "text/html", "body": "<h1>Basket</h1>"}


@pytest.fixture(scope="module")
def post(site, django_db_blocker, tmp_path_factory):
    """A mail server; what leaves the site in this module goes to it."""
    with (
        running_sink(tmp_path_factory.mktemp("post")) as sink,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(settings, "MAIL_TRANSPORT", "smtp")
        patch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
        patch.setattr(settings, "EMAIL_PORT", sink.port)
        with django_db_blocker.unblock():
            yield sink


@pytest.fixture(scope="module")
def reminded(post):
    """One for each language; their tea ran out twenty days ago, and the mail left."""
    now = timezone.now()
    at = now - 20 * DAY
    order_links.set_template(f"{SHOP}/cart/{{sku}}:{{quantity}}", now=now)
    tea = Product.objects.create(
        sku="SENCHA", name="Sencha 100 g", price=Decimal("9.50"), currency="EUR",
        picture=f"{SHOP}/sencha.png",
    )  # fmt: skip
    people = {
        language: CustomerFactory(
            given_name="Noa", email=f"noa-{language}@tea.example", language=language,
            external_id=f"TEA-{language}", time_zone="UTC", mail_ground="Bought",
        )
        for language in LANGUAGES
    }  # fmt: skip
    for customer in people.values():
        for ago in (93, 62, 31):
            order = OrderFactory(customer=customer, ordered_at=at - ago * DAY)
            OrderLineFactory(order=order, product=tea, quantity=2)
    next_purchases.mark([one.pk for one in people.values()], now=at - 31 * DAY)
    next_purchases.process_pending(now=at - 31 * DAY)
    planning.sweep(now=at, kinds=["reorder"])
    deliver(now=at)
    yield people
    order_links.set_template("", now=now)


def mail_to(post, customer):
    """The last that its mail server took for them: text and HTML."""
    mail = [one for one in post.mails if customer.email in one["To"]][-1]
    parts = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    return mail, *parts


def is_fine(page):
    """Nothing that axe calls serious in either colour, and as wide as its window."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += serious(page, EVERYTHING)
    return (found, overflow(page) > 0) == ([], False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_somebody_who_has_enough_says_so_with_one_press(
    open_page, post, reminded, language
):
    customer = reminded[language]
    _, text, html = mail_to(post, customer)
    phone = open_page(width=PHONE)
    phone.context.route(f"{SHOP}/**", lambda route: route.fulfill(**NOTHING))
    phone.set_content(html)
    with override(language):
        enough, undo = gettext("I have enough for now"), gettext("Undo")
        done, order = gettext("You have enough for now"), gettext("Order it again")
    link = phone.get_by_role("link", name=order)
    assert link.get_attribute("href") == f"{SHOP}/cart/SENCHA:2"
    expect(phone.get_by_role("link", name=enough)).to_be_visible()
    # What leads to the shop is the button, and declining is not.
    assert link.bounding_box()["height"] > 40
    assert enough in text

    phone.goto(paths_in(html, "/b/"))
    assert is_fine(phone)
    mine = ReminderItem.objects.filter(customer=customer)
    assert mine.get().again_on is None
    phone.get_by_role("button", name=enough).click()
    expect(phone.locator("h1")).to_have_text(done, use_inner_text=True)
    assert is_fine(phone)
    assert mine.get().again_on > timezone.now().date() + 13 * DAY
    phone.get_by_role("button", name=undo).click()
    expect(phone.get_by_role("button", name=enough)).to_be_visible()
    assert mine.get().again_on is None


def test_somebody_reorders_from_the_mail_and_the_report_says_so(
    open_page, post, reminded, tmp_path
):
    customer = reminded["en"]
    _, _, html = mail_to(post, customer)
    phone = open_page(width=PHONE)
    phone.context.route(f"{SHOP}/**", lambda route: route.fulfill(**NOTHING))
    phone.set_content(html)
    with phone.expect_popup() as opened:
        phone.get_by_role("link", name="Order it again").click()
    expect(opened.value).to_have_url(f"{SHOP}/cart/SENCHA:2")

    # What the shop took comes with its next file.
    bought = tmp_path / "orders.csv"
    on = timezone.now() - 18 * DAY
    bought.write_text(
        "order_id,customer_id,ordered_at,sku,quantity,unit_price,currency\n"
        f"W-1,TEA-en,{on:%Y-%m-%dT%H:%M:%SZ},SENCHA,2,9.50,EUR\n"
    )
    source = customer.source
    committed(lambda: call_command("import_orders", str(bought), "--source", source))
    phone.goto(f"{paths_in(html, '/b/')}")
    expect(phone.locator("main")).to_contain_text("You have bought it again")
    assert is_fine(phone)

    staff = open_page("/reorders/?within=14&back=90", staff=True)
    card = staff.locator("section", has=staff.get_by_role("heading", name="Reorder"))
    expect(card.first).to_contain_text(re.compile(r"1 of \d+ ordered what the mail"))
    expect(card.first).to_contain_text("€19.00")
    assert is_fine(staff)


def unfold(page):
    page.evaluate(
        "document.querySelectorAll('details').forEach(one => one.open = true)"
    )


@pytest.fixture(scope="module")
def missed(post):
    """One for each language, silent for three months; the first mail of three has
    left."""
    now = timezone.now()
    row = automation_rows.create(kinds.get("win_back"), now=now - 2 * DAY)
    automations.switch_on(row, now=now - 2 * DAY)
    people = {
        language: CustomerFactory(
            given_name="Ilan", email=f"ilan-{language}@tea.example", time_zone="UTC",
            mail_ground="Bought", language=language,
        )
        for language in LANGUAGES
    }  # fmt: skip
    for customer in people.values():
        for ago in (150, 120, 90):
            order = OrderFactory(customer=customer, ordered_at=now - ago * DAY)
            OrderLineFactory(order=order)
        consent.grant(
            customer, categories=[Category.MARKETING], how="preference_page", now=now
        )
    next_purchases.mark([one.pk for one in people.values()], now=now)
    next_purchases.process_pending(now=now)
    planning.sweep(now=now, kinds=["win_back"])
    deliver(now=now + timedelta(hours=12))
    planning.sweep(now=now + timedelta(hours=13), kinds=["win_back"])
    yield people, row
    automations.switch_off(row, now=timezone.now())


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_is_missed_reads_it_in_their_language(open_page, post, missed, language):
    people, _ = missed
    _, _, html = mail_to(post, people[language])
    with override(language):
        heading = gettext("We have not seen you for a while")
    phone = open_page(width=PHONE)
    phone.set_content(html)
    expect(phone.locator("body")).to_contain_text(heading)
    side = "rtl" if language == "he" else "ltr"
    expect(phone.locator("html")).to_have_attribute("dir", side)
    assert overflow(phone) <= 0


def test_asking_back_stops_when_they_write(open_page, site, post, missed):
    people, row = missed
    page = open_page(staff=True)
    mailbox = Mailbox.objects.get(pk=site.shop.pks["mailbox"])
    for customer in people.values():
        page.goto(f"/customers/{customer.pk}/")
        unfold(page)
        expect(page.get_by_text(f"{row.name}: step 2 of 3")).to_be_visible()
        answer = answer_to(mail_to(post, customer)[0], customer)
        committed(
            lambda answer=answer: receiving.receive(
                answer.as_bytes(), source=MailSource.PIPE, mailbox=mailbox,
                now=timezone.now(),
            )
        )  # fmt: skip
    now = timezone.now()
    committed(lambda: receiving.read_waiting(now=now))
    for days in range(10, 40):
        later = now + days * DAY
        committed(lambda later=later: planning.sweep(now=later, kinds=["win_back"]))

    for customer in people.values():
        assert Mail.objects.get(customer=customer).subject.startswith("Re: ")
        run = Run.objects.get(automation=row, customer=customer)
        assert (run.state, run.reason_code) == ("stopped", "stopped_wrote")
        theirs = Message.objects.filter(automation=row, customer=customer)
        assert theirs.count() == 1
        page.goto(f"/customers/{customer.pk}/")
        unfold(page)
        told = page.get_by_text(f"{row.name}: stopped after step 1 of 3")
        expect(told).to_be_visible()
        expect(told).to_contain_text("They wrote or spoke to us meanwhile")
    assert is_fine(page)


def answer_to(mail, customer):
    """They answer it."""
    answer = EmailMessage()
    answer["From"] = f"Ilan <{customer.email}>"
    answer["To"], answer["Subject"] = "help@kettle.example", f"Re: {mail['Subject']}"
    answer["Message-ID"] = f"<{customer.pk}@tea.example>"
    answer["In-Reply-To"] = answer["References"] = mail["Message-ID"]
    answer.set_content("I moved house. Do you send to Haifa?")
    return answer
