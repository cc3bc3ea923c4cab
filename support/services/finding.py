"""Which conversation a mail belongs to: by signed address, by what it answers, by its
sender. Equal subjects join nothing.

What is given back may be new: then it is not saved yet.
"""

from dataclasses import dataclass
from datetime import datetime

from crm.models import Customer
from crm.rules import names
from messaging.models import Message
from support.models import Conversation, Mail, RawMail
from support.rules import addresses as rules
from support.rules import subjects
from support.rules.choices import MailSource
from support.selectors import people
from support.services import addresses
from support.services.reading import Found


@dataclass(frozen=True)
class Arrival:
    """A mail that was read and has no place yet. `ours` are our own addresses."""

    found: Found
    raw: RawMail
    ours: frozenset[str]
    now: datetime

    @property
    def is_out(self) -> bool:
        """From a Sent folder: only there is a sender's name proof that we wrote it."""
        return self.raw.source == MailSource.SENT_FOLDER.value

    @property
    def is_typed(self) -> bool:
        """From the contact form."""
        return self.raw.source == MailSource.FORM.value

    @property
    def is_history(self) -> bool:
        """Whether it came before the mailbox was set up."""
        mailbox = self.raw.mailbox
        return mailbox is not None and self.raw.arrived_at < mailbox.new_from

    @property
    def sender(self) -> str:
        """The address of who sent it, in its normal form."""
        return names.normalise_email(self.found.sender[1])

    @property
    def in_our_name(self) -> bool:
        """A mail of ours that came back, or somebody else's with our address."""
        return not self.is_out and people.is_ours(self.found.sender[1], self.ours)

    @property
    def others(self) -> list[str]:
        """Whom it is with: who wrote it, or whom we wrote to."""
        if self.in_our_name:
            return []
        if not self.is_out:
            return [self.found.sender[1]]
        written_to = [pair[1] for pair in (*self.found.to, *self.found.cc)]
        return [email for email in written_to if not people.is_ours(email, self.ours)]


def conversation_of(arrival: Arrival) -> Conversation | None:
    """The conversation of a mail that arrived, new if need be. It may have been joined
    to another one: whoever locks it follows (`lead_on`).

    None for a mail that we wrote to people who are no customers.
    """
    known = _named(arrival.found) or _answered(arrival)
    if known is not None:
        return known
    # Anybody may type any address: a person says whose it is.
    return Conversation() if arrival.is_typed else _with_others(arrival)


def lead_on(conversation: Conversation) -> Conversation:
    """Itself, or the one that it was joined to."""
    while conversation.joined_into is not None:
        conversation = conversation.joined_into
    return conversation


def has_tag(found: Found) -> bool:
    """Whether an address that we signed says whose it is."""
    return addresses.named(found.delivered_to) is not None


def _named(found: Found) -> Conversation | None:
    tag = addresses.named(found.delivered_to)
    if tag is None:
        return None
    letter, number = tag
    if letter == rules.CONVERSATION:
        return Conversation.objects.filter(pk=number).first()
    if letter == rules.PERSON:
        customer = Customer.objects.filter(pk=number).first()
        live = people.live_record(customer)
        return Conversation(customer=live) if live else None
    return _answering(Message.objects.filter(pk=number).first())


def _answered(arrival: Arrival) -> Conversation | None:
    """By the ids that it refers to, the nearest first."""
    references = arrival.found.references
    rows = Mail.objects.filter(message_id__in=references).order_by("-pk")
    known = dict(rows.values_list("message_id", "conversation_id"))
    for message_id in references:
        if message_id in known:
            found = Conversation.objects.get(pk=known[message_id])
            return None if _takes_over(arrival, found) else found
    uuid = rules.first_message_uuid(references)
    if not uuid or subjects.is_forward(arrival.found.subject):
        return None
    return _answering(Message.objects.filter(message_uuid=uuid).first())


def _takes_over(arrival: Arrival, conversation: Conversation) -> bool:
    """Whether somebody else sends the conversation on to us: that is another one."""
    if arrival.is_out or not subjects.is_forward(arrival.found.subject):
        return False
    senders = conversation.mails.values_list("from_address", flat=True)
    writers = {names.normalise_email(email) for email in senders}
    return arrival.sender not in writers


def _answering(message: Message | None) -> Conversation | None:
    """The conversation that answers to this mail of ours began, or a new one."""
    if message is None:
        return None
    known = Conversation.objects.filter(answers=message).first()
    if known is not None:
        return known
    customer = people.live_record(message.customer)
    return Conversation(answers=message, customer=customer) if customer else None


def _with_others(arrival: Arrival) -> Conversation | None:
    customers = people.customers_at(arrival.others)
    if len(customers) == 1:
        return Conversation(customer=customers[0])
    return None if arrival.is_out else Conversation()
