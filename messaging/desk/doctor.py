"""What `manage.py doctor` says of mail: whether it leaves, and whether any waits."""

import smtplib
import ssl
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings

from crm.page_parts import DoctorCheck, Finding
from messaging.models import Message
from messaging.rules.choices import State, Transport
from messaging.selectors.circuits import open_circuits, why
from messaging.services.messages import LEFT_AS_IS
from web.errors import first_line


def _mail(now: datetime) -> Iterator[Finding]:
    transport = settings.MAIL_TRANSPORT
    if transport == Transport.OUTBOX.value:
        yield Finding("mail", True, "kept here, no mail server: set MAIL_TRANSPORT")
    elif transport == Transport.SMTP.value:
        yield _smtp()
    else:
        yield Finding("mail", True, f"leaves through {settings.EMAIL_BACKEND}")
    for circuit in open_circuits():
        text = f"mail is not leaving: {why(circuit, sees_customers=True)}"
        yield Finding(circuit.transport, False, text)
    unsure = Message.objects.filter(state=State.UNCERTAIN.value).exclude(
        reason_code=LEFT_AS_IS
    )
    count = unsure.count()
    text = f"{count} mails need a decision" if count else "no mail needs a decision"
    yield Finding("decisions", count == 0, text)
    overdue = Message.objects.filter(
        state=State.PLANNED.value, not_before__lt=now - timedelta(minutes=15)
    )
    late = overdue.exists()
    text = "mails wait that should have gone" if late else "nothing is late"
    yield Finding("queue", not late, text)


def _smtp() -> Finding:
    """A real connection, encrypted and signed in as a delivery would be."""
    address = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    # smtplib's own contexts trust every certificate, and we sign in below.
    trusted = ssl.create_default_context()
    build = (
        partial(smtplib.SMTP_SSL, context=trusted)
        if settings.EMAIL_USE_SSL
        else smtplib.SMTP
    )
    try:
        with build(
            settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=settings.EMAIL_TIMEOUT
        ) as server:
            if settings.EMAIL_USE_TLS:
                server.starttls(context=trusted)
            if settings.EMAIL_HOST_USER:
                server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
    except (OSError, smtplib.SMTPException) as error:
        return Finding("mail", False, f"{address}: {first_line(error)}")
    return Finding("mail", True, f"{address} answers")


PARTS = (DoctorCheck(name="mail", order=10, read=_mail),)
