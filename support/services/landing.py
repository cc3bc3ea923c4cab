"""A mail that was read joins its conversation, once.

What a customer writes opens the conversation again, for whoever is there where its
colleague is away. A machine's mail, a blocked sender's and one from before its mailbox
was new to us join it and change nothing.
"""

import hashlib
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from crm import selectors as crm_selectors
from crm.models import Customer
from crm.rules import names
from crm.services import audit
from support.models import BlockedSender, Conversation, Mail, MailFile, RawMail
from support.rules import subjects
from support.rules.choices import ConversationState, Direction, NoticeEvent, RawState
from support.selectors import people
from support.services import (
    acknowledging,
    away,
    checking,
    finding,
    inbox_rules,
    notices,
    searching,
    sending_later,
    storage,
)
from support.services.finding import Arrival
from support.services.reading import Found, FoundFile


@transaction.atomic
def land(found: Found, raw: RawMail, *, now: datetime) -> Mail | None:
    """Keep the mail in its conversation. None where it is there already, or is ours to
    people who are no customers."""
    locked = RawMail.objects.select_for_update(no_key=True).filter(pk=raw.pk)
    if not locked.filter(state=RawState.WAITING.value).exists():
        return None
    if _is_there(found):
        forget_raw(raw)
        return None
    ours = people.our_addresses(crm_selectors.business())
    arrival = Arrival(found, raw, ours, now)
    conversation = finding.conversation_of(arrival)
    if conversation is None:
        forget_raw(raw)
        return None
    is_new = conversation.pk is None
    conversation = _begin(conversation, arrival) if is_new else _locked(conversation)
    mail = _kept(arrival, conversation)
    if raw.mailbox is not None and not mail.is_ours:
        checking.learn_from_mails(raw.mailbox, now=now)
    is_for_us = _move_on(conversation, mail, arrival)
    if is_new and not (mail.is_ours or conversation.is_history or conversation.is_spam):
        inbox_rules.apply(conversation, mail, now=now)
    if is_for_us:
        _tell(conversation, is_new, now)
    if is_new:
        acknowledging.acknowledge(mail, arrived_at=raw.arrived_at, now=now)
    locked.update(state=RawState.READ.value)
    return mail


def _is_there(found: Found) -> bool:
    """Whether it is kept already: the same mail again, or one that we wrote here."""
    same = Q(fingerprint=found.fingerprint)
    if found.message_id:
        same |= Q(message_id=found.message_id, direction=Direction.OUT.value)
    return Mail.objects.filter(same).exists()


def forget_raw(raw: RawMail) -> None:
    """Delete the bytes of a mail that says nothing new."""
    storage.delete_on_commit([raw.key])
    RawMail.objects.filter(pk=raw.pk).delete()


def _locked(conversation: Conversation) -> Conversation:
    rows = Conversation.objects.select_for_update(of=("self",), no_key=True)
    locked = rows.get(pk=conversation.pk)
    if locked.joined_into is None:
        return locked
    # Joined to another one since it was found.
    return _locked(finding.lead_on(locked))


def _begin(conversation: Conversation, arrival: Arrival) -> Conversation:
    """Save a new conversation; what its first mail means for it comes after."""
    mailbox, customer = arrival.raw.mailbox, conversation.customer
    others = arrival.others
    conversation.address = names.normalise_email(others[0])[:254] if others else ""
    conversation.mailbox = mailbox
    conversation.subject = subjects.bare(arrival.found.subject)
    conversation.language = _language(arrival, customer)
    conversation.opened_at = conversation.last_mail_at = arrival.found.at
    is_blocked = _is_blocked(arrival)
    if arrival.is_history or is_blocked:
        conversation.state = ConversationState.CLOSED.value
        conversation.closed_at = arrival.now
        conversation.is_history = arrival.is_history
        conversation.is_spam = is_blocked
    elif mailbox is not None:
        conversation.assignee = away.if_there(mailbox.assignee, now=arrival.now)
    conversation.save(force_insert=True)
    _record("opened", conversation, arrival.now)
    return conversation


def _language(arrival: Arrival, customer: Customer | None) -> str:
    """The customer's; else the one of the form that they wrote in, or the mailbox's."""
    mailbox = arrival.raw.mailbox
    written_in = arrival.found.language if arrival.is_typed else ""
    own = customer.language if customer else ""
    return own or written_in or (mailbox.language if mailbox else "")


