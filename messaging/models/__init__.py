"""May we write, what we wrote and why not, did it arrive."""

from messaging.models.automation import Automation, Sweep, Wording
from messaging.models.circuit import Circuit, Refusal
from messaging.models.ledger import Body, Link, Message
from messaging.models.permission import (
    BudgetRule,
    Consent,
    Hold,
    Suppression,
)
from messaging.models.sending import MailGrant, SendingAccount

__all__ = [
    "Automation",
    "Body",
    "BudgetRule",
    "Circuit",
    "Consent",
    "Hold",
    "Link",
    "MailGrant",
    "Message",
    "Refusal",
    "SendingAccount",
    "Suppression",
    "Sweep",
    "Wording",
]
