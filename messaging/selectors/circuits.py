"""Transports that do not work at the moment, and why, in words."""

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
    """The transports that take no mail, with the refused messages."""
    return list(
        Circuit.objects.exclude(state=CircuitState.CLOSED.value).select_related(
            "refused__customer", "refused__user"
        )
    )


def stopped(*, sees_customers: bool, now: datetime) -> list[Stopped]:
    """What the pages show of every transport that takes no mail."""
    circuits = open_circuits()
    if not circuits:
        return []
    first = Message.objects.filter(state=State.PLANNED.value).aggregate(
        at=Min("not_before")
    )["at"]
    return [
        Stopped(
            circuit,
            why(circuit, sees_customers=sees_customers),
            first,
            is_due=first is not None and first <= now,
        )
        for circuit in circuits
    ]


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
    """One sentence: whose mail the server refused and with which answer.

    Without `sees_customers` no name, and the code alone: its words may hold an address.
    """
    text = circuit.smtp_text if sees_customers else ""
    answer = f"{circuit.smtp_code or ''} {text}".strip()
    if circuit.reason_code == REFUSED_US and circuit.refused:
        return _refused(circuit, circuit.refused, answer, sees_customers)
    words = _WORDS.get(circuit.reason_code)
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
