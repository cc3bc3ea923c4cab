"""Bounces and complaints go to the outcome of the mail that they are about."""

from datetime import datetime

from django.db import transaction

from messaging.models import Message
from messaging.services import reports, suppression
from support.models import RawMail
from support.rules.choices import RawState
from support.selectors import threads
from support.services.reading.reports import Report, report_of


@transaction.atomic
def take(content: bytes, raw: RawMail, *, now: datetime) -> bool:
    """Whether these bytes report about a mail of ours; then it is noted there, and the
    mail becomes no conversation."""
    report = report_of(content)
    message = _message(report) if report else None
    if report is None or message is None:
        return False
    if report.is_complaint:
        reports.complained(message, now=now)
    else:
        reports.bounced(message, status=report.status, now=now)
    RawMail.objects.filter(pk=raw.pk).update(state=RawState.REPORT.value)
    return True


def _message(report: Report) -> Message | None:
    """The mail by its id. A failure must name the recipient, too: a guess at either
    bars no address."""
    message = Message.objects.filter(
        message_uuid=report.uuid
    ).first() or threads.message_of(report.uuid, report.recipient)
    if message is None or (report.is_complaint and not report.recipient):
        return message
    sent_to = message.address_hash or suppression.address_hash(message.email_norm)
    named = suppression.address_hash(report.recipient)
    return message if named and bytes(sent_to) == named else None
