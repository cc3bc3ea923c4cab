"""Mails as they come in, made for the tests."""

from email.message import EmailMessage
from email.utils import format_datetime

from tests.factories import NOW


def plain(
    text="Where is my parcel?",
    *,
    sender="Dana Levi <dana@example.org>",
    to="help@kettle.example",
    subject="My order",
    message_id="<one@example.org>",
    at=NOW,
    answers=(),
    html="",
    **more,
):
    """The bytes of an ordinary mail; `more` are headers, with _ for -."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = subject
    if at:
        mail["Date"] = format_datetime(at)
    if message_id:
        mail["Message-ID"] = message_id
    if answers:
        mail["In-Reply-To"] = answers[-1]
        mail["References"] = " ".join(answers)
    for name, value in more.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail.as_bytes()