def _kept(arrival: Arrival, conversation: Conversation) -> Mail:
    found = arrival.found
    mail = Mail.objects.create(
        conversation=conversation,
        customer_id=conversation.customer_id,
        raw=arrival.raw,
        direction=(Direction.OUT if arrival.is_out else Direction.IN).value,
        fingerprint=found.fingerprint,
        message_id=found.message_id,
        references=found.references,
        from_name=found.sender[0],
        from_address=found.sender[1],
        to=found.to,
        cc=found.cc,
        reply_to=found.reply_to,
        subject=found.subject,
        text=found.text,
        html=found.html,
        at=found.at,
        auth=_auth(arrival),
        is_automatic=found.is_automatic or arrival.in_our_name,
        stored_at=arrival.now,
    )
    MailFile.objects.bulk_create(_file(mail, file, arrival.now) for file in found.files)
    searching.refresh(mail)
    return mail


def _auth(arrival: Arrival) -> dict[str, str]:
    """What is known of who wrote it. What a provider posts with a mail, nobody else can
    write. In the contact form an address is only typed, unless the link of a mail of
    ours says who it is."""
    raw = arrival.raw
    if not arrival.is_typed:
        posted: dict[str, str] = raw.provider_checks
        return checking.results(arrival.found.checked, raw.mailbox) | posted
    is_known = finding.has_tag(arrival.found)
    return {"form": "link" if is_known else "typed"}


def _file(mail: Mail, file: FoundFile, now: datetime) -> MailFile:
    return MailFile(
        mail=mail,
        key=storage.save(file.content, now=now),
        name=file.name,
        content_type=file.content_type,
        size=len(file.content),
        sha256=hashlib.sha256(file.content).hexdigest(),
        content_id=file.content_id,
    )


def _tell(conversation: Conversation, is_new: bool, now: datetime) -> None:
    """Colleagues are told of a mail that waits for us; a rule may have closed it."""
    if conversation.state != ConversationState.OPEN.value:
        return
    assignee = conversation.assignee_id
    if assignee is None:
        notices.tell(NoticeEvent.UNASSIGNED, conversation, now=now)
        return
    if is_new:
        # By its mailbox; of what a rule gave they know already.
        notices.tell(NoticeEvent.ASSIGNED, conversation, to=[assignee], now=now)
    notices.tell(NoticeEvent.IN_MINE, conversation, to=[assignee], now=now)


def _move_on(conversation: Conversation, mail: Mail, arrival: Arrival) -> bool:
    """Whose turn it is now, and where the conversation stands in the lists. Whether it
    is ours by this mail."""
    # A mail that was long on its way, or whose clock is wrong, is new to us all the
    # same: by its own date it would lie far down in the list.
    came = mail.at if arrival.is_history else max(mail.at, arrival.raw.arrived_at)
    conversation.last_mail_at = max(conversation.last_mail_at, came)
    is_for_us = False
    changes_nothing = arrival.is_history or mail.is_automatic or conversation.is_spam
    if mail.is_ours and conversation.state == ConversationState.OPEN.value:
        if not arrival.is_history:
            conversation.state = ConversationState.WAITING.value
    elif not mail.is_ours and not changes_nothing and not _is_blocked(arrival):
        _answer_from(conversation, arrival)
        _open_again(conversation, arrival.now)
        sending_later.they_wrote_first(conversation, arrival.sender)
        is_for_us = True
    conversation.save()
    return is_for_us


def _answer_from(conversation: Conversation, arrival: Arrival) -> None:
    """An answer leaves from the address that they wrote to last."""
    mailbox = arrival.raw.mailbox
    if mailbox is not None and mailbox.confirmed_at is not None:
        conversation.mailbox = mailbox


def _open_again(conversation: Conversation, now: datetime) -> None:
    if conversation.state == ConversationState.OPEN.value:
        return
    was_closed = conversation.is_closed
    conversation.state = ConversationState.OPEN.value
    conversation.is_history = False
    conversation.snoozed_until = conversation.closed_at = None
    conversation.closed_by, conversation.outcome = None, ""
    away.give_back(conversation, now=now)
    if was_closed:
        _record("reopened", conversation, now)


def _is_blocked(arrival: Arrival) -> bool:
    return (
        not arrival.is_out
        and BlockedSender.objects.filter(address=arrival.sender).exists()
    )


def _record(verb: str, conversation: Conversation, now: datetime) -> None:
    audit.record(
        f"conversation.{verb}",
        f"conversation:{conversation.pk}",
        customer_id=conversation.customer_id,
        now=now,
    )
