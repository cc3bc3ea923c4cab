"""What customers read exists in every language, with the same content."""

import re
from functools import cache

import pytest
from django.conf import settings

from local import messages
from local.messages import LOCALES

# Pages and mails that customers see, and the code that gives them words.
READ_BY_CUSTOMERS = (
    "templates/public/",
    "templates/emails/",
    "templates/_languages.html",
    "templates/_problems.html",
    "templates/_public_field.html",
    "templates/_scale.html",
    "templates/_stars.html",
    "templates/feedback/_given_stars.html",
    "templates/feedback/_how_we_check.html",
    "templates/feedback/_review_card.html",
    "templates/feedback/review_base.html",
    "templates/feedback/review_closed.html",
    "templates/feedback/review_sent.html",
    "templates/feedback/review_write.html",
    "templates/feedback/reviews_public.html",
    "templates/crm/personal_data_print.html",
    "templates/messaging/link_gone.html",
    "templates/messaging/preferences.html",
    "templates/messaging/stop.html",
    "templates/_faces.html",
    "templates/surveys/_questions.html",
    "templates/surveys/answer_",
    "templates/surveys/link_closed.html",
    "templates/surveys/link_print.html",
    "templates/surveys/questions",
    "web/formats.py",
    "crm/customer_facts.py",
    "crm/personal_data/",
    "crm/personal_page.py",
    "feedback/personal_data.py",
    "feedback/public.py",
    "loyalty/personal_data.py",
    "loyalty/reward_words.py",
    # Colleagues read their mails in their own language.
    "messaging/account_kinds.py",
    "messaging/personal_data.py",
    "messaging/public",
    "support/personal_data.py",
    "surveys/personal_data.py",
    "surveys/mail_parts.py",
    "surveys/public/",
    "surveys/question_words.py",
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def parts(value):
    return value if isinstance(value, (tuple, list)) else (value,)


@cache
def extracted():
    """Reads every file of the source, which takes seconds."""
    return messages.extracted()


def seen_by_customers():
    return [
        message
        for message in extracted()
        if message.id
        and any(place.startswith(READ_BY_CUSTOMERS) for place, _ in message.locations)
    ]


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
