"""The inbox in a browser: by keys alone, from hand to hand, sent on, and by rules."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from support.models import Conversation, Mail, MailFile, RawMail
from support.rules.choices import MailSource
from support.services import receiving
from tests.browser.test_access import overflow, serious
from tests.support.mails import plain

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.slow]


def committed(work):
    """Beside the transaction of the test, so that the server sees it; what it gives."""

    def closed_afterwards():
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as beside:
        return beside.submit(closed_afterwards).result()


def arrive(what, **more):
    """A mail of somebody unknown comes in; its conversation."""
    values = {
        "sender": f"{what}@heath.example", "message_id": f"<{what}@heath.example>",
        "subject": f"Heath {what}", "at": None,
    }  # fmt: skip
    raw = plain(f"About the {what}", **{**values, **more})
    row = receiving.receive(raw, source=MailSource.PIPE, now=timezone.now())
    return Mail.objects.get(raw=row).conversation_id


def forget():
    mails = Mail.objects.filter(conversation__subject__contains="Heath")
    threads = list(mails.values_list("conversation_id", flat=True))
    raws = list(mails.values_list("raw_id", flat=True))
    MailFile.objects.filter(mail__in=mails).delete()
    mails.delete()
    Conversation.objects.filter(pk__in=threads, side_of__isnull=False).delete()
    Conversation.objects.filter(pk__in=threads).delete()
    RawMail.objects.filter(pk__in=raws).delete()


@pytest.fixture
def heath(site):
    """Three conversations that nobody has taken; ids by subject."""
    subjects = ("kettle", "lid", "filter")
    yield committed(lambda: {name: arrive(name) for name in subjects})
    committed(forget)


def row_of(page, subject):
    return page.locator("[data-row]", has_text=f"Heath {subject}")


def text_of(page):
    return page.get_by_label("Text", exact=True)


def test_a_row_is_taken_by_a_key_and_by_its_button(open_page, heath):
    page = open_page("/inbox/?tab=unassigned", staff=True)
    page.wait_for_load_state()
    page.keyboard.press("j")
    expect(row_of(page, "filter")).to_have_class(re.compile("p-cur"))

    page.keyboard.press("a")
    expect(row_of(page, "filter")).to_have_count(0)
    row_of(page, "lid").get_by_role("button", name="Take it").click()
    expect(row_of(page, "lid")).to_have_count(0)

    expect(row_of(page, "kettle")).to_be_visible()
    assert page.url.endswith("/inbox/?tab=unassigned")


def test_an_answer_a_note_and_the_end_by_keys_alone(open_page, heath):
    page = open_page("/inbox/?tab=unassigned&q=Heath", staff=True)
    expect(page.locator("[data-row]")).to_have_count(3)
    keys = page.keyboard

    def press(key):
        # A page answers to keys once its scripts are there.
        page.wait_for_load_state()
        keys.press(key)

    press("j")
    expect(row_of(page, "filter")).to_have_class(re.compile("p-cur"))
    press("j")
    expect(row_of(page, "lid")).to_have_class(re.compile("p-cur"))
    press("k")
    expect(row_of(page, "filter")).to_have_class(re.compile("p-cur"))
    press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Heath filter")

    press("n")
    expect(page.get_by_label("Internal note", exact=True)).to_be_focused()
    keys.type("Ask the mill.")
    press("ControlOrMeta+Enter")
    expect(page.locator("#notes article")).to_contain_text("Ask the mill.")

    press("r")
    expect(page.get_by_role("heading", level=1)).to_have_text("Answer")
    text_of(page).press("ControlOrMeta+Home")
    keys.type("It leaves tomorrow. r n e s")
    page.get_by_role("button", name="Send", exact=True).focus()
    press("Enter")
    expect(page.locator("article", has_text="It leaves tomorrow.")).to_be_visible()

    press("a")
    expect(page.get_by_label("To", exact=True)).to_be_focused()
    keys.type("Agent")
    press("Tab")
    press("ControlOrMeta+Enter")
    expect(page.get_by_text("Given to Agent.")).to_be_visible()
    press("s")
    expect(page.get_by_text("Put aside. It comes back then")).to_be_visible()
    press("e")
    expect(page.get_by_text("Closed. It opens again when they write.")).to_be_visible()
    assert serious(page) == []

    found = Conversation.objects.get(pk=heath["filter"])
    assert (found.state, found.assignee.name) == ("closed", "Agent")


def test_it_is_handed_over_with_a_note_that_the_colleague_sees(open_page, site, heath):
    page = open_page(f"/inbox/{heath['lid']}/", staff=True)
    page.get_by_label("To", exact=True).select_option(label="Agent")
    page.get_by_label(re.compile("What they should know")).fill("She waits since May.")
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_text("Given to Agent.")).to_be_visible()

    colleague = Client()
    committed(lambda: colleague.force_login(site.shop.staff["agent"]))
    theirs = open_page()
    cookie = {"name": "sessionid", "value": colleague.cookies["sessionid"].value}
    theirs.context.add_cookies([{**cookie, "url": site.url}])
    theirs.goto("/")
    expect(theirs.locator("main")).to_contain_text("She waits since May.")
    theirs.goto("/inbox/?tab=mine")
    row_of(theirs, "lid").get_by_role("link").first.click()
    expect(theirs.locator("#notes article")).to_contain_text("She waits since May.")
    theirs.get_by_role("button", name="I have seen it").click()
    theirs.goto("/")
    expect(theirs.get_by_text("She waits since May.")).to_have_count(0)


def test_a_supplier_is_asked_and_answers_where_only_staff_see_it(open_page, heath):
    page = open_page(f"/inbox/{heath['kettle']}/", staff=True)
    page.get_by_role("button", name="Send it on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Send on")
    page.get_by_label("To", exact=True).fill("mill@supplier.example")
    text_of(page).press("ControlOrMeta+Home")
    text_of(page).press_sequentially("Can you mend it? ")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("button", name="Take it back")).to_be_visible()
    asked = Mail.objects.get(conversation__side_of=heath["kettle"])

    committed(
        lambda: arrive(
            "price", sender="mill@supplier.example",
            answers=(f"<{asked.message_id}>",),
        )
    )  # fmt: skip

    page.goto(f"/inbox/{heath['kettle']}/")
    expect(page.locator("main")).not_to_contain_text("About the price")
    page.locator(f'a[href="{asked.conversation.get_absolute_url()}"]').first.click()
    expect(page.locator("article", has_text="About the price")).to_be_visible()
    expect(page.get_by_text("Only we see this: a mail was sent on.")).to_be_visible()
    page.get_by_role("link", name="To the conversation with the customer").click()
    page.get_by_role("button", name="Reply", exact=True).click()
    expect(page.locator("main")).to_contain_text("About the kettle")
    expect(page.locator("main")).not_to_contain_text("About the price")
    page.get_by_text("Throw away").click()
    page.get_by_role("button", name="Throw it away").click()
    expect(page.get_by_text("Thrown away.")).to_be_visible()


def test_a_rule_is_saved_only_once_it_was_tried(open_page, heath):
    page = open_page("/settings/rules/new/", staff=True, width=390)
    save = page.get_by_role("button", name="Save", exact=True)
    page.get_by_label("Name", exact=True).fill("Of the heath")
    page.get_by_label("In the subject").fill("heath, moor")
    page.get_by_label("Put this tag on").fill("Heath")
    expect(save).to_have_count(0)

    page.get_by_role("button", name="Try it on the last 100 mails").click()
    expect(page.get_by_role("heading", level=2)).to_contain_text("3 of the last 100")
    for subject in heath:
        expect(page.get_by_role("link", name=f"Heath {subject}")).to_be_visible()
    assert overflow(page) <= 0
    assert serious(page) == []

    # Another condition than the one that was tried.
    page.get_by_label("In the subject").fill("heath lid")
    save.click()
    expect(page.get_by_role("heading", level=2)).to_contain_text("1 of the last 100")
    save.click()
    rule = page.get_by_role("link", name="Of the heath")
    expect(rule).to_be_visible()

    later = committed(lambda: arrive("lid-2", subject="Heath lid, again"))
    page.goto(f"/inbox/{later}/")
    expect(page.locator("main")).to_contain_text("Heath")
    assert [tag.name for tag in Conversation.objects.get(pk=later).tags.all()] == [
        "Heath"
    ]
    page.goto("/settings/rules/")
    rule.click()
    page.get_by_text("Delete", exact=True).click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_role("link", name="Of the heath")).to_have_count(0)
