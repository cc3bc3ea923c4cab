"""Fill a compiled mail for one message."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.template import Context
from django.utils import translation

from crm.models import Business
from crm.rules import names
from crm.selectors import business as our_business
from messaging.kinds import Kind, MailContext
from messaging.models import Message, Wording
from messaging.rendering.compiler import Compiled, Words, compiled
from messaging.rendering.rendered import MailUrls, Rendered
from messaging.rules.choices import Category
from messaging.rules.wording import one_line_subject

_GAP = re.compile(r"\n[ \t]*\n\s*\n")
# Words that every mail offers to staff beside the kind's own.
COMMON_WORDS = frozenset({"first_name", "shop"})


def render(
    message: Message,
    kind: Kind,
    context: MailContext,
    *,
    urls: MailUrls,
    business: Business,
    wording: Mapping[str, str] | None = None,
) -> Rendered:
    """One mail. `wording` holds staff's own fields in the language of the message."""
    return _filled(
        kind,
        context,
        language=language_of(message, business),
        first_name=_first_name(message),
        urls=urls,
        business=business,
        wording=wording or {},
    )


def sample(
    kind: Kind,
    language: str,
    now: datetime,
    *,
    fields: Mapping[str, str] | None = None,
) -> Rendered:
    """The kind's sample mail; `fields` are words that staff have not saved yet."""
    business = our_business()
    context = kind.sample(language, now)
    home = business.public_url.rstrip("/")
    links = {
        name: home + link.path.format(token="sample")  # noqa: S106
        for name, link in context.links.items()
    }
    is_subscription = kind.category != Category.TRANSACTIONAL
    return _filled(
        kind,
        context,
        language=_ours(business, language),
        first_name=kind.sample_words.get("first_name", "Dana"),
        urls=MailUrls(
            links=links,
            stop=f"{home}/u/sample/" if is_subscription else "",
            preferences=f"{home}/p/sample/",
        ),
        business=business,
        wording=_saved_words(kind, language) if fields is None else fields,
    )


def language_of(message: Message, business: Business) -> str:
    """The language this mail is written in, one that we have."""
    theirs = message.customer or message.user
    return _ours(business, message.language, theirs.language if theirs else "")


def _first_name(message: Message) -> str:
    if message.customer is not None:
        return message.customer.greeting_name
    if message.user is None:
        return ""
    return names.greeting_name(*names.split_name(message.user.name))


def _ours(business: Business, *wished: str) -> str:
    known = dict(settings.LANGUAGES)
    found = (code for code in (*wished, business.language) if code in known)
    return next(found, settings.LANGUAGE_CODE)


def _saved_words(kind: Kind, language: str) -> Mapping[str, str]:
    saved = Wording.objects.filter(automation__kind=kind.name, language=language)
    return next(iter(saved.values_list("fields", flat=True)), {})


def _words(kind: Kind, language: str, wording: Mapping[str, str]) -> Words:
    return tuple(
        (name, wording.get(name) or default)
        for name, default in _defaults(kind, language)
    )


@lru_cache(maxsize=256)
def _defaults(kind: Kind, language: str) -> Words:
    with translation.override(language):
        return tuple((field.name, str(field.default)) for field in kind.wording)


def _filled(
    kind: Kind,
    context: MailContext,
    *,
    language: str,
    first_name: str,
    urls: MailUrls,
    business: Business,
    wording: Mapping[str, str],
) -> Rendered:
    mail = compiled(
        kind.template, kind.category, language, _words(kind, language, wording)
    )
    values = _values(mail, context, first_name, urls, business)
    with translation.override(language):
        plain = Context(values, autoescape=False, use_l10n=True)
        subject = one_line_subject(mail.subject.render(plain))
        text = _GAP.sub("\n\n", mail.text.render(plain)).strip() + "\n"
        html = mail.html.render(Context({**values, "subject": subject}))
    return Rendered(subject=subject, text=text, html=html)


def _values(
    mail: Compiled,
    context: MailContext,
    first_name: str,
    urls: MailUrls,
    business: Business,
) -> dict[str, Any]:
    words = {**context.words, "first_name": first_name, "shop": business.name}
    if missing := mail.placeholders - words.keys():
        raise LookupError(f"no words for the placeholders {sorted(missing)}")
    return {
        **mail.constants,
        **context.values,
        "words": words,
        "links": urls.links,
        "first_name": first_name,
        "shop": business.name,
        "from_name": business.from_name,
        "reply_to": business.reply_to,
        "postal_address": business.postal_address,
        "footer_reason": context.footer_reason,
        "stop_url": urls.stop,
        "preferences_url": urls.preferences,
    }
