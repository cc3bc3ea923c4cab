"""Transports that do not work at the moment, and why, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from messaging.models import Circuit, Message
from messaging.rules.choices import CircuitState, State
from messaging.services.circuit import REFUSED_US

# How long the outbox still shows that a stopped queue goes again.
_NEWS_FOR = timedelta(minutes=10)


@dataclass(frozen=True)
class Stopped:
    """A transport that takes no mail. `why`: whose mail the server refused and its
    answer. `first_due_at`: when the first mail that could be tried is due, None where
    nothing is planned."""

    circuit: Circuit
    why: str
    first_due_at: datetime | None
    is_due: bool


def open_circuits() -> list[Circuit]:
    """The transports that take no mail, with the refused messages, which are asked for
    only where there is one: hardly ever."""
    return list(
        Circuit.objects.exclude(state=CircuitState.CLOSED.value)
        .prefetch_related("account", "refused__customer", "refused__user")
        .order_by("pk")
    )


def stopped(
    circuits: Sequence[Circuit], *, sees_customers: bool, now: datetime
) -> list[Stopped]:
    """What the pages show of these transports, which take no mail."""
    return [_stopped(circuit, sees_customers, now) for circuit in circuits]


def _stopped(circuit: Circuit, sees_customers: bool, now: datetime) -> Stopped:
    waiting = Message.objects.filter(
        state=State.PLANNED.value, account=circuit.account_id
    )
    first = waiting.aggregate(at=Min("not_before"))["at"]
    return Stopped(
        circuit,
        why(circuit, sees_customers=sees_customers),
        first,
        is_due=first is not None and first <= now,
    )


def headline(circuits: Sequence[Circuit]) -> str:
    """Whether all mail is stopped, or whose."""
    names = [str(one.account) for one in circuits if one.account is not None]
    if len(names) < len(circuits):
        return _("Mail is not leaving")
    return _("Mail of %(names)s is not leaving") % {"names": ", ".join(names)}


def going_again_since(now: datetime) -> datetime | None:
    """When a stopped queue began to move again, while that is news."""
    return (
        Circuit.objects.filter(
            state=CircuitState.CLOSED.value, probed_at__gt=now - _NEWS_FOR
        )
        .order_by("-probed_at")
        .values_list("probed_at", flat=True)
        .first()
    )


def why(circuit: Circuit, *, sees_customers: bool) -> str:
    """One sentence: whose mail the server refused and with which answer, with the name
    of the account before it, unless it is the shop's own.

    Without `sees_customers` no name, and the code alone: its words may hold an address.
    """
    words = _why(circuit, sees_customers)
    if circuit.account is None:
        return words
    # Whatever direction the name is written in, the sentence keeps its own.
    return f"\u2068{circuit.account}\u2069: {words}"


def _why(circuit: Circuit, sees_customers: bool) -> str:
    text = circuit.smtp_text if sees_customers else ""
    answer = f"{circuit.smtp_code or ''} {text}".strip()
    if circuit.reason_code == REFUSED_US and circuit.refused:
        return _refused(circuit, circuit.refused, answer, sees_customers)
    return in_words(circuit.reason_code, answer)


def in_words(reason_code: str, answer: str = "") -> str:
    """Why a transport does not work, with the answer of its server."""
    words = _WORDS.get(reason_code)
    if words is None:
        return _("The mail server answered %(answer)s.") % {"answer": answer or "–"}
    return f"{words} ({answer})" if answer else str(words)


def _refused(
    circuit: Circuit, message: Message, answer: str, sees_customers: bool
) -> str:
    whose = _("a customer")
    if sees_customers or message.user is not None:
        whose = str(message.customer or message.user or message.address)
    others = circuit.refusals.count() - 1
    if others < 1:
        words = _("The mail server refused the mail to %(whose)s: “%(answer)s”.")
    else:
        words = ngettext(
            "The mail server refused the mail to %(whose)s: “%(answer)s”."
            " One mail before it met the same.",
            "The mail server refused the mail to %(whose)s: “%(answer)s”."
            " %(others)s mails before it met the same.",
            others,
        )
    return words % {"whose": whose, "answer": answer, "others": others}


_WORDS: dict[str, str | Promise] = {
    "login_refused": gettext_lazy("The mail server refused our name or password."),
    "greeting_refused": gettext_lazy("The mail server refused our connection."),
    "tls_failed": gettext_lazy(
        "The mail server offers no encryption that we can trust."
    ),
    "server_busy": gettext_lazy("The mail server is too busy to listen."),
    "no_answer": gettext_lazy("The mail server gave no answer that we understand."),
    "unreachable": gettext_lazy("The mail server cannot be reached."),
    "connection_lost": gettext_lazy("The mail server breaks off every connection."),
    "secret_unreadable": gettext_lazy(
        "The stored password cannot be read, because SECRET_KEY has changed. Type it"
        " again in Settings, Mailboxes."
    ),
    "consent_missing": gettext_lazy(
        "Nobody has consented at the provider yet: press Ask for consent in Settings,"
        " Mailboxes."
    ),
    "consent_over": gettext_lazy(
        "The consent at the provider was withdrawn or has run out: press Ask for"
        " consent in Settings, Mailboxes."
    ),
    "client_refused": gettext_lazy(
        "The provider refuses the client ID or its secret: look at them in Settings,"
        " Mailboxes."
    ),
    "provider_unreachable": gettext_lazy(
        "The provider’s address for tokens does not answer."
    ),
    "provider_settings": gettext_lazy(
        "The settings of the mail provider are incomplete or wrong."
    ),
    "journal_unwritable": gettext_lazy(
        "The journal of mails cannot be written, and without it no mail leaves:"
        " look at the disk that var/journal is on."
    ),
    "journal_missing": gettext_lazy(
        "The journal of this database is not where it should be (JOURNAL_FOLDER), and"
        " without it no mail leaves. If it is lost, run: manage.py after_restore"
    ),
    "restored": gettext_lazy(
        "The database was put back, and some mails may have left since the copy was"
        " made. Nothing leaves until somebody has run: manage.py after_restore"
    ),
}
