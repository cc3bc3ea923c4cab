"""Machines that open every link of the mails they guard: what really left by SMTP is
opened in a browser that runs scripts, and nothing counts and nobody is stopped."""

import os
import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from messaging import kinds
from messaging.models import Automation, Consent
from messaging.services import automation_rows, automations, delivery, planning
from surveys.models import Invitation, Press, Response
from surveys.services import requests
from tests.browser.test_access import PHONE
from tests.committed import sink_in
from tests.factories import CustomerFactory, SurveyFactory
from tests.journeys.reading import urls_in
from tests.surveys.test_pages import ALL

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.slow]

MAILS = int(os.environ.get("PERENNIAL_SCANNED_MAILS", "2"))
ON_REQUEST = "survey_on_request"
STARS = 5


@pytest.fixture(scope="module")
def mails(site, django_db_blocker, tmp_path_factory):
    """What arrived for each of them, of a survey that keeps presses provisionally."""
    now = timezone.now()
    with (
        django_db_blocker.unblock(),
        sink_in(
            tmp_path_factory.mktemp("scanned"), journal=settings.JOURNAL_FOLDER
        ) as sink,
    ):
        survey = SurveyFactory(kind="csat", content=ALL, one_click=True)
        row = automation_rows.create(kinds.get(ON_REQUEST), now=now)
        Automation.objects.filter(pk=row.pk).update(send_hour=0, rests=False)
        row.refresh_from_db()
        params = {**row.params, "survey": str(survey.pk)}
        row = automations.edit(row, version=row.version, now=now, params=params)
        automations.switch_on(row, now=now - timedelta(days=2))
        people = {}
        for number in range(MAILS):
            person = CustomerFactory(email=f"scanned{number}@example.org")
            people[person.email] = person
            requests.ask(survey, customer=person, key="1", now=now - timedelta(days=1))
        planning.sweep(now=now, kinds=[ON_REQUEST])
        delivery.deliver(now=now)
        return {
            people[mail["To"].addresses[0].addr_spec]: mail
            for mail in sink.mails
            if mail["To"].addresses[0].addr_spec in people
        }


def links_in(mail, site):
    """Every address of ours, the lowest score first; that of the header, too."""
    parts = [mail.get_body((kind,)).get_content() for kind in ("plain", "html")]
    # What a scanner takes for an address, wherever it stands.
    found = {
        unescape(url).rstrip(".,)")
        for text in (*parts, str(mail["List-Unsubscribe"]))
        for url in urls_in(text)
    }
    ours = {url for url in found if url.startswith(site.url)}
    return sorted(ours, key=lambda url: (score_in(url) is None, score_in(url), url))


def score_in(url):
    found = re.search(r"[?&]score=(\d+)", url)
    return found and int(found[1])


def reported(what):
    """The page told us so, and has its answer."""
    return lambda answer: f"{what}=1" in (answer.request.post_data or "")


def visit(page, url):
    """Opened, and looked at for as long as its scripts want."""
    if score_in(url) is None:
        page.goto(url, wait_until="load")
        return
    with page.expect_response(reported("provisional")):
        with page.expect_response(reported("opened")):
            page.goto(url, wait_until="load")
        page.clock.run_for(2_500)


def test_no_machine_that_opens_every_link_gives_an_answer_or_stops_anybody(
    open_page, site, mails
):
    assert len(mails) == MAILS
    page = open_page()
    page.clock.install()
    page.route("**/*.{css,svg,png}", lambda route: route.fulfill(body=""))
    said_before = Consent.objects.filter(customer__in=mails).count()
    for customer, mail in mails.items():
        links = links_in(mail, site)
        kinds_of_links = {urlsplit(url).path.split("/")[1] for url in links}
        # To answer, to stop, to choose and see what is kept, and to tell us.
        assert {"s", "u", "p", "contact"} <= kinds_of_links
        for url in [*links, *links]:
            visit(page, url)
        # One after the other: a session of the database does not idle for long.
        response = Response.objects.get(customer=customer)
        assert (response.state, response.clashing) == ("provisional", True)
        assert Invitation.objects.get(customer=customer).state == "open"
        opened = Press.objects.filter(invitation__customer=customer, seen="opened")
        assert opened.count() == 2 * STARS
    assert Consent.objects.filter(customer__in=mails).count() == said_before
    # And each person still answers.
    person = open_page(width=PHONE)
    for customer, mail in mails.items():
        [link] = [url for url in links_in(mail, site) if score_in(url) == STARS]
        person.goto(link)
        expect(person.get_by_role("radio", name="5 of 5").first).to_be_checked()
        person.locator("button:visible").first.click()
        expect(person.locator("h2:visible")).to_have_count(1)
        response = Response.objects.get(customer=customer)
        assert (response.score, response.state) == (STARS, "confirmed")
