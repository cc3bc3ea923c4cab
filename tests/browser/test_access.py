"""Everybody can use every page: axe, both colours, phones, and the narrowest screen."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect

from tests.browser.conftest import new_browser, reading
from tests.journeys.support import message_to

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.slow]

LANGUAGES = ["en", "he", "zh-hans", "zh-hant"]
DESKTOP, PHONE, NARROW = 1280, 390, 320
# Every rule of axe's own choice, or what a change of colours can break.
EVERYTHING = {"resultTypes": ["violations"], "iframes": False, "preload": False}
CONTRASTS = ["color-contrast", "link-in-text-block"]
COLOURS = EVERYTHING | {"runOnly": CONTRASTS}
# What another direction and language can break: what lies over what, what is scrolled.
LANGUAGE = ["html-has-lang", "html-lang-valid", "valid-lang"]
MIRRORED = COLOURS | {"runOnly": [*CONTRASTS, *LANGUAGE, "scrollable-region-focusable"]}
# A page takes Chromium some seconds: each is looked at in both colours and at both
# widths, and every fourth of staff in each of the four ways.
TWO_WAYS = [(DESKTOP, "light", EVERYTHING), (PHONE, "dark", EVERYTHING)]
EACH_WAY = [*TWO_WAYS, (DESKTOP, "dark", COLOURS), (PHONE, "light", COLOURS)]
RUN = """options => axe.run(document, options).then(found => found.violations
    .filter(rule => ["serious", "critical"].includes(rule.impact))
    .flatMap(rule => rule.nodes.map(
        node => `${rule.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`)))"""
STAFF = [
    "/",
    "/?tab=team",
    "/?tab=done",
    "/customers/",
    "/customers/?q=nobody-has-this-name",
    "/customers/new/",
    "/customers/{customer}/",
    "/customers/{regular}/",
    "/customers/{customer}/edit/",
    "/customers/{customer}/facts/email/",
    "/companies/",
    "/companies/new/",
    "/companies/{company}/",
    "/companies/{company}/edit/",
    "/companies/{company}/delete/",
    "/customers/{customer}/companies/link/",
    "/customers/{customer}/contracts/new/",
    "/customers/{customer}/contracts/{subscription}/",
    "/customers/{customer}/contracts/{subscription}/cancel/",
    "/customers/{customer}/addresses/new/",
    "/customers/{customer}/addresses/{address}/",
    "/customers/{customer}/addresses/{address}/remove/",
    "/customers/{customer}/interactions/",
    "/customers/{customer}/follow-ups/new/",
    "/customers/{customer}/merge/",
    "/customers/{customer}/merge/?with={regular}",
    "/programmes/",
    "/programmes/{programme}/?forecast=1",
    "/programmes/new/",
    "/programmes/{programme}/edit/",
    "/programmes/{programme}/rules/?event=step",
    "/earning-rules/{earning_rule}/",
    "/members/",
    "/members/{membership}/",
    "/till/members/",
    "/till/customers/{customer}/",
    "/returns/",
    "/returns/?tab=decided",
    "/returns/{unmatched_return}/",
    "/duplicates/",
    "/duplicates/exact/",
    "/duplicates/exact/{merge_job}/",
    "/interactions/{interaction}/edit/",
    "/follow-ups/",
    "/follow-ups/{follow_up}/",
    "/inbox/?tab=unassigned",
    "/inbox/",
    "/inbox/{conversation}/",
    "/inbox/{conversation}/parts/",
    "/inbox/{conversation}/forward/",
    "/inbox/{conversation}/contacts/",
    "/inbox/{conversation}/follow-ups/",
    "/inbox/?q=where&kind=question",
    "/inbox/{conversation}/?html={mail}",
    "/drafts/",
    "/mails/new/?customer={customer}",
    "/drafts/{draft}/",
    "/settings/replies/",
    "/settings/replies/new/",
    "/settings/replies/{saved_reply}/",
    "/raw-mails/",
    "/settings/away/",
    "/settings/notices/",
    "/settings/rules/",
    "/settings/rules/new/",
    "/settings/rules/{inbox_rule}/",
    "/mailboxes/",
    "/mailboxes/new/",
    "/mailboxes/{mailbox}/",
    "/mailboxes/{mailbox}/automatic/",
    "/mailboxes/{mailbox}/consent/",
    "/outbox/",
    "/outbox/?tab=held",
    "/outbox/?tab=decide",
    "/outbox/?tab=sent",
    "/outbox/?tab=failed",
    "/outbox/{message}/",
    "/outbox/{message}/?show=text",
    "/surveys/",
    "/surveys/{survey}/",
    "/surveys/{survey}/answers/",
    "/surveys/{survey}/comments/",
    "/surveys/{survey}/after/",
    "/surveys/themes/",
    "/surveys/themes/new/",
    "/surveys/themes/{theme}/",
    "/surveys/{survey}/who-is-asked/",
    "/surveys/{survey}/requests/",
    "/surveys/{survey}/asked/",
    "/surveys/new/",
    "/surveys/{survey}/questions/",
    "/surveys/{survey}/question/reason/",
    "/surveys/{survey}/thanks/",
    "/reviews/",
    "/insights/",
    "/insights/money/",
    "/insights/money/?months=3&by=country&value=-",
    "/insights/signals/",
    "/insights/definition/",
    "/insights/retention/",
    "/insights/retention/?unit=year&by=country",
    "/insights/cohorts/",
    "/insights/churn/",
    "/insights/marks/new/",
    "/insights/where-from/",
    "/insights/where-from/?unit=year&by=country&value=-",
    "/insights/save-list/",
    "/insights/where-from/spend/",
    "/insights/people/?group=end&basis=orders&first=2024-01-01&last=2027-01-01",
    "/insights/scores/",
    "/insights/programmes/{programme}/",
    "/insights/programmes/{programme}/people/?what=open",
    "/rewards/",
    "/rewards/new/",
    "/rewards/new/?kind=discount&fulfilment=code",
    "/rewards/{reward}/",
    "/rewards/{reward}/edit/",
    "/grants/{grant}/",
    "/customers/{customer}/rewards/",
    "/gifts/",
    "/gifts/?tab=all",
    "/gifts/labels/?ids={letter}",
    "/gifts/cards/?ids={letter}",
    "/grants/{letter}/",
    "/till/",
    "/till/file/",
    "/surveys/{survey}/links/",
    "/surveys/{survey}/links/new/",
    "/survey-links/{link}/",
    "/survey-links/{link}/print/?lang=he",
    "/automations/",
    "/automations/people/",
    "/calendar/",
    "/calendar/?with={automation}",
    "/automations/{automation}/",
    "/automations/{automation}/?change=all",
    "/automations/{automation}/on/",
    "/automations/{automation}/steps/1/words/he/",
    "/automations/{automation}/versions/",
    "/automations/{automation}/versions/move/",
    "/automations/{automation}/versions/1/settings/",
    "/automations/{automation}/copy/",
    "/automations/new/",
    "/automations/{automation}/holdout/",
    "/campaigns/{campaign}/",
    "/automations/new/anniversary/",
    "/bulk/new/?ids={customer}",
    "/bulk/{bulk_run}/",
    "/segments/",
    "/segments/{segment}/",
    "/segments/{segment}/history/?compare={snapshot}",
    "/imports/",
    "/imports/new/",
    "/imports/{import_draft}/",
    "/imports/{import_draft}/read/",
    "/imports/{import_draft}/try/",
    "/imports/runs/{import_run}/",
    "/settings/",
    "/settings/shop/",
    "/settings/me/",
    "/settings/security/",
    "/settings/security/second-step/",
    "/settings/team/",
    "/settings/fields/",
    "/settings/fields/new/",
    "/settings/fields/{custom_field}/",
    "/settings/fields/{custom_field}/archive/",
    "/reorders/",
    "/reorders/people/",
    "/settings/goes-with/",
    "/settings/order-link/",
    "/settings/goes-with/products/{product}/",
    "/settings/name-days/",
    "/settings/name-days/{name_days}/",
    "/jobs/",
    "/jobs/{job}/",
    "/exports/new/",
    "/customers/{customer}/erase/",
    "/customers/{customer}/personal-data/",
    "/settings/retention/",
    "/mailboxes/consent/",
]
# Pages that a form leads to: where it stands, and which it is.
ANSWERS = [
    ("/customers/{customer}/personal-data/", "main form"),
    ("/inbox/{conversation}/", "form[action$='/notes/']"),
    ("/inbox/{conversation}/", "form[action$='/forward/']"),
]
SEND = "form => document.querySelector(form).submit()"
PUBLIC = [
    "survey",
    "no",
    "share",
    "answered",
    "review",
    "reviewed",
    "reminder",
    "stop",
    "member",
    "preferences",
    "contact",
    "thanks",
    "published",
    "dead",
]
FIXED = {
    "thanks": "/contact/thanks/",
    "dead": "/s/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/",
}


def serious(page, options=EVERYTHING):
    """What axe calls serious or critical, with where it is."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    # What is being loaded is dimmed until it is there.
    expect(page.locator(".htmx-request, [aria-busy=true]")).to_have_count(0)
    return page.evaluate(RUN, options)


