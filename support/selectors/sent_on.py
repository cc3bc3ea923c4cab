"""Who wrote a mail first that a colleague sent on to one of our mailboxes."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm.models import User
from support.models import Mail
from support.rules import forwards
from support.services import reading, storage
from support.services.reading import Found


@dataclass(frozen=True)
class SentOn:
    """`original` is a guess that a person confirms. `whole` is the mail itself, where
    it came as a file."""

    mail: Mail
    colleague: User
    original: forwards.Original
    whole: Found | None = None


def first_of(mails: Sequence[Mail]) -> SentOn | None:
    """The first of these mails that a colleague sent on, in two queries at most."""
    theirs = [mail for mail in mails if not mail.is_ours and mail.from_address]
    senders = {mail.from_address.lower() for mail in theirs}
    colleagues = {
        user.email.lower(): user
        for user in User.objects.filter(is_active=True, email__in=senders)
    }
    for mail in theirs:
        colleague = colleagues.get(mail.from_address.lower())
        if colleague and (found := _sent_on(mail, colleague)):
            return found
    return None


def of_mail(mail: Mail) -> SentOn | None:
    """The same of one mail."""
    return first_of([mail])


def _sent_on(mail: Mail, colleague: User) -> SentOn | None:
    whole = _as_file(mail)
    if whole is not None:
        name, address = whole.sender[0], whole.sender[1]
        original = forwards.Original(
            name, address, whole.subject, whole.text, above=mail.text.strip()
        )
        return SentOn(mail, colleague, original, whole)
    found = forwards.original(mail.text)
    return SentOn(mail, colleague, found) if found else None


def _as_file(mail: Mail) -> Found | None:
    """The only mail among its files, where there is one with a sender."""
    files = [one for one in mail.files.all() if one.name.lower().endswith(".eml")]
    if len(files) != 1:
        return None
    try:
        found = reading.read(storage.read(files[0].key), arrived_at=mail.at)
    except (reading.Unreadable, FileNotFoundError):
        return None
    return found if found.sender[1] else None
