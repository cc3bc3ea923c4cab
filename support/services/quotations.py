"""What stands below an answer: who wrote before, when, and what, in the language of
whom we answer."""

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext

from crm import selectors as crm_selectors
from crm.models import Customer
from crm.rules.dates import zone_of
from support.models import Conversation, Mail
from support.rules import quoting, replies
from web.formats import full_day


def of_mail(mail: Mail, conversation: Conversation) -> str:
    """The mail, marked line by line; without what it quoted itself."""
    own = mail.text if mail.is_ours else quoting.folded(mail.text)[0]
    language = language_of(conversation.language, conversation.customer)
    line = introduction(
        mail.sender, mail.at, language=language, customer=conversation.customer
    )
    return replies.quoted(own, line)


def of_words(words: str, at: datetime, customer: Customer) -> str:
    """Words that a customer wrote elsewhere, say in an answer to a survey."""
    if not words.strip():
        return ""
    language = language_of("", customer)
    line = introduction(
        customer.full_name or customer.email, at, language=language, customer=customer
    )
    return replies.quoted(words, line)


def introduction(
    name: str, at: datetime, *, language: str, customer: Customer | None
) -> str:
    """Such as "On 3 May 2026, Dana wrote:", by the calendar of the customer or shop."""
    zone = zone_of(
        customer.time_zone if customer else "", crm_selectors.business().time_zone
    )
    with translation.override(language):
        return gettext("On %(day)s, %(name)s wrote:") % {
            "day": full_day(at.astimezone(zone).date()),
            "name": name,
        }


def language_of(asked: str, customer: Customer | None) -> str:
    """The language to write in: as asked, else the customer's, else the shop's."""
    theirs = customer.language if customer else ""
    return asked or theirs or crm_selectors.business().language
