"""Files of other programs, from the upload to the timeline, in Chromium."""

import re
import threading

import pytest
from django.db import connections
from django.utils import timezone
from playwright.sync_api import expect

from crm.services import jobs
from tests.crm.export_shapes import HEADERS, STORIES, export
from tests.crm.test_import_presets import BY_NAME

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

PLAIN = "name,email,since\n"


def work():
    """A worker beside the server: what it does is committed."""

    def go_on():
        while jobs.work(now=timezone.now(), seconds=60).is_unfinished:
            pass
        connections.close_all()

    worker = threading.Thread(target=go_on)
    worker.start()
    worker.join()


def hand_up(page, name, content):
    page.goto("/imports/")
    page.get_by_role("link", name="Bring in a file").first.click()
    page.get_by_label("File").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content.encode()}
    )
    page.get_by_role("button", name="Read this file").click()


def bring_in(page):
    page.get_by_role("button", name="Try it without saving").click()
    expect(
        page.get_by_role("heading", name="Trying it. Nothing is saved.")
    ).to_be_visible()
    work()
    go_on = page.get_by_role("button", name=re.compile("Bring in [0-9]+ row"))
    go_on.click()
    work()
    expect(page.locator("#import h2").first).to_contain_text("Done")


def find(page, who):
    """Their page, by the way that people go."""
    page.get_by_role("link", name="See the customers").click()
    page.goto(f"/customers/?q={who}")
    page.locator("table th a").first.click()


@pytest.mark.slow
def test_a_plain_list_needs_three_presses(open_page):
    page = open_page("/imports/", staff=True)
    hand_up(
        page, "people.csv", "name,email,since\nTom Reed,tom@plain.example,2019-05-12\n"
    )

    bring_in(page)

    find(page, "tom@plain.example")
    expect(page.locator("main")).to_contain_text("12 May 2019")


@pytest.mark.slow
@pytest.mark.parametrize("name", STORIES)
def test_an_export_is_recognised_and_comes_to_the_timeline(open_page, name):
    content, who, words = STORIES[name]
    page = open_page("/imports/", staff=True)
    hand_up(page, f"{name}.csv", content)
    expect(page.locator("main")).to_contain_text(f"looks like {BY_NAME[name].label}")

    bring_in(page)

    find(page, who)
    for word in words:
        expect(page.locator("main")).to_contain_text(word)


@pytest.mark.slow
def test_without_scripts_it_is_the_same(open_page):
    page = open_page("/imports/", staff=True, java_script_enabled=False)
    hand_up(
        page, "people.csv", "name,email,since\nKim Roe,kim@plain.example,2019-05-12\n"
    )
    page.get_by_role("button", name="Try it without saving").click()
    work()
    page.get_by_role("link", name="Look again").click()
    page.get_by_role("button", name="Bring in 1 row").click()
    work()
    page.get_by_role("link", name="Look again").click()

    expect(page.locator("#import h2").first).to_contain_text("Done")


@pytest.mark.slow
def test_an_import_is_taken_back_from_its_page(open_page):
    page = open_page("/imports/", staff=True)
    hand_up(page, "back.csv", PLAIN + "Una Back,una@back.example,2019-05-12\n")
    bring_in(page)
    expect(page.locator("main")).to_contain_text("Can be taken back until")

    page.get_by_role("button", name="Take this import back").click()
    expect(page.locator("main")).to_contain_text("You can leave this page")
    work()

    expect(page.locator("main")).to_contain_text("Removed: 1.")
    page.goto("/customers/?q=una@back.example")
    expect(page.locator("table th a")).to_have_count(0)


@pytest.mark.slow
def test_a_list_of_products_is_read_in_words_of_shops(open_page):
    page = open_page("/imports/", staff=True)
    hand_up(
        page,
        "products.csv",
        export(
            HEADERS["shopify-products"][0],
            {
                "Handle": "kenya",
                "Title": "Kenya AA",
                "Variant SKU": "KENYA-1",
                "Variant Price": "14.50",
                "Status": "active",
            },
        ),
    )
    expect(page.locator("main")).to_contain_text(
        f"looks like {BY_NAME['shopify-products'].label}"
    )

    bring_in(page)

    page.get_by_role("link", name="See the products").click()
    row = page.locator("#result_list tbody tr", has_text="KENYA-1")
    expect(row).to_contain_text("Kenya AA")
