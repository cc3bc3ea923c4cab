"""The inbox by keyboard: close, mark as spam and block, each taken back by z."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.slow]


def choose(page, word):
    """In the menu behind the three dots, without a pointer."""
    menu = page.locator("main .p-head summary[aria-label=More]")
    menu.focus()
    menu.press("Enter")
    button = page.get_by_role("button", name=word, exact=True)
    button.focus()
    button.press("Enter")


def test_spam_and_block_are_taken_back_by_a_key(open_page, site):
    page = open_page(f"/inbox/{site.shop.pks['conversation']}/", staff=True)
    state = page.get_by_role("heading", level=1)
    expect(state).to_have_text(re.compile("Open"))

    for word, said in (("Spam", "Closed as spam."), ("Block this sender", "Blocked:")):
        choose(page, word)
        expect(page.get_by_text(said)).to_be_visible()
        expect(state).to_have_text(re.compile("Spam"))
        page.keyboard.press("z")
        expect(page.get_by_text("Taken back.")).to_be_visible()
        expect(state).to_have_text(re.compile("Open"))

    page.keyboard.press("e")
    expect(page.get_by_text("It opens again when they write.")).to_be_visible()
    expect(state).to_have_text(re.compile("Closed"))
    page.keyboard.press("z")
    expect(state).to_have_text(re.compile("Open"))


# What it is asked to show, beside showing it.
SHOWN = """window.shown = []; window.Notification = class extends Notification {
    constructor(title, options = {}) {
        super(title, options);
        window.shown.push(title);
    }
}"""


def test_a_browser_tells_only_after_a_press(open_page, site):
    page = open_page(staff=True, permissions=["notifications"])
    page.add_init_script(SHOWN)
    asked = []
    page.on("request", lambda one: "/notices/?" in one.url and asked.append(one.url))
    page.goto("/settings/notices/")
    page.get_by_label("A note asks for you: Browser").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("It shows no notices yet.")).to_be_visible()
    assert asked == []

    page.get_by_role("button", name="Show notices here").click()

    expect(page.get_by_text("It shows your notices.")).to_be_visible()
    assert page.evaluate("window.shown") == ["This browser tells you from now on."]
    with page.expect_request("**/notices/?after=*"):
        page.goto("/settings/notices/")
    page.get_by_role("button", name="Stop them here").click()
    expect(page.get_by_role("button", name="Show notices here")).to_be_visible()
    page.get_by_label("A note asks for you: Browser").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
