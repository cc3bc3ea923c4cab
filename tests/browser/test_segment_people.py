"""The people of a segment: exported, changed at once, stopped and put back; and the
builder from right to left on a phone."""

import csv
import io
import threading

import pytest
from django.db import connections
from django.utils import timezone
from playwright.sync_api import expect

from crm.models import Customer
from crm.services import customers, jobs, segments
from crm.services.bulk import running
from tests.browser.test_access import look, serious
from tests.browser.test_imports import work

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]

MILL = {
    "match": "all",
    "parts": [
        {"field": "company", "is": "contains", "values": ["Mill Lane"]},
        {"match": "any", "parts": [{"field": "email", "is": "yes"}]},
    ],
}


@pytest.fixture(scope="module")
def mill(site, django_db_blocker):
    """A segment of three people."""
    with django_db_blocker.unblock():
        now = timezone.now()
        for name in ("Ada", "Bo", "דליה"):
            customers.create_customer(
                now=now, given_name=name, organisation="Mill Lane", email="m@mill.test"
            )
        return segments.create(
            name="Mill people",
            description="",
            conditions=MILL,
            by=site.shop.owner,
            now=now,
        )


def slices(number):
    """So many slices of the next job, by a worker beside the server."""

    def do_them():
        for _ in range(number):
            jobs.work(now=timezone.now(), seconds=0)
        connections.close_all()

    worker = threading.Thread(target=do_them)
    worker.start()
    worker.join()


def tagged(tag):
    return set(
        Customer.objects.filter(tags__name=tag).values_list("given_name", flat=True)
    )


def change(page, segment, tag):
    page.goto(f"/segments/{segment.pk}/")
    page.get_by_role("link", name="Change them…").click()
    page.get_by_label("Tag", exact=True).fill(tag)
    page.get_by_role("button", name="Change 3 customers").click()
    expect(page.locator("#bulk")).to_contain_text("A worker takes it up")


def test_the_people_of_a_segment_are_exported(open_page, mill):
    page = open_page(f"/segments/{mill.pk}/", staff=True)
    page.get_by_role("link", name="Export", exact=True).click()
    assert serious(page) == []
    page.get_by_role("button", name="Start the export").click()
    expect(page.locator("#job")).to_contain_text("A worker takes it up")
    work()

    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()

    text = download.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["given_name"] for row in rows} == {"Ada", "Bo", "דליה"}


def test_a_change_shows_how_far_it_is_is_cancelled_and_taken_back(
    open_page, mill, monkeypatch
):
    monkeypatch.setattr(running, "SLICE", 1)
    page = open_page(staff=True)
    change(page, mill, "market")
    slices(2)
    expect(page.locator("#bulk")).to_contain_text("Done: 1 of 3")
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "33")
    assert look(page) == {}
    assert len(tagged("market")) == 1

    page.get_by_role("button", name="Cancel it").click()
    work()
    expect(page.locator("#bulk")).to_contain_text("Changed: 1")
    expect(page.locator("#bulk h2")).to_contain_text("Cancelled")
    page.get_by_role("button", name="Take it back").click()
    work()
    expect(page.locator("#bulk")).to_contain_text("As before again: 1")
    assert tagged("market") == set()


def test_a_change_of_all_is_taken_back_but_for_whom_somebody_changed(open_page, mill):
    page = open_page(staff=True)
    change(page, mill, "harvest")
    work()
    expect(page.locator("#bulk")).to_contain_text("Changed: 3")
    assert tagged("harvest") == {"Ada", "Bo", "דליה"}
    assert look(page) == {}

    page.get_by_role("button", name="Take it back").click()
    work()
    expect(page.locator("#bulk")).to_contain_text("As before again: 3")
    assert tagged("harvest") == set()


def middle(locator):
    box = locator.bounding_box()
    return box["y"] + box["height"] / 2


def test_builder_and_list_from_right_to_left_on_a_phone(open_page, mill, settings):
    """In both colours. What is not translated stands there in English."""
    settings.STAFF_LANGUAGES, settings.LANGUAGE_CODE = [("he", "Hebrew")], "he"
    page = open_page("/segments/new/", staff=True, width=390, is_mobile=True)
    assert page.evaluate("document.documentElement.dir") == "rtl"
    page.locator("[name='0.field']").select_option("company")
    page.locator("input.form-control[name='0.values']").fill("Mill Lane")
    page.locator("[name=do][value='group:']").click()
    page.locator("[name='1.0.field']").select_option("email")
    expect(page.locator("#builder")).to_contain_text("דליה")
    assert look(page) == {}
    page.locator("[name=name]").fill("טחנה")
    page.locator("[name=do][value=save]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("טחנה")
    assert look(page) == {}

    page.goto("/segments/")
    expect(page.locator("main")).to_contain_text("טחנה")
    assert look(page) == {}
    page.goto(f"/customers/?segment={mill.pk}")
    expect(page.locator("tbody")).to_contain_text("דליה")
    assert look(page) == {}
    page.set_viewport_size({"width": 390, "height": 780})
    for name in ("owner", "segment"):
        label, choice = page.locator(f"label[for={name}]"), page.locator(f"#{name}")
        assert middle(label) == pytest.approx(middle(choice), abs=8), name
