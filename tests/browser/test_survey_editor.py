"""A survey made, given a branch and put live, by keyboard alone."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_access import look

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def press(page, role, name):
    """By keyboard: what has the focus is pressed with Enter."""
    found = page.get_by_role(role, name=name, exact=True).first
    found.focus()
    page.keyboard.press("Enter")


@pytest.mark.slow
def test_make_a_survey_with_a_branch_and_put_it_live(open_page):
    page = open_page("/surveys/", staff=True)
    press(page, "link", "New survey")
    page.get_by_label("Name").fill("At the till")
    page.get_by_label("Questions of your own").focus()
    page.keyboard.press("Space")
    press(page, "button", "Make the survey")
    expect(page.get_by_role("heading", level=1)).to_have_text("At the till")

    for kind in ("Stars, 1 to 5", "Long text"):
        page.get_by_label("Add a question").select_option(label=kind)
        press(page, "button", "Add")
    expect(page.locator("#problems")).to_be_visible()
    assert look(page) == {}

    page.get_by_role("link", name="Not written yet").first.click()
    page.get_by_label("English").first.fill("How was it?")
    # The preview follows what is typed.
    preview = page.frame_locator("iframe[name=preview]")
    expect(preview.locator("body")).to_contain_text("How was it?")
    page.get_by_label("If it is").first.select_option("band:high")
    page.get_by_label("go to").first.select_option("end")
    assert look(page) == {}
    press(page, "button", "Save the question")
    page.get_by_role("link", name="Not written yet").click()
    page.get_by_label("English").first.fill("What went wrong?")
    press(page, "button", "Save the question")
    expect(page.locator("#problems")).to_have_count(0)
    expect(page.locator("#question-q1")).to_contain_text(
        "Some answers lead to: the end"
    )

    press(page, "button", "Put it live")
    expect(page.locator("main")).to_contain_text("It is live as it stands below.")
    assert look(page) == {}
