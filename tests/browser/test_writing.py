"""A mail is written where one reads: from Today, with a slash, with a picture."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_access import overflow, serious

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.slow]
# One red point.
DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGA"
    "hKmMIQAAAABJRU5ErkJggg=="
)
PASTE = """(text, dot) => {
    const bytes = Uint8Array.from(atob(dot), (one) => one.charCodeAt(0));
    const box = new DataTransfer();
    box.items.add(new File([bytes], "lid.png", { type: "image/png" }));
    text.dispatchEvent(new ClipboardEvent("paste", {
        clipboardData: box, bubbles: true, cancelable: true }));
}"""


def text_of(page):
    return page.get_by_label("Text", exact=True)


def throw_away(page):
    page.get_by_text("Throw away").click()
    page.get_by_role("button", name="Throw it away").click()
    expect(page.get_by_text("Thrown away.")).to_be_visible()


def save_replies(page):
    """By the page, because the server sees only what is committed. Once is enough."""
    for name, language, words in (
        ("Sorry for the delay", "en", "Dear {first_name}, we are sorry."),
        ("Sorry, damaged", "en", "A new one is on its way, {first_name}."),
        ("סליחה", "he", "אנחנו מצטערים, {first_name}."),
    ):
        page.goto("/settings/replies/")
        if page.get_by_role("link", name=name, exact=True).count():
            continue
        page.goto("/settings/replies/new/")
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_label("Language").select_option(language)
        page.get_by_label("Text", exact=True).fill(words)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()


def test_reply_from_today_with_a_slash_and_a_picture_and_take_it_back(open_page, site):
    page = open_page(staff=True)
    save_replies(page)
    page.goto("/?tab=team")
    page.locator("[data-row]", has_text="The bag was open").get_by_role(
        "button", name="Reply"
    ).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Answer")
    expect(page.locator("main")).to_contain_text("> The bag was open when it came.")

    text = text_of(page)
    text.focus()
    text.press("ControlOrMeta+Home")
    text.press_sequentially("Hello 🎁 /sor")
    options = page.get_by_role("option").filter(visible=True)
    expect(options).to_have_count(2)
    assert serious(page) == []
    text.press("ArrowDown")
    text.press("Enter")
    expect(text).to_have_value(re.compile(r"^Hello 🎁 A new one is on its way, Lea\."))
    expect(text).to_be_focused()
    text.press_sequentially(" See: ")
    text.evaluate(PASTE, DOT)
    expect(text).to_have_value(re.compile(r"Lea\. See: \[picture: lid\.png\]"))
    expect(page.locator(".p-thumb")).to_be_visible()
    expect(page.locator(".p-thumb")).to_have_js_property("naturalWidth", 1)
    assert serious(page) == []

    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("article", has_text="Hello 🎁")).to_be_visible()
    expect(page.locator(".p-shown")).to_have_js_property("naturalWidth", 1)
    page.get_by_role("button", name="Take it back").click()
    expect(text_of(page)).to_have_value(re.compile("picture: lid"))
    expect(page.get_by_label(re.compile("the follow-up is done"))).to_be_checked()
    throw_away(page)
    page.goto("/?tab=team")
    expect(page.locator("[data-row]", has_text="The bag was open")).to_be_visible()


def test_reply_from_an_answer_on_a_phone_in_the_customers_language(open_page, site):
    page = open_page(staff=True, width=390)
    save_replies(page)
    page.goto(f"/surveys/{site.shop.pks['survey']}/answers/")
    page.locator("[data-row]", has_text="The bag was open").get_by_role(
        "button", name="Reply"
    ).click()
    expect(page.get_by_label("Subject")).to_have_value("Your answer to our question")
    assert overflow(page) <= 0
    throw_away(page)

    asked = site.shop.people["asked"]
    page.goto(f"/inbox/{site.shop.pks['conversation']}/")
    assert overflow(page) <= 0
    page.goto(f"/drafts/{site.shop.pks['draft']}/")
    # The customer's language first.
    expect(page.locator("#saved-reply option").first).to_have_text("סליחה")
    text = text_of(page)
    text.fill("/סל")
    text.press("Tab")
    expect(text).to_have_value(f"אנחנו מצטערים, {asked.given_name}.")
    assert overflow(page) <= 0
    assert serious(page) == []


def test_the_picker_works_without_scripts(open_page, site):
    page = open_page(staff=True, java_script_enabled=False)
    save_replies(page)
    page.goto(f"/drafts/{site.shop.pks['draft']}/")
    expect(page.locator("#slash")).to_be_hidden()
    page.get_by_text("Saved replies", exact=True).last.click()
    page.locator("#saved-reply").select_option(label="Sorry, damaged (English)")
    page.get_by_role("button", name="Put in", exact=True).click()
    expect(text_of(page)).to_have_value(re.compile("A new one is on its way, Dana"))


def test_a_new_mail_is_a_draft_from_its_first_words_on(open_page):
    page = open_page("/mails/new/", staff=True, width=390)
    text_of(page).press_sequentially("Dear Dana, the lid")
    expect(page.get_by_text("Kept on the server:")).to_be_visible()
    # As whoever closes the page and comes back.
    page.goto("/drafts/")
    page.get_by_role("link", name=re.compile("Dear Dana|Without a subject")).click()
    expect(text_of(page)).to_have_value(re.compile("Dear Dana, the lid"))
    throw_away(page)


@pytest.mark.parametrize("by_key", [False, True])
def test_what_is_pressed_while_the_text_is_being_kept_waits_for_that(
    open_page, site, by_key
):
    page = open_page(staff=True)
    page.goto(f"/drafts/{site.shop.pks['draft']}/")
    held = []

    def hold(route):
        if not route.request.headers.get("hx-request"):
            return route.continue_()
        # The server has it, and the page does not know yet.
        held.append((route, route.fetch()))
        page.evaluate("document.title = 'Held'")

    page.route("**/drafts/*/", hold)
    text_of(page).press_sequentially("One more word. ")
    expect(page).to_have_title("Held")
    text_of(page).press_sequentially("And one. ")
    if by_key:
        text_of(page).press("ControlOrMeta+Enter", no_wait_after=True)
    else:
        page.get_by_role("button", name="Keep for later").click(no_wait_after=True)
    with page.expect_navigation() as arrived:
        [(route, answer)] = held
        route.fulfill(response=answer)

    # Of an older version it would be a conflict with oneself.
    assert arrived.value.status == 200
    expect(text_of(page)).to_have_value(re.compile("One more word. And one."))
