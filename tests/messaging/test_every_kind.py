"""Every kind of mail that the product can send renders, in every language."""

import re
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.utils import translation

from crm.models import Business, Customer
from messaging import kinds
from messaging.models import Message
from messaging.rendering import MailUrls, render, sample
from messaging.rendering.layout import layout
from messaging.rules.choices import Category

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
KINDS = [
    kind.name for kind in kinds.all_kinds() if not isinstance(kind, kinds.LetterKind)
]


@pytest.mark.django_db
@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
@pytest.mark.parametrize("name", KINDS)
def test_a_kind_renders_in_all_three_parts(name, language):
    kind = kinds.get(name)

    mail = sample(kind, language, NOW)

    direction = "rtl" if language in settings.LANGUAGES_BIDI else "ltr"
    assert mail.subject.strip()
    assert mail.text.strip()
    assert f'dir="{direction}"' in mail.html
    for part in (mail.subject, mail.text, mail.html):
        assert not re.search(r"(?i){%|{{|pz\d+zp", part)
    if kind.category is not Category.TRANSACTIONAL:
        assert "/u/" in mail.text
        assert "/u/" in mail.html


@pytest.mark.django_db
@pytest.mark.parametrize("name", KINDS)
def test_the_layout_of_a_kind_is_made_once_for_all_names(name):
    kind, shop = kinds.get(name), Business(name="Kettle", from_name="Noa")
    context = kind.sample("en", NOW)
    urls = MailUrls(
        links={name: f"https://k.example/{name}/" for name in context.links}
    )
    layout.cache_clear()

    mails = [
        render(
            Message(language="en", customer=Customer(greeting_name=person)),
            kind,
            context,
            urls=urls,
            business=shop,
        )
        for person in ("Dana", "Ruth")
    ]

    assert layout.cache_info().misses == 1
    assert [("Dana" in one.text, "Ruth" in one.text) for one in mails] == [
        (True, False),
        (False, True),
    ]


@pytest.mark.parametrize("name", KINDS)
def test_default_words_use_only_placeholders_that_staff_may_use(name):
    for field in kinds.get(name).wording:
        used = set(re.findall(r"{(\w+)}", str(field.default)))
        assert used <= {"first_name", "shop", *field.placeholders}


TRANSLATED = [code for code, _ in settings.LANGUAGES if code != "en"]


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("name", KINDS)
def test_the_default_words_of_a_kind_are_translated(name, language):
    kind = kinds.get(name)
    fields = [*kind.wording, *(one for step in kind.following for one in step.wording)]
    english, theirs = ([], [])
    for code, found in (("en", english), (language, theirs)):
        with translation.override(code):
            found += [str(field.default) for field in fields]

    # What stays empty until somebody writes it has none.
    pairs = zip(english, theirs, strict=True)
    assert [one for one, other in pairs if one and one == other] == []


@pytest.mark.django_db
@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("name", KINDS)
def test_why_they_got_the_mail_is_translated(name, language):
    kind = kinds.get(name)

    theirs = kind.sample(language, NOW).footer_reason

    assert theirs.strip()
    assert theirs != kind.sample("en", NOW).footer_reason
