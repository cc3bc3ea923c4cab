"""Rows of the inbox by keys alone: each key, and each choice of a row's menu."""

import re

import pytest
from playwright.sync_api import expect

from support.models import Conversation
from tests.browser.test_access import serious
from tests.browser.test_inbox import heath, row_of

__all__ = ["heath"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.slow]


def first_row(page, subject):
    """Where `j` goes to on a list that was just opened."""
    page.wait_for_load_state()
    page.keyboard.press("j")
    expect(row_of(page, subject)).to_have_class(re.compile("p-cur"))


def choose(page, words):
    """A line of the menu of the row that has the focus."""
    page.keyboard.press("Tab")
    if page.evaluate("document.activeElement.matches('[data-key=a]')"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    line = page.locator("details[open] .p-nav", has_text=re.compile(f"^\\s*{words}"))
    expect(line).to_be_visible()
    for _ in range(8):
        page.keyboard.press("Tab")
        if line.evaluate("one => one === document.activeElement"):
            break
    page.keyboard.press("Enter")


def test_keys_act_on_the_row_that_has_the_focus(open_page, heath):
    page = open_page("/inbox/?tab=unassigned", staff=True)
    keys = page.keyboard

    first_row(page, "filter")
    keys.press("e")
    expect(page.get_by_text("Closed. It opens again when they write.")).to_be_visible()
    expect(row_of(page, "filter")).to_have_count(0)
    first_row(page, "lid")
    keys.press("s")
    expect(page.get_by_text("Put aside. It comes back then")).to_be_visible()
    expect(row_of(page, "lid")).to_have_count(0)
    first_row(page, "kettle")
    keys.press("x")
    expect(row_of(page, "kettle").get_by_role("checkbox")).to_be_checked()
    keys.press("n")
    expect(page.get_by_label("Internal note", exact=True)).to_be_focused()
    page.go_back()
    first_row(page, "kettle")
    keys.press("r")
    expect(page.get_by_role("heading", level=1)).to_have_text("Answer")

    states = Conversation.objects.filter(pk__in=heath.values()).order_by("pk")
    assert [row.state for row in states] == ["open", "snoozed", "closed"]


def test_the_menu_of_a_row_is_used_without_a_pointer(open_page, heath):
    page = open_page("/inbox/?tab=unassigned", staff=True)

    first_row(page, "filter")
    choose(page, "Snooze for a week")
    expect(page.get_by_text("Put aside. It comes back then")).to_be_visible()
    expect(row_of(page, "filter")).to_have_count(0)
    first_row(page, "lid")
    choose(page, "Snooze until a day")
    expect(page.get_by_label("Until the morning of")).to_be_focused()
    page.go_back()
    first_row(page, "lid")
    choose(page, "Close with an outcome")
    expect(page.get_by_label(re.compile("How it ended"))).to_be_focused()
    page.keyboard.type("Sent a new lid")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Closed. It opens again when they write.")).to_be_visible()
    page.goto("/inbox/?tab=unassigned")
    first_row(page, "kettle")
    row_of(page, "kettle").locator("summary").click()
    assert serious(page) == []
    page.keyboard.press("Escape")
    expect(row_of(page, "kettle").get_by_role("group")).not_to_have_attribute(
        "open", ""
    )

    rows = Conversation.objects.in_bulk(heath.values())
    assert rows[heath["lid"]].outcome == "Sent a new lid"
    aside = rows[heath["filter"]]
    assert (aside.snoozed_until - aside.last_mail_at).days in (6, 7)
