"""A day at the desk in a real browser: by pointer, by keyboard, without scripts."""

import pytest
from playwright.sync_api import expect

from crm.models import FollowUp, Interaction
from tests.journeys.support import PASSWORD, message_to

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def customer_path(site, name="asked"):
    return f"/customers/{site.shop.people[name].pk}/"


def test_signing_in_leads_to_today(open_page, site):
    page = open_page("/")
    expect(page).to_have_url(f"{site.url}/login/?next=/")

    page.get_by_label("Email").fill(site.shop.owner.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()
    expect(page.get_by_text("Scored 2 of 10")).to_be_visible()


def test_from_today_to_the_customer_and_their_answer(open_page):
    page = open_page("/", staff=True)

    page.get_by_role("link", name="Lea Brandt").first.click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Lea Brandt")
    expect(page.locator("#timeline")).to_contain_text("Answered 2 of 10")
    expect(page.locator("#timeline")).to_contain_text("The bag was open when it came.")


def test_a_call_is_logged_in_place(open_page, site):
    page = open_page(customer_path(site), staff=True)
    page.evaluate("window.stillHere = true")

    page.locator("#log-text").fill("Called: the grinder is set too fine.")
    page.locator("#log").get_by_role("radio", name="Call").check()
    page.locator("#log").get_by_role("button", name="Save").click()

    timeline = page.locator("#timeline")
    expect(timeline).to_contain_text("Called: the grinder is set too fine.")
    expect(page.locator("#log-text")).to_have_value("")
    assert page.evaluate("window.stillHere")
    contact = Interaction.objects.get(body="Called: the grinder is set too fine.")
    assert (contact.channel, contact.staff) == ("call", site.shop.owner)


def test_an_empty_call_is_refused_in_place(open_page, site):
    page = open_page(customer_path(site), staff=True)

    page.locator("#log").get_by_role("button", name="Save").click()

    expect(page.locator("#log")).to_contain_text("Write what was said")
    expect(page.locator("#journal .p-entry").first).to_be_visible()


def test_why_opens_the_ledger_in_place(open_page, site):
    message = message_to(site.shop.people["thanked"])
    page = open_page(customer_path(site, "thanked"), staff=True)

    page.locator(f"#why-message-{message.pk}").get_by_role("link", name="Why?").click()

    expect(page.locator(f"#message-{message.pk}")).to_contain_text(
        "Customer for 4 years on"
    )


def test_slash_searches_people(open_page):
    page = open_page("/", staff=True)

    page.keyboard.press("/")
    page.keyboard.type("brandt")
    page.keyboard.press("Enter")

    expect(page.get_by_role("link", name="Lea Brandt")).to_be_visible()
    expect(page.get_by_role("link", name="Dana Levi")).to_have_count(0)


def test_j_k_and_enter_walk_through_today(open_page):
    page = open_page("/", staff=True)
    rows = page.locator("[data-row]")
    assert rows.count() >= 2

    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(rows.nth(1)).to_have_class("p-cur")
    page.keyboard.press("k")
    expect(rows.nth(0)).to_have_class("p-cur")
    wanted = rows.nth(0).locator("[data-open]").get_attribute("href")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**{wanted}")


def test_keys_are_silent_while_somebody_types(open_page, site):
    page = open_page(customer_path(site), staff=True)

    page.locator("#log-text").click()
    page.keyboard.type("jk/c?")

    expect(page.locator("#log-text")).to_have_value("jk/c?")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_g_and_a_letter_go_to_a_page(open_page, site):
    page = open_page("/", staff=True)

    page.keyboard.press("g")
    page.keyboard.press("c")

    page.wait_for_url(f"{site.url}/customers/")


def test_a_key_by_its_place_works_on_a_hebrew_keyboard(open_page):
    """The same key as j, which types another letter there."""
    page = open_page("/", staff=True)

    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'ח', code: 'KeyJ', bubbles: true}))"
    )

    expect(page.locator("[data-row]").first).to_have_class("p-cur")


def test_from_the_outbox_to_the_mail_and_its_score_link(open_page, site):
    message = message_to(site.shop.people["asked_too"])
    page = open_page("/outbox/?tab=sent", staff=True)

    page.locator(f"#message-{message.pk} [data-open]").click()
    mail = page.frame_locator("iframe")
    with page.context.expect_page() as opened:
        mail.get_by_role("link", name="9", exact=True).click()

    survey = opened.value
    expect(survey.locator('input[name="score"][value="9"]')).to_be_checked()


def test_the_mail_frame_runs_nothing_of_the_mail(open_page, site):
    page = open_page(
        f"/outbox/{message_to(site.shop.people['asked_too']).pk}/", staff=True
    )

    frame = page.locator("iframe")
    assert "allow-scripts" not in (frame.get_attribute("sandbox") or "")
    assert "allow-same-origin" not in (frame.get_attribute("sandbox") or "")


@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        "/admin/crm/customer/",
        "/admin/crm/customer/{customer}/change/",
        "/admin/messaging/message/{message}/change/",
    ],
)
def test_the_admin_keeps_to_the_same_policy(open_page, site, path):
    """S12: what `open_page` hears of the console is asserted for every page."""
    page = open_page(path.format(**site.shop.pks), staff=True)

    expect(page.locator("#site-name")).to_be_visible()


# --- Without scripts -----------------------------------------------------------------


def test_without_scripts_a_call_can_be_logged(open_page, site):
    page = open_page(customer_path(site), staff=True, java_script_enabled=False)

    page.locator("#log-text").fill("Logged without scripts.")
    page.locator("#log").get_by_role("button", name="Save").click()

    expect(page).to_have_url(f"{site.url}{customer_path(site)}")
    expect(page.locator("#timeline")).to_contain_text("Logged without scripts.")


def test_without_scripts_a_follow_up_can_be_done(open_page, site):
    page = open_page("/", staff=True, java_script_enabled=False)
    row = page.locator(f"#follow-up-{site.shop.pks['follow_up']}")

    row.get_by_role("button", name="Done").click()

    expect(page).to_have_url(f"{site.url}/")
    expect(row).to_have_count(0)
    done = FollowUp.objects.get(pk=site.shop.pks["follow_up"])
    assert (done.state, done.done_by) == ("done", site.shop.owner)


def test_e_asks_what_came_of_an_unhappy_answer_and_enter_closes_it(open_page, site):
    page = open_page("/", staff=True)
    task = FollowUp.objects.filter(
        source_key__startswith="response:", state="open"
    ).latest("pk")
    row = page.locator(f"#follow-up-{task.pk}")
    row.get_by_role("link").first.focus()

    page.keyboard.press("e")
    line = row.get_by_label("What came of it")
    expect(line).to_be_focused()
    page.keyboard.press("Enter")
    expect(line).to_be_visible()
    page.keyboard.type("Sent a new bag")
    page.keyboard.press("Enter")

    expect(row).to_have_count(0)
    task.refresh_from_db()
    assert (task.state, task.outcome) == ("done", "Sent a new bag")


def test_the_open_tab_stands_in_view_where_there_are_many(open_page):
    page = open_page("/settings/retention/", staff=True, width=390)

    expect(page.locator(".p-tabs [aria-current]")).to_be_in_viewport(ratio=0.9)
