"""Mails that customers wrote and that the team answered, through the same services as
mail of a real mailbox: taken in raw, sent by the pipeline, kept in the outbox."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

from crm.models import Customer, User
from desk.demo import mails
from desk.demo.mails import Step, Thread
from messaging.services import delivery
from support.models import Conversation, Mail, Mailbox
from support.rules.choices import ConversationKind, MailSource
from support.services import (
    conversations,
    drafts,
    inbox_rules,
    mailboxes,
    notes,
    receiving,
    saved_replies,
    signatures,
    tags,
    writing,
)
from support.services.mailboxes import SignIn

_BEFORE = timedelta(days=60)
# Longer than a mail waits, in case it is taken back.
_LEAVES = writing.WAIT + timedelta(seconds=1)


def converse(staff: Sequence[User], *, now: datetime) -> None:
    """A mailbox with what came in lately, in the order in which it happened."""
    mailbox = _mailbox(now=now - _BEFORE)
    for person, words in zip(staff, mails.SIGNATURES, strict=True):
        signatures.save(person, words=words)
    for name, language, words in mails.SAVED_REPLIES:
        saved_replies.save(None, name=name, language=language, words=words, owner=None)
    _rule(now=now - _BEFORE)
    known: dict[int, Conversation] = {}
    for at, number, thread, step in _in_order(now):
        sender = _sender(thread)
        if sender is None:
            continue
        if step.by is None:
            known[number] = _write(thread, step, sender, known.get(number), mailbox, at)
            _sort(known[number], thread, staff, at)
        else:
            _do(step, known[number], staff[step.by], at)


def _mailbox(*, now: datetime) -> Mailbox:
    """Without a server: its mail is brought."""
    empty = {name: getattr(Mailbox(), name) for name in mailboxes.FIELDS}
    values = empty | {"name": "Hello", "address": mails.ADDRESS, "new_from": now}
    return mailboxes.create(values=values, sign_in=SignIn(), now=now)


def _rule(*, now: datetime) -> None:
    values = {
        "name": "Invoices",
        "sender": "",
        "recipient": "",
        "subject": "invoice",
        "body": "",
        "mailbox": None,
        "language": "",
        "assignee": None,
        "tag": "invoice",
        "kind": ConversationKind.QUESTION.value,
        "closes": False,
        "is_spam": False,
    }
    inbox_rules.save(None, values, version=1, now=now)


def _in_order(now: datetime) -> Iterator[tuple[datetime, int, Thread, Step]]:
    yield from sorted(
        (
            (_moment(step, now), number, thread, step)
            for number, thread in enumerate(mails.THREADS)
            for step in thread.steps
        ),
        key=lambda one: one[0],
    )


def _moment(step: Step, now: datetime) -> datetime:
    day = now.astimezone(UTC).date() - timedelta(days=step.days)
    return datetime.combine(day, time.fromisoformat(step.clock), tzinfo=UTC)


def _sender(thread: Thread) -> tuple[str, str] | None:
    """Name and address; None: the demo is smaller than that."""
    if not isinstance(thread.who, str):
        return thread.who
    customer = Customer.objects.filter(external_id=thread.who).first()
    return (customer.full_name, customer.email) if customer else None


def _write(
    thread: Thread,
    step: Step,
    sender: tuple[str, str],
    known: Conversation | None,
    mailbox: Mailbox,
    at: datetime,
) -> Conversation:
    """They write, as their mail program would put it."""
    mail = EmailMessage()
    mail["From"] = formataddr(sender)
    mail["To"] = mails.ADDRESS
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{at:%Y%m%d%H%M}.{sender[1]}>"
    last = known and known.mails.filter(direction="out").order_by("at").last()
    mail["Subject"] = f"Re: {thread.subject}" if last else thread.subject
    if last:
        mail["In-Reply-To"] = mail["References"] = f"<{last.message_id}>"
    mail.set_content(step.text)
    raw = receiving.receive(
        mail.as_bytes(), source=MailSource.PIPE, mailbox=mailbox, now=at
    )
    return Mail.objects.get(raw=raw).conversation


def _sort(
    found: Conversation, thread: Thread, staff: Sequence[User], at: datetime
) -> None:
    if thread.kind:
        conversations.classify(found, kind=ConversationKind(thread.kind), now=at)
    for name in thread.tags:
        tags.put(found, tag=tags.tag_named(name), now=at)
    if thread.assignee is not None:
        conversations.assign(found, assignee=staff[thread.assignee], now=at)


def _do(step: Step, found: Conversation, by: User, at: datetime) -> None:
    if step.did == "note":
        notes.add(found, words=step.text, author=by, now=at)
    elif step.did == "close":
        conversations.close(found, by=by, outcome=step.text, now=at)
    elif step.did == "snooze":
        conversations.snooze(found, until=at + timedelta(days=5), now=at)
    elif step.did == "spam":
        conversations.mark_as_spam(found, by=by, now=at)
    else:
        draft = drafts.begin(author=by, conversation=found, now=at)
        words = step.text + draft.text
        draft = drafts.keep(draft, version=draft.version, text=words, now=at)
        writing.send(draft, now=at)
        delivery.deliver(now=at + _LEAVES)
