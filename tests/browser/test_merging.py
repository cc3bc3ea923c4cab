"""A double is told of while typing, compared by keyboard, merged and undone."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from crm.models import Customer
from crm.services import custom_fields, customers, duplicates
from tests.browser.test_access import look, serious

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db,
]


@pytest.fixture(scope="module")
def pair(site, django_db_blocker):
    """Two records that are likely one person."""
    with django_db_blocker.unblock():
        facts = {"family_name": "Nordahl", "birthday": "1971-03-09"}
        now = timezone.now()
        kept = customers.create_customer(
            now=now, given_name="Signe", email="signe@x.example", notes="Tea", **facts
        )
        other = customers.create_customer(
            now=now, given_name="Signe M.", email="sm@x.example", notes="Milk", **facts
        )
        duplicates.refresh(now=now)
        return kept, other


def test_a_double_is_told_of_while_typing_and_nothing_is_lost(open_page, pair):
    page = open_page("/customers/new/", staff=True)
    page.get_by_label("Given name").fill("Signe")
    page.get_by_label("Email").fill("SIGNE@x.example")

    expect(page.get_by_text("Looks like")).to_contain_text("same email address")
    page.get_by_role("textbox", name="Notes").fill("Likes oolong")
    page.get_by_role("button", name="Save customer").click()
    expect(page.get_by_role("alert")).to_contain_text("Not saved yet")
    expect(page.get_by_role("textbox", name="Notes")).to_have_value("Likes oolong")
    assert serious(page) == []

    page.get_by_role("button", name="Somebody else").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Signe")


def test_compare_merge_and_undo_with_the_keyboard(open_page, pair):
    kept, other = pair
    page = open_page(f"/customers/{kept.pk}/", staff=True)
    page.get_by_label("More", exact=True).click()
    page.get_by_role("link", name="Merge with…").click()
    page.get_by_label("Name, address").fill("Nordahl")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Signe M. Nordahl").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("same person")

    # The arrow keys choose between the two values of a fact.
    page.get_by_role("radio", name="Email: signe@x.example").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Email: sm@x.example")).to_be_checked()
    page.get_by_label("Both texts").check()
    page.get_by_role("button", name="Merge; can be undone").click()
    expect(page.locator("aside")).to_contain_text("sm@x.example")
    expect(page.locator("aside")).to_contain_text("Merged into this record")

    page.goto(f"/customers/{other.pk}/")
    assert page.url.endswith(f"/customers/{kept.pk}/")
    page.get_by_role("button", name="Undo the merge").click()
    expect(page.locator("#status")).to_contain_text("Two records again")
    expect(page.locator("aside")).to_contain_text("signe@x.example")
    assert Customer.objects.get(pk=other.pk).is_live


KINDS = {
    "text": "Green tea", "number": "12.5", "money": {"amount": "30", "currency": "EUR"},
    "date": "2026-03-05", "choice": "a", "choices": ["a", "b"], "yes_no": True,
    "link": "https://ana.example/",
}  # fmt: skip


@pytest.fixture(scope="module")
def filled(site, django_db_blocker):
    """Two records, of which one has a field of every kind."""
    with django_db_blocker.unblock():
        now, values = timezone.now(), {}
        for kind, value in KINDS.items():
            labels = ["a", "b"] if kind.startswith("choice") else []
            field = custom_fields.create(
                label=f"Side {kind}", kind=kind, choices=labels, by=site.shop.owner,
                now=now,
            )  # fmt: skip
            values[f"custom.{field.key}"] = value
        name = {"given_name": "Ronit", "family_name": "Bar-El"}
        hers = {"given_name": "רונית", "family_name": "בר־אל", "email": "r@x.example"}
        return (
            customers.create_customer(now=now, **name),
            customers.create_customer(now=now, **hers, **values),
        )


def test_fields_of_every_kind_and_hebrew_on_a_phone(open_page, filled, settings):
    """Both records side by side as words, whatever a field holds."""
    ours, theirs = filled
    page = open_page(f"/customers/{ours.pk}/merge/?with={theirs.pk}", staff=True)
    table = page.get_by_role("table", name="Both records, fact by fact")
    for words in ("€30.00", "5 Mar 2026", "12.5", "a, b", "yes", "ana.example"):
        expect(table).to_contain_text(words)
    assert look(page) == {}

    settings.STAFF_LANGUAGES, settings.LANGUAGE_CODE = [("he", "Hebrew")], "he"
    page.reload()
    assert page.evaluate("document.documentElement.dir") == "rtl"
    assert look(page) == {}
    page.locator("button.btn-primary").click()
    expect(page.locator("aside").first).to_contain_text("r@x.example")
    assert look(page) == {}
    assert Customer.objects.get(pk=theirs.pk).merged_into_id == ours.pk
