"""A draft becomes a mail: one, posted to each of its recipients."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from crm.errors import FollowUpClosed
from crm.models import FollowUp
from crm.rules import names
from crm.services import audit, follow_ups
from messaging.services import direct, suppression
from support.errors import (
    AddressesRefused,
    DraftGone,
    NobodyToWriteTo,
    NothingWritten,
)
from support.models import Conversation, Draft, DraftFile, Mail, MailFile
from support.rules import pictures, replies, subjects
from support.rules.choices import ConversationState, Direction
from support.rules.replies import Person
from support.selectors import people, senders, threads
from support.services import (
    addresses,
    finding,
    forwarding,
    quotations,
    searching,
    signatures,
    storage,
)
from support.services.reading.kinds import PICTURES
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
    why = {"mail": mail.pk, "by": locked.author_id, **_came_from(locked, now)}
    for _name, address in (*to, *cc, *bcc):
        direct.post(
            kind=threads.KIND,
            to=address,
            occurrence=threads.occurrence_of(mail.pk),
            now=now,
            why=why,
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
        conversation = finding.lead_on(conversation)
        if draft.forwards_id is None:
            return conversation
        return forwarding.side_thread(draft, conversation, now)
    customer = people.live_record(draft.customer)
    if customer is None and to:
        at = people.customers_at([to[0][1]])
        customer = at[0] if len(at) == 1 else None
    language = customer.language if customer else ""
    return Conversation.objects.create(
        customer=customer,
        address=names.normalise_email(to[0][1]) if to else "",
        subject=subjects.bare(subject),
        language=language,
        mailbox=addresses.mailbox_for(language),
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
        quoted=_quotation(draft, before, conversation),
        at=now,
        author=draft.author,
        is_to_file=bool(conversation.mailbox and conversation.mailbox.files_sent),
        stored_at=now,
    )


def _quotation(draft: Draft, before: Mail | None, conversation: Conversation) -> str:
    if not draft.quotes:
        return ""
    return quotations.of_mail(before, conversation) if before else draft.quoted


def _take_files(files: Sequence[DraftFile], mail: Mail) -> None:
    """The contents stay where they are; only whose they are changes."""
    shown = pictures.named(mail.text)
    domain = mail.message_id.rpartition("@")[2]
    MailFile.objects.bulk_create(
        MailFile(
            mail=mail,
            key=file.key,
            content_id=f"{uuid4()}@{domain}" if is_shown(file, shown) else "",
            **storage.described(file),
        )
        for file in files
    )
    DraftFile.objects.filter(pk__in=[file.pk for file in files]).delete()


def is_shown(file: DraftFile, names: Collection[str]) -> bool:
    """Whether it is a picture that stands in the text, which has places for `names`."""
    return file.name in names and file.content_type in PICTURES


def _came_from(draft: Draft, now: datetime) -> dict[str, int | str]:
    """What a mail that is taken back must know to be this draft again; the follow-up
    that it is about is done."""
    origin: dict[str, int | str] = {}
    if draft.about:
        origin["about"] = draft.about
    if draft.forwards_id:
        origin["forwards"] = draft.forwards_id
    if draft.follow_up is not None:
        origin["follow_up"] = draft.follow_up.pk
        if draft.finishes_follow_up and _is_finished(draft.follow_up, draft, now):
            origin["finished"] = draft.follow_up.pk
    return origin


def _is_finished(follow_up: FollowUp, draft: Draft, now: datetime) -> bool:
    """Done by this mail; False where a colleague has closed it already."""
    try:
        follow_ups.finish(follow_up, staff=draft.author, outcome=_("By mail"), now=now)
    except FollowUpClosed:
        return False
    return True


def _now_theirs(conversation: Conversation, now: datetime) -> None:
    """It is their turn."""
    conversation.state = ConversationState.WAITING.value
    conversation.snoozed_until = conversation.closed_at = conversation.closed_by = None
    conversation.outcome = ""
    conversation.is_spam = conversation.is_history = False
    conversation.last_mail_at = max(conversation.last_mail_at, now)
    conversation.version += 1
    conversation.save()


def note_failure(mails: Collection[int], *, now: datetime) -> None:
    """These did not reach all of their recipients: their authors see it on Today."""
    Mail.objects.filter(pk__in=mails, failed_at=None).update(failed_at=now)


def forget_failure(mail: Mail) -> None:
    """Its author knows."""
    Mail.objects.filter(pk=mail.pk).update(failed_at=None)
