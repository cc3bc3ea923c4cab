"""Every text that staff may reword stands in its mail: each field of the form of each
kind, the preview line, the picture and the words of an offer among them."""

import html
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from messaging import kinds, words
from messaging.kinds import MailContext
from messaging.rendering import sample
from messaging.rules.choices import Category
from messaging.services import pictures
from tests.messaging.pictures import png

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
KINDS = [kind.name for kind in kinds.swept_kinds()]


@pytest.mark.django_db
@pytest.mark.parametrize("name", KINDS)
def test_each_text_that_may_be_reworded_stands_in_the_mail(name):
    kind, picture = kinds.get(name), pictures.put_up(png(), by=None, now=NOW)
    # A step that staff put behind the others is the same of every kind.
    for origin in (1, 0) if name == KINDS[0] else (1,):
        texts = {
            field.name: own_words(field, picture)
            for field in words.fields_of(kind, origin)
        }

        shown = mails_with(kind, origin, texts)

        assert [one for one, text in texts.items() if text not in shown] == []


def own_words(field, picture):
    if field.is_picture:
        return picture.name
    return f"{'https://shop.example/' * field.is_url}words-of-{field.name}."


def mails_with(kind, origin, texts):
    """The sample, and what is written where the facts are otherwise, one after the
    other."""
    context = kind.sample("en", NOW) if origin == 1 else MailContext(footer_reason="-")
    facts = {
        name: not value
        for name, value in context.values.items()
        if isinstance(value, bool)
    }
    other = [replace(context, values={**context.values, **facts})] if facts else []
    mails = [
        sample(
            kind, "en", NOW, fields=texts, origin=origin, category=Category.MARKETING,
            context=one,
        )
        for one in (context, *other)
    ]  # fmt: skip
    return "\n".join(
        f"{mail.subject}\n{mail.text}\n{html.unescape(mail.html)}" for mail in mails
    )