def overflow(page):
    """How many pixels the page is wider than its window."""
    return page.evaluate(
        "document.scrollingElement.scrollWidth - document.documentElement.clientWidth"
    )


def look(page, ways=EACH_WAY):
    """Both colours at both widths, and how it fits the narrowest screen."""
    found = {}
    for width, scheme, options in ways:
        page.set_viewport_size({"width": width, "height": 780})
        page.emulate_media(color_scheme=scheme)
        found[f"{scheme} {width}"] = serious(page, options)
    page.set_viewport_size({"width": NARROW, "height": 640})
    found["overflow"] = overflow(page)
    return {name: what for name, what in found.items() if what}


@pytest.fixture(scope="module")
def readers(chromium, site):
    """The browser of a member of staff, and a customer's telephone."""
    found = {"staff": ([], {"staff": True}), "customer": ([], {"width": PHONE})}
    made = {
        name: (new_browser(chromium, site, complaints, **options), complaints)
        for name, (complaints, options) in found.items()
    }
    yield made
    for context, _ in made.values():
        context.close()


@pytest.fixture
def staff_page(readers):
    with reading(readers["staff"]) as page:
        yield page


@pytest.fixture
def customer_page(readers):
    with reading(readers["customer"]) as page:
        yield page


@pytest.mark.parametrize("path", STAFF)
def test_staff_pages(staff_page, site, path):
    staff_page.goto(path.format(**site.shop.pks))

    assert look(staff_page, TWO_WAYS if STAFF.index(path) % 4 else EACH_WAY) == {}


