"""What customers read exists in every language, with the same content."""

import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from local import messages
from local.messages import LOCALES

TEMPLATES = Path(settings.BASE_DIR) / "templates"
PARTS = re.compile(r"""{% (extends|include) ["']([^"']+)["']""")
# Mails, paper, and the code that gives words to what customers see; pages besides.
READ_BY_CUSTOMERS = (
    "templates/emails/",
    "templates/_languages.html",
    "templates/crm/personal_data_print.html",
    "web/formats.py",
    "crm/customer_facts.py",
    "crm/personal_data/",
    "crm/personal_page.py",
    "feedback/personal_data.py",
    "feedback/public.py",
    "loyalty/member_words.py",
    "loyalty/personal_data.py",
    "loyalty/reward_words.py",
    # Colleagues read their mails in their own language.
    "messaging/account_kinds.py",
    "messaging/personal_data.py",
    "messaging/public",
    "messaging/templatetags/contact_line.py",
    "support/forms/contact.py",
    "support/personal_data.py",
    "surveys/personal_data.py",
    "surveys/mail_parts.py",
    "surveys/public/",
    "surveys/question_words.py",
)
# Extends the base of customers' pages, and only staff try a survey.
OF_STAFF = "templates/surveys/trial_end.html"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def parts(value):
    return value if isinstance(value, (tuple, list)) else (value,)


@cache
def extracted():
    """Reads every file of the source, which takes seconds."""
    return messages.extracted()


@cache
def pages():
    """Templates that extend a page of customers, and whatever they include."""
    names = {
        str(path.relative_to(TEMPLATES)): PARTS.findall(path.read_text())
        for path in TEMPLATES.rglob("*.html")
    }

    def is_public(name):
        above = [part for how, part in names.get(name, ()) if how == "extends"]
        return name.startswith("public/") or any(map(is_public, above))

    found = {name for name in names if is_public(name)}
    left = [*found]
    while left:
        parts_of_it = {part for _, part in names.get(left.pop(), ())} - found
        found |= parts_of_it
        left += parts_of_it
    return {f"templates/{name}" for name in found} - {OF_STAFF}


def is_read(place):
    return place in pages() or place.startswith(READ_BY_CUSTOMERS)


def seen_by_customers():
    return [
        message
        for message in extracted()
        if message.id and any(is_read(place) for place, _ in message.locations)
    ]


def test_what_customers_read_is_found():
    """A list that names what is no longer there would look at nothing."""
    places = {place for message in extracted() for place, _ in message.locations}
    gone = [
        name
        for name in READ_BY_CUSTOMERS
        if not any(place.startswith(name) for place in places)
    ]

    assert gone == []
    assert len(pages() & places) > 20


@pytest.fixture(scope="module", params=messages.LOCALES)
def catalog(request):
    return messages.read(request.param)


def test_every_word_for_customers_is_translated(catalog):
    gaps = [
        message.id
        for message in seen_by_customers()
        if not all(parts(catalog.get(parts(message.id)[0]).string))
    ]

    assert gaps == []


def is_whole(locale):
    catalog = messages.read(locale)
    return all(
        all(parts(catalog.get(parts(message.id)[0], message.context).string))
        for message in extracted()
        if message.id
    )


def test_staff_are_offered_the_languages_that_are_whole_and_no_others():
    whole = {locale.lower().replace("_", "-") for locale in filter(is_whole, LOCALES)}

    assert set(dict(settings.STAFF_LANGUAGES)) == {"en"} | whole


def test_translations_name_nothing_that_the_original_does_not(catalog):
    wrong = [
        message.id
        for message in catalog
        if message.id
        for text in parts(message.string)
        if set(PLACEHOLDER.findall(text))
        - set(PLACEHOLDER.findall(" ".join(parts(message.id))))
    ]

    assert wrong == []


def test_a_translation_keeps_every_placeholder_of_one_thing(catalog):
    lost = [
        message.id
        for message in catalog
        if message.id and isinstance(message.id, str) and message.string
        if set(PLACEHOLDER.findall(message.id))
        != set(PLACEHOLDER.findall(str(message.string)))
    ]

    assert lost == []
