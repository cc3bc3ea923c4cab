"""A customer writes in the contact form, on a phone, with nothing but HTML."""

import pytest
from playwright.sync_api import expect

from support.models import Mail
from tests.browser.test_access import LANGUAGES, PHONE, overflow

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.slow]
WORDS = {
    "en": "The lid is broken.", "he": "המכסה שבור.", "zh-hans": "盖子坏了。",
    "zh-hant": "蓋子壞了。",
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_typed_on_a_phone_without_scripts_is_a_conversation(
    open_page, site, language
):
    address = f"phone.{language}@example.org"
    page = open_page(
        f"/contact/?lang={language}", width=PHONE, java_script_enabled=False
    )
    assert page.locator("html").get_attribute("lang").lower() == language
    assert page.locator("html").get_attribute("dir") == (
        "rtl" if language == "he" else "ltr"
    )
    assert overflow(page) <= 0

    # What is missing is said, and what is typed stays.
    page.locator("[name=text]").fill(WORDS[language])
    page.locator("main button").last.click()
    assert page.locator("[name=text]").input_value() == WORDS[language]
    page.locator("[name=email]").fill(address)
    page.locator("[name=order_number]").fill("K-2001")
    page.locator("[name=file]").set_input_files(
        {"name": "lid.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n"}
    )
    # Nobody writes faster than this.
    page.wait_for_timeout(3_100)
    page.locator("main button").last.click()
    expect(page.locator(".steps li")).to_have_count(3)
    assert overflow(page) <= 0

    mail = Mail.objects.get(from_address=address)
    assert WORDS[language] in mail.text
    assert mail.conversation.language == language
    assert [file.content_type for file in mail.files.all()] == ["image/png"]
    staff = open_page(f"/inbox/{mail.conversation_id}/", staff=True, width=PHONE)
    expect(staff.locator("article")).to_contain_text(WORDS[language])
    expect(staff.locator("article")).to_contain_text("nothing proves whose it is")
