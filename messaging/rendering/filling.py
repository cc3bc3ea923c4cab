"""Put the words of one message into the layout of its mail."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils import translation

from crm.models import Business
from crm.rules import names
from crm.selectors import business as our_business
from messaging import contact_links
from messaging import words as texts_of_kinds
from messaging.gifts import GiftWords
from messaging.kinds import Kind, MailContext
from messaging.models import Message
from messaging.rendering.layout import layout
from messaging.rendering.places import Place, Places, escaped
from messaging.rendering.rendered import MailUrls, Rendered
from messaging.rules import pictures
from messaging.rules.choices import Category
from messaging.rules.wording import Placeholder, fill, one_line_subject, pieces

_GAP = re.compile(r"\n[ \t]*\n\s*\n")
# Words that every mail offers to staff beside the kind's own.
COMMON_WORDS = frozenset({"first_name", "shop"})


@dataclass(frozen=True)
class _Shape:
    """A step of a kind, by its origin, and what the mail is: by that the footer says
    what can be stopped."""

    kind: Kind
    category: Category
    origin: int


def render(
    message: Message,
    kind: Kind,
    context: MailContext,
    *,
    urls: MailUrls,
    business: Business,
    wording: Mapping[str, str] | None = None,
    origin: int = 1,
    gift: GiftWords | None = None,
) -> Rendered:
    """One mail. `wording` holds staff's own fields in the language of the message;
    `origin` and `gift` are those of its step."""
    category = Category(message.category) if message.category else kind.category
    return _filled(
        _Shape(kind, category, origin),
        context,
        language=language_of(message, business),
        first_name=_first_name(message),
        urls=urls,
        business=business,
        wording=wording or {},
        gift=gift,
    )


def sample(
    kind: Kind,
    language: str,
    now: datetime,
    *,
    fields: Mapping[str, str] | None = None,
    origin: int = 1,
    category: Category | None = None,
    gift: GiftWords | None = None,
    context: MailContext | None = None,
) -> Rendered:
    """The sample mail of a step; `fields` are words of staff in that language,
    `category` that of its step, where it is not the kind's, and `gift` its gift.
    `context`: instead of the kind's own sample."""
    business = our_business()
    if context is None:
        with translation.override(language):
            context = (
                kind.sample(language, now)
                if origin == 1
                else MailContext(footer_reason=kind.following_reason())
            )
    category = category or kind.category
    return _filled(
        _Shape(kind, category, origin),
        context,
        language=_ours(business, language),
        first_name=kind.sample_words.get("first_name", "Dana"),
        urls=sample_urls(context, category, business, 0),
        business=business,
        wording=fields or {},
        gift=gift,
    )


def sample_urls(
    context: MailContext,
    category: Category,
    business: Business,
    customer_id: int,
    *,
    is_member: bool = False,
) -> MailUrls:
    """Those of a mail that is only looked at: the same paths, and they lead nowhere.
    `is_member`: its reader has a page of what they have in programmes."""
    home = business.public_url.rstrip("/")
    is_subscription = category != Category.TRANSACTIONAL
    return MailUrls(
        links={
            name: home + link.path.format(token="sample")  # noqa: S106
            for name, link in context.links.items()
        },
        stop=f"{home}/u/sample/" if is_subscription else "",
        preferences=f"{home}/p/sample/",
        contact=home + contact_links.path_for(customer_id),
        member=f"{home}/m/sample/" if is_member else "",
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


def _filled(
    shape: _Shape,
    context: MailContext,
    *,
    language: str,
    first_name: str,
    urls: MailUrls,
    business: Business,
    wording: Mapping[str, str],
    gift: GiftWords | None,
) -> Rendered:
    places = Places()
    words = {**context.words, "first_name": first_name, "shop": business.name}
    own = {**context.wording, **wording}
    known = {
        **_values(context, words, urls, business),
        "wording": _wording(shape, language, own, words, places),
        "picture": _picture(own, business),
        "subject": (title := places.add("-")),
        "gift": vars(gift) if gift else {},
    }
    values = places.replaced(known)
    template = texts_of_kinds.template_of(shape.kind, shape.origin)
    made = layout(template, shape.category, language, values)
    subject = one_line_subject(made.subject.filled(places.plain))
    places.put(title, subject)
    text = _GAP.sub("\n\n", made.text.filled(places.plain)).strip() + "\n"
    return Rendered(subject=subject, text=text, html=made.html.filled(places.html))


def _values(
    context: MailContext,
    words: Mapping[str, str],
    urls: MailUrls,
    business: Business,
) -> dict[str, Any]:
    return {
        **context.values,
        "words": words,
        "links": urls.links,
        "first_name": words["first_name"],
        "shop": business.name,
        "from_name": business.from_name,
        "names_shop": business.name in business.from_name,
        "reply_to": business.reply_to,
        "postal_address": business.postal_address,
        "footer_reason": context.footer_reason,
        "stop_url": urls.stop,
        "preferences_url": urls.preferences,
        "contact_url": urls.contact,
        "member_url": urls.member,
    }


def _picture(own: Mapping[str, str], business: Business) -> dict[str, Any]:
    """The picture of a step as its template has it; nothing where there is none."""
    name = own.get(texts_of_kinds.PICTURE, "")
    sides = pictures.sides(name)
    if sides is None:
        return {}
    return {
        "url": f"{business.public_url.rstrip('/')}/pictures/{name}",
        "alt": own.get(texts_of_kinds.PICTURE_ALT, ""),
        "width": min(sides[0], pictures.COLUMN),
    }


def _wording(
    shape: _Shape,
    language: str,
    own: Mapping[str, str],
    words: Mapping[str, str],
    places: Places,
) -> dict[str, Place]:
    """Staff's words or the default, with their placeholders filled."""
    texts = {
        name: own.get(name) or default
        for name, default in _defaults(shape.kind, shape.origin, language)
    }
    asked = {
        piece.name
        for text in texts.values()
        for piece in pieces(text)
        if isinstance(piece, Placeholder)
    }
    if missing := asked - words.keys():
        raise LookupError(f"no words for the placeholders {sorted(missing)}")
    return {
        name: places.add(fill(text, words), _in_html(text, words))
        for name, text in texts.items()
    }


@lru_cache(maxsize=256)
def _defaults(kind: Kind, origin: int, language: str) -> tuple[tuple[str, str], ...]:
    fields = texts_of_kinds.fields_of(kind, origin)
    with translation.override(language):
        return tuple((field.name, str(field.default)) for field in fields)


def _in_html(text: str, words: Mapping[str, str]) -> str:
    """A name keeps its own direction of reading, and lines stay lines."""
    html = "".join(
        [
            escaped(piece) if isinstance(piece, str) else _word_in_html(piece, words)
            for piece in pieces(text)
        ]
    )
    return html.replace("\n", "<br>\n")


def _word_in_html(placeholder: Placeholder, words: Mapping[str, str]) -> str:
    word = words[placeholder.name]
    if not word:
        return escaped(placeholder.instead)
    lead, tail = escaped(placeholder.lead), escaped(placeholder.tail)
    return f"{lead}<bdi>{escaped(word)}</bdi>{tail}"
