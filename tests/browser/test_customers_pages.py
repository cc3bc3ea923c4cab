"""The customers' pages on a phone, in their languages and writing directions."""

import pytest
from playwright.sync_api import expect

from feedback.models import Review
from loyalty.models import ReminderItem, ReorderRefusal
from surveys.models import Response

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

PHONE = 360
SEND_ENDS_WITHIN = 680


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def score(page, number):
    return page.locator(f'.scores label:has(input[value="{number}"])')


def test_a_survey_is_answered_and_changed_on_a_phone(open_page, site):
    path = site.shop.links["survey_too"]
    page = open_page(f"{path}?score=9", width=PHONE)
    expect(page.locator('input[value="9"]')).to_be_checked()

    page.locator("textarea").fill("Quick and kind.")
    page.get_by_role("button", name="Send my answer").click()

    expect(page.get_by_role("heading")).to_have_text("Thank you. You said 9.")
    answer = Response.objects.get(customer=site.shop.people["asked_too"])
    assert (answer.score, answer.comment) == (9, "Quick and kind.")
    page.get_by_role("link", name="Change my answer").click()
    expect(page.locator("textarea")).to_have_value("Quick and kind.")
    score(page, 7).click()
    page.get_by_role("button", name="Send my answer").click()
    expect(page.get_by_role("heading")).to_have_text("Thank you. You said 7.")
    answer.refresh_from_db()
    assert (answer.score, answer.version) == (7, 2)


@pytest.mark.parametrize("language", ["en", "he", "zh-hans", "zh-hant"])
def test_send_is_in_reach_of_the_thumb_at_once(open_page, site, language):
    page = open_page(f"{site.shop.links['survey']}?lang={language}", width=PHONE)

    button = page.locator("main form button").bounding_box()

    assert button["y"] + button["height"] <= SEND_ENDS_WITHIN
    assert button["height"] >= 44
    for number in range(11):
        box = score(page, number).bounding_box()
        assert min(box["width"], box["height"]) >= 41, number


def test_the_english_scale_runs_from_left_to_right(open_page, site):
    page = open_page(f"{site.shop.links['survey']}?lang=en", width=PHONE)

    spots = [middle(score(page, number)) for number in range(11)]

    assert page.locator("html").get_attribute("dir") == "ltr"
    assert_two_rows(spots, left_to_right=True)


def test_the_hebrew_scale_is_mirrored(open_page, site):
    page = open_page(f"{site.shop.links['survey_hebrew']}", width=PHONE)

    spots = [middle(score(page, number)) for number in range(11)]

    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.locator("html").get_attribute("lang") == "he"
    assert_two_rows(spots, left_to_right=False)


def assert_two_rows(spots, *, left_to_right):
    """0 to 5, and 6 to 10 under them."""
    first, second = spots[:6], spots[6:]
    for row in (first, second):
        across = [x for x, _ in row]
        assert across == sorted(across, reverse=not left_to_right)
        assert len({round(y) for _, y in row}) == 1
    assert second[0][1] > first[0][1]


def test_a_wide_page_has_the_scale_in_one_row(open_page, site):
    page = open_page(f"{site.shop.links['survey']}?lang=en", width=720)

    assert len({round(middle(score(page, number))[1]) for number in range(11)}) == 1


def test_a_hebrew_answer_is_sent_from_the_phone(open_page, site):
    page = open_page(site.shop.links["survey_hebrew"], width=PHONE)

    score(page, 3).click()
    page.locator("textarea").fill("השקית הגיעה פתוחה")
    page.locator("main form button").click()

    expect(page.get_by_role("heading")).to_contain_text("3")
    expect(page.locator("main q")).to_contain_text("השקית הגיעה פתוחה")
    answer = Response.objects.get(customer=site.shop.people["asked_hebrew"])
    assert (answer.score, answer.language) == (3, "he")


def test_sending_without_a_score_shows_what_is_missing(open_page, site):
    page = open_page(f"{site.shop.links['survey']}?lang=en", width=PHONE)
    page.locator("textarea").fill("Typed and not lost")

    with page.expect_response("**/s/**") as answer:
        page.get_by_role("button", name="Send my answer").click()

    assert answer.value.status == 422
    expect(page.locator("textarea")).to_have_value("Typed and not lost")
    expect(page.locator(".error")).to_contain_text("Choose a number from 0 to 10")
    assert page.title().startswith("Error:")


def test_a_review_is_written_in_chinese(open_page, site):
    page = open_page(f"{site.shop.links['review_too']}?lang=zh-hant", width=PHONE)
    assert page.locator("html").get_attribute("lang") == "zh-Hant"

    page.locator('.stars label:has(input[value="4"])').click()
    page.locator("textarea").fill("味道很好，送得也快。")
    page.locator("main form button").click()

    expect(page.locator("main")).to_contain_text("味道很好，送得也快。")
    review = Review.objects.get(customer=site.shop.people["reviewer_too"])
    assert (review.stars, review.state, review.language) == (4, "held", "zh-hant")


def test_stopping_and_undoing_are_one_press_each(open_page, site):
    page = open_page(f"{site.shop.links['stop_too']}?lang=en", width=PHONE)

    page.locator("main form button").first.click()
    expect(page.get_by_role("heading")).to_have_text("Stopped.")
    page.get_by_role("button", name="Undo").click()

    expect(page.get_by_role("status")).to_contain_text("Undone")


def test_a_reminder_is_put_off_undone_and_refused_on_a_phone(open_page, site):
    page = open_page(site.shop.links["reminder_too"], width=PHONE)
    assert_thumbs_fit(page)

    page.get_by_role("group", name="Remind me later House espresso 1 kg").get_by_role(
        "button", name="2 weeks"
    ).click()
    expect(page.get_by_role("heading").first).to_contain_text("We remind you again on")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading").first).to_have_text("Your reminders")
    rooibos = page.get_by_role("region", name="Rooibos 200 g")
    rooibos.get_by_role("button", name="Not this product").click()

    heading = page.get_by_role("heading").first
    expect(heading).to_have_text("We do not remind you of this any more")
    refusal = ReorderRefusal.objects.get(customer=site.shop.people["regular_too"])
    assert refusal.product.name == "Rooibos 200 g"
    assert not ReminderItem.objects.filter(again_on__isnull=False).exists()


def assert_thumbs_fit(page):
    for button in page.locator("main button").all():
        box = button.bounding_box()
        assert box["height"] >= 44, button.inner_text()
        assert box["width"] >= 44, button.inner_text()
        # One line each: a word under its number reads as two buttons.
        assert box["height"] < 60, button.inner_text()


def test_hebrew_reminders_are_stopped_without_scripts_and_cookies(open_page, site):
    page = open_page(
        site.shop.links["reminder_hebrew"], width=PHONE, java_script_enabled=False
    )
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert_thumbs_fit(page)
    first, last = page.locator(".waits").first.locator("button").all()[::2]
    assert middle(first)[0] > middle(last)[0]

    page.locator('button[value="refuse-all"]').click()

    expect(page.locator('button[value="allow-all"]')).to_be_visible()
    refusals = ReorderRefusal.objects.filter(
        customer=site.shop.people["regular_hebrew"], product=None
    )
    assert refusals.count() == 1
    assert page.context.cookies() == []


def test_every_way_works_without_scripts_and_cookies(open_page, site):
    page = open_page(
        site.shop.links["stop_too"], width=PHONE, java_script_enabled=False
    )

    page.locator("main form button").first.click()

    expect(page.get_by_role("heading").first).to_be_visible()
    assert page.context.cookies() == []
