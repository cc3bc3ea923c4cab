"""A draft becomes a mail, and for some seconds a mail can become a draft again."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction

from crm.models import User
from crm.rules import names
from crm.services import audit
from messaging.models import Message
from messaging.rules.choices import State
from messaging.rules.send_decision import Reason
from messaging.services import direct, messages, suppression
from support.errors import (
    AddressesRefused,
    AlreadyLeft,
    DraftGone,
    NobodyToWriteTo,
    NothingWritten,
)
from support.models import Conversation, Draft, DraftFile, Mail, MailFile
from support.rules import quoting, replies, subjects
from support.rules.choices import ConversationState, Direction
from support.rules.replies import Person
from support.selectors import people, senders, threads
from support.services import forwarding, searching, signatures, storage
from web.errors import InvalidValue
from web.rules import text

# As long as a mail that was sent can be taken back.
WAIT = timedelta(seconds=10)
TEXT_MOST = 100_000
_SUBJECT_MOST = 300
_PEOPLE_MOST = 50


@transaction.atomic
def send(draft: Draft, *, now: datetime) -> Mail:
    """Write the mail down and post it to each of its recipients; the draft is gone.

    Raises NobodyToWriteTo, AddressesRefused, NothingWritten, InvalidValue, and
    DraftGone where it was sent or thrown away meanwhile.
    """
    locked = Draft.objects.select_for_update(no_key=True).filter(pk=draft.pk).first()
    if locked is None:
        raise DraftGone
    to, cc, bcc = _people(locked)
    files = list(locked.files.order_by("pk"))
    subject, words = _words(locked, files)
    conversation = _conversation(locked, subject, to, now)
    mail = _mail(locked, conversation, subject, words, (to, cc), now)
    _take_files(files, mail)
    searching.refresh(mail)
    account = senders.account_of(conversation)
    for _name, address in (*to, *cc, *bcc):
        direct.post(
            kind=threads.KIND,
            to=address,
            occurrence=threads.occurrence_of(mail.pk),
            now=now,
            why={"mail": mail.pk, "by": locked.author_id},
            wait=WAIT,
            account=account,
        )
    _now_theirs(conversation, now)
    audit.record(
        "mail.sent",
        f"conversation:{conversation.pk}",
        customer_id=conversation.customer_id,
        now=now,
    )
    locked.delete()
    return mail


def check(draft: Draft) -> None:
    """Raises what `send` would, for what is typed."""
    _people(draft)
    _words(draft, list(draft.files.all()))


def _words(draft: Draft, files: Sequence[DraftFile]) -> tuple[str, str]:
    """Subject and text. A signature alone is nothing written."""
    words = text.many_lines(draft.text, field="text", most=TEXT_MOST)
    if not files and words in ("", signatures.below(draft.author).strip()):
        raise NothingWritten
    subject = text.one_line(draft.subject, field="subject", most=_SUBJECT_MOST)
    return subject, words


def _people(draft: Draft) -> tuple[list[Person], list[Person], list[Person]]:
    """To, Cc and Bcc, each address once; the first place where it stands counts."""
    seen: set[str] = set()
    refused: list[str] = []
    lines = [_line(line, seen, refused) for line in (draft.to, draft.cc, draft.bcc)]
    if refused:
        raise AddressesRefused(refused)
    if not seen:
        raise NobodyToWriteTo
    if len(seen) > _PEOPLE_MOST:
        raise InvalidValue(fields={"to": "too_many"})
    stopped = suppression.unreachable(seen)
    if stopped:
        raise AddressesRefused(sorted(stopped), bounced=True)
    return lines[0], lines[1], lines[2]


def _line(line: str, seen: set[str], refused: list[str]) -> list[Person]:
    found: list[Person] = []
    for name, address in replies.people_in(line):
        try:
            valid = text.valid_email(address) if address else ""
        except InvalidValue:
            valid = ""
        norm = names.normalise_email(valid)
        if not norm:
            refused.append(address or name)
        elif norm not in seen:
            seen.add(norm)
            found.append((name, valid))
    return found


def _conversation(
    draft: Draft, subject: str, to: Sequence[Person], now: datetime
) -> Conversation:
    """The draft's, locked; for a new mail a new one, of the customer whose address it
    goes to, where that is one alone."""
    if draft.conversation_id is not None:
        conversation = Conversation.objects.select_for_update(no_key=True).get(
            pk=draft.conversation_id
        )
        if draft.forwards_id is None:
            return conversation
        return forwarding.side_thread(draft, conversation, now)
    customer = people.live_record(draft.customer)
    if customer is None and to:
        at = people.customers_at([to[0][1]])
        customer = at[0] if len(at) == 1 else None
    return Conversation.objects.create(
        customer=customer,
        address=names.normalise_email(to[0][1]) if to else "",
        subject=subjects.bare(subject),
        language=customer.language if customer else "",
        mailbox=senders.first_mailbox(),
        assignee=draft.author,
        opened_at=now,
        last_mail_at=now,
    )


def _mail(
    draft: Draft,
    conversation: Conversation,
    subject: str,
    words: str,
    named: tuple[list[Person], list[Person]],
    now: datetime,
) -> Mail:
    sender = senders.sender_of(conversation, draft.author)
    before = threads.last_of(conversation)
    message_id = f"{uuid4()}@{sender.address.rpartition('@')[2]}"
    return Mail.objects.create(
        conversation=conversation,
        customer_id=conversation.customer_id,
        direction=Direction.OUT.value,
        fingerprint=hashlib.sha256(f"ours {message_id}".encode()).hexdigest(),
        message_id=message_id,
        references=(
            replies.chain(before.message_id, before.references) if before else []
        ),
        from_name=sender.name,
        from_address=sender.address,
        to=[list(one) for one in named[0]],
        cc=[list(one) for one in named[1]],
        subject=subject,
        text=words,
        quoted=_quotation(draft, before),
        at=now,
        author=draft.author,
        is_to_file=bool(conversation.mailbox and conversation.mailbox.files_sent),
        stored_at=now,
    )


def _quotation(draft: Draft, before: Mail | None) -> str:
    """What the mail before says, marked; without what that quoted itself."""
    if before is None or not draft.quotes:
        return ""
    own = before.text if before.is_ours else quoting.folded(before.text)[0]
    return replies.quoted(own, f"{before.at:%Y-%m-%d %H:%M}, {before.sender}:")


def _take_files(files: Sequence[DraftFile], mail: Mail) -> None:
    """The contents stay where they are; only whose they are changes."""
    MailFile.objects.bulk_create(
        MailFile(
            mail=mail,
            key=file.key,
            **storage.described(file),
        )
        for file in files
    )
    DraftFile.objects.filter(pk__in=[file.pk for file in files]).delete()


def _now_theirs(conversation: Conversation, now: datetime) -> None:
    """It is their turn."""
    conversation.state = ConversationState.WAITING.value
    conversation.snoozed_until = conversation.closed_at = conversation.closed_by = None
    conversation.outcome = ""
    conversation.is_spam = conversation.is_history = False
    conversation.last_mail_at = max(conversation.last_mail_at, now)
    conversation.version += 1
    conversation.save()


@transaction.atomic
def take_back(mail: Mail, *, staff: User, now: datetime) -> Draft:
    """Make it a draft again. Raises AlreadyLeft once any of it may be on its way."""
    conversation = Conversation.objects.select_for_update(no_key=True).get(
        pk=mail.conversation_id
    )
    rows = Message.objects.filter(
        kind=threads.KIND, customer=None, occurrence=threads.occurrence_of(mail.pk)
    )
    everything = list(rows)
    ended = messages.finish(
        rows.filter(state=State.PLANNED.value, attempts=0),
        state=State.CANCELLED,
        reason=Reason("taken_back", {"user": staff.pk}),
        now=now,
    )
    if not everything or len(ended) != len(everything):
        raise AlreadyLeft
    draft = _draft_of(mail, everything, now)
    mail.delete()
    _now_ours(conversation)
    audit.record(
        "mail.taken_back",
        f"conversation:{conversation.pk}",
        customer_id=conversation.customer_id,
        now=now,
    )
    return draft


def _draft_of(mail: Mail, rows: Sequence[Message], now: datetime) -> Draft:
    """With what its author typed; what they began meanwhile stays below it."""
    thread = mail.conversation
    later = Draft.objects.filter(
        author=mail.author, conversation=thread, forwards=None
    ).first()
    draft = later or Draft(
        author=mail.author,
        conversation=thread,
        customer_id=mail.customer_id,
        begun_at=now,
    )
    if thread.side_of is not None and thread.mails.count() == 1:
        # What was sent on goes back to where it came from.
        draft.conversation = thread.side_of
        draft.forwards = threads.last_of(thread.side_of)
    draft.to = replies.line_of((one[0], one[1]) for one in mail.to)
    draft.cc = replies.line_of((one[0], one[1]) for one in mail.cc)
    draft.bcc = ", ".join(threads.hidden(mail, rows))
    draft.subject = mail.subject
    draft.text = "\n\n".join(filter(None, (mail.text, later.text if later else "")))
    draft.quotes = bool(mail.quoted) or draft.quotes
    draft.changed_at = max(now, draft.begun_at)
    draft.version += 1
    draft.save()
    DraftFile.objects.bulk_create(
        DraftFile(
            draft=draft,
            key=file.key,
            **storage.described(file),
        )
        for file in mail.files.all()
    )
    mail.files.all().delete()
    return draft


def _now_ours(conversation: Conversation) -> None:
    """Back to where it stood; a conversation that only began with this mail goes."""
    last = threads.last_of(conversation)
    if last is None:
        Draft.objects.filter(conversation=conversation).update(conversation=None)
        conversation.delete()
        return
    is_theirs = last.is_ours
    state = ConversationState.WAITING if is_theirs else ConversationState.OPEN
    conversation.state = state.value
    conversation.last_mail_at = last.at
    conversation.version += 1
    conversation.save()


def note_trouble(mails: Collection[int], *, now: datetime) -> None:
    """These did not reach all of their recipients: their authors see it on Today."""
    Mail.objects.filter(pk__in=mails, trouble_at=None).update(trouble_at=now)


def trouble_seen(mail: Mail) -> None:
    """Its author knows."""
    Mail.objects.filter(pk=mail.pk).update(trouble_at=None)
