"""A photo becomes the picture of a mail, made smaller by the browser beforehand."""

from random import Random

import pytest
from playwright.sync_api import expect

from messaging.models import Automation, MailPicture, Wording
from tests.browser.test_access import look
from tests.messaging.pictures import chunk, png

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.slow]


def photo():
    """Larger than a mail may hold in bytes and in pixels."""
    note = chunk(b"tEXt", b"Comment\0" + Random(1).randbytes(800_000))
    return png(3000, 1200, more=note)


@pytest.fixture
def row(site):
    # The first: other tests of this site make more of the kind.
    found = Automation.objects.filter(kind="anniversary").earliest("pk")
    yield found
    Wording.objects.filter(step__automation=found, language="en").delete()


def test_a_photo_is_chosen_seen_and_taken_out(open_page, row):
    page = open_page(f"/automations/{row.pk}/steps/1/words/en/", staff=True)
    file = {"name": "shop.png", "mimeType": "image/png", "buffer": photo()}
    page.get_by_label("Choose a picture").set_input_files(file)
    expect(page.locator("input[type=file][data-smaller]")).to_have_count(1)

    # What is missing is said, and the photo need not be chosen again.
    page.get_by_role("button", name="Save wording").click()
    page.get_by_label("What the picture shows").fill("Our shop in the morning")
    page.get_by_role("button", name="Save wording").click()
    expect(page.locator("#status")).to_contain_text("Wording saved")

    stored = MailPicture.objects.get(name__contains="-1104x442.")
    assert stored.size < 700_000
    shown = page.get_by_role("img", name="The picture now")
    expect(shown).to_have_js_property("naturalWidth", 1104)
    mail = page.locator("iframe").last.content_frame
    expect(mail.get_by_role("img", name="Our shop in the morning")).to_be_visible()
    picture = mail.get_by_role("img").first
    expect(picture).to_have_js_property("naturalWidth", 1104)
    assert look(page) == {}

    page.get_by_label("Take it out").check()
    expect(page.locator("iframe")).to_have_count(1)
    expect(page.locator("iframe").content_frame.get_by_role("img")).to_have_count(0)
    page.get_by_role("button", name="Save wording").click()
    expect(page.get_by_role("img", name="The picture now")).to_have_count(0)
    assert "picture" not in Wording.objects.get(step__automation=row).fields
