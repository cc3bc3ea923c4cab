"""Every kind of mail that the product can send renders, in every language."""

import re
from datetime import UTC, datetime

import pytest
from django.conf import settings

from messaging import kinds
from messaging.rendering import sample
from messaging.rules.choices import Category

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
KINDS = [kind.name for kind in kinds.all_kinds()]


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
        assert not re.search(r"{%|{{|pz\d+zp", part)
    if kind.category is not Category.TRANSACTIONAL:
        assert "/u/" in mail.text
        assert "/u/" in mail.html


@pytest.mark.parametrize("name", KINDS)
def test_default_words_use_only_placeholders_that_staff_may_use(name):
    for field in kinds.get(name).wording:
        used = set(re.findall(r"{(\w+)}", str(field.default)))
        assert used <= {"first_name", "shop", *field.placeholders}