@pytest.mark.parametrize("path", STAFF)
def test_staff_pages_from_right_to_left(staff_page, site, path, settings):
    """Before the catalogue is whole: what is not translated stands there in English."""
    settings.STAFF_LANGUAGES, settings.LANGUAGE_CODE = [("he", "Hebrew")], "he"
    page = staff_page
    page.goto(path.format(**site.shop.pks))
    assert page.evaluate("document.documentElement.dir") == "rtl"

    found = serious(page, MIRRORED) if STAFF.index(path) % 2 else []
    page.set_viewport_size({"width": NARROW, "height": 640})

    assert overflow(page) <= 0
    assert found == []


@pytest.mark.parametrize(("path", "form"), ANSWERS)
def test_staff_pages_that_answer_a_form(staff_page, site, path, form):
    """What is known of somebody, a note without words, a mail that is sent on."""
    staff_page.goto(path.format(**site.shop.pks))
    # Chromium calls the page with what was wrong, of status 422, an error.
    staff_page.route("**/notes/", as_found)
    with staff_page.expect_navigation():
        staff_page.evaluate(SEND, form)

    assert look(staff_page) == {}


@pytest.mark.parametrize("path", ["/login/", "/account/forgotten/"])
def test_the_pages_before_somebody_is_known(open_page, path):
    assert look(open_page(path)) == {}


def test_a_customer_page_that_waits_for_a_reason(open_page, site):
    """Held back, undecided and failed mails beside each other."""
    for name in ("reviewed", "tomorrow"):
        page = open_page(f"/customers/{site.shop.people[name].pk}/", staff=True)
        assert look(page) == {}, name


def test_a_message_that_needs_a_decision(open_page, site):
    message = message_to(site.shop.people["tomorrow"], state="uncertain")

    assert look(open_page(f"/outbox/{message.pk}/", staff=True)) == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PUBLIC)
def test_customers_pages(customer_page, site, name, language):
    link, more = ("survey", "&decline=1") if name == "no" else (name, "")
    path = FIXED.get(name) or site.shop.links[link]
    page = customer_page
    if name == "dead":
        # Chromium calls every page of status 404 an error; served as it is, but 200.
        page.route("**/s/**", as_found)
    page.goto(f"{path}?lang={language}{more}")

    found = {}
    for scheme, options in (("light", EVERYTHING), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme)
        if problems := serious(page, options):
            found[scheme] = problems
    page.set_viewport_size({"width": NARROW, "height": 640})
    assert overflow(page) <= 0
    assert found == {}


def as_found(route):
    answer = route.fetch()
    route.fulfill(response=answer, status=200)
