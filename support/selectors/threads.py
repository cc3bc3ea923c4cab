"""What an answer in a conversation starts from, and what became of those that went."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch, Q

from crm import selectors as crm_selectors
from crm.models import User
from crm.rules import names
from messaging.models import Message
from messaging.rules.choices import State
from support.models import Conversation, Draft, Mail, MailFile
from support.rules.choices import Direction
from support.rules.replies import Person
from support.selectors import people

# The kind of the messages of mails that people write.
KIND = "reply"
# The kind of those that say that a mail has arrived.
ACKNOWLEDGEMENT = "acknowledgement"
# Of the occurrence of both, before the id of their mail.
PREFIX = "mail:"
ACKNOWLEDGEMENTS = Q(direction=Direction.OUT.value, is_automatic=True)
# Somebody who typed so lately is writing now.
WRITES_NOW = timedelta(minutes=2)
_WAITING = (State.PLANNED.value, State.CLAIMED.value, State.HANDED.value)
# States of a message that did not arrive, as far as we know.
FAILED = (
    *(State.FAILED.value, State.SUPPRESSED.value, State.EXPIRED.value),
    State.UNCERTAIN.value,
)


def last_in(conversation: Conversation) -> Mail | None:
    """The last mail that somebody else wrote and no machine."""
    return (
        conversation.mails.filter(direction=Direction.IN.value, is_automatic=False)
        .order_by("-at", "-pk")
        .first()
    )


def last_of(conversation: Conversation) -> Mail | None:
    """The last mail that is none of our acknowledgements: what an answer refers to."""
    return conversation.mails.exclude(ACKNOWLEDGEMENTS).order_by("-at", "-pk").first()


def all_mails(conversation: Conversation) -> list[Mail]:
    """All but our acknowledgements, oldest first, with their files."""
    files = Prefetch("files", MailFile.objects.order_by("pk"))
    found = conversation.mails.exclude(ACKNOWLEDGEMENTS).order_by("at", "pk")
    return list(
        found.select_related("conversation__customer")
        .prefetch_related(files)
        .defer("search_text", "html")
    )


def recipients(
    conversation: Conversation, *, to_all: bool
) -> tuple[list[Person], list[Person]]:
    """Whom an answer goes to, and who gets a copy: never one of our own addresses."""
    ours = people.our_addresses(crm_selectors.business())
    last = last_in(conversation)
    if last is None:
        sent = last_of(conversation)
        to = [(pair[0], pair[1]) for pair in sent.to] if sent else []
        return _others(to, ours, set()), []
    answers_go_to = [(pair[0], pair[1]) for pair in last.reply_to]
    writer = answers_go_to or [(last.from_name, last.from_address)]
    seen: set[str] = set()
    to = _others(writer, ours, seen)
    if not to_all:
        return to, []
    rest = [(pair[0], pair[1]) for pair in (*last.to, *last.cc)]
    return to, _others(rest, ours, seen)


def _others(
    found: Sequence[Person], ours: frozenset[str], seen: set[str]
) -> list[Person]:
    others: list[Person] = []
    for name, address in found:
        norm = names.normalise_email(address)
        if norm and norm not in seen and not people.is_ours(address, ours):
            seen.add(norm)
            others.append((name, address))
    return others


def occurrence_of(mail_id: int) -> str:
    """What the messages of one mail have in common."""
    return f"{PREFIX}{mail_id}"


def mail_id_of(message: Message) -> int:
    """The mail that a message carries to one recipient."""
    return int(message.occurrence.removeprefix(PREFIX))


def message_of(uuid: str, recipient: str) -> Message | None:
    """What carries a mail that was written here to this recipient; `uuid` is the first
    part of its Message-ID, which is one for all of them."""
    mail = Mail.objects.filter(
        message_id__startswith=f"{uuid}@", author__isnull=False
    ).first()
    address = names.normalise_email(recipient)
    if mail is None or not address:
        return None
    return Message.objects.filter(
        kind=KIND, customer=None, occurrence=occurrence_of(mail.pk), address=address
    ).first()


@dataclass(frozen=True)
class Journey:
    """What became of a mail of ours. `until`: it can be taken back until then."""

    until: datetime | None
    is_waiting: bool
    # Recipients whom it did not reach, or perhaps not, with the state and reason.
    failures: tuple[tuple[str, str, str], ...]
    hidden: tuple[str, ...]


def journeys(mails: Collection[Mail], *, now: datetime) -> dict[int, Journey]:
    """Mail id to what became of it, for the mails that were written here."""
    own = {mail.pk: mail for mail in mails if mail.author_id}
    rows: dict[int, list[Message]] = {pk: [] for pk in own}
    found = Message.objects.filter(
        kind=KIND,
        customer=None,
        occurrence__in=[occurrence_of(pk) for pk in own],
    )
    for message in found.order_by("pk"):
        rows[mail_id_of(message)].append(message)
    return {pk: _journey(own[pk], rows[pk], now) for pk in own if rows[pk]}


def _journey(mail: Mail, rows: Sequence[Message], now: datetime) -> Journey:
    starts = min(row.not_before for row in rows)
    can_be_taken_back = now < starts and all(
        row.state == State.PLANNED.value and row.attempts == 0 for row in rows
    )
    return Journey(
        until=starts if can_be_taken_back else None,
        is_waiting=any(row.state in _WAITING for row in rows),
        failures=tuple(
            (row.address or "", row.state, row.reason_code)
            for row in rows
            if row.state in FAILED
        ),
        hidden=hidden(mail, rows),
    )


def hidden(mail: Mail, rows: Sequence[Message]) -> tuple[str, ...]:
    """Who gets it without being named in it."""
    named = {names.normalise_email(pair[1]) for pair in (*mail.to, *mail.cc)}
    return tuple(
        row.address for row in rows if row.address and row.address not in named
    )


def writers(conversation: Conversation, *, but: User, now: datetime) -> list[str]:
    """Colleagues who are writing in this conversation just now."""
    rows = Draft.objects.filter(
        conversation=conversation, changed_at__gt=now - WRITES_NOW
    ).exclude(author=but)
    return [draft.author.name for draft in rows.select_related("author")]
