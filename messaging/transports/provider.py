"""A provider's API through Django's EMAIL_BACKEND (an anymail backend), one by one."""

from typing import cast

from anymail.exceptions import (
    AnymailAPIError,
    AnymailConfigurationError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailSerializationError,
    AnymailUnsupportedFeature,
)
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import ConnectTimeout

from messaging.rules.smtp_replies import Meaning
from messaging.transports import mime
from messaging.transports.base import Answer, BeforeDot, Mail, NotTried, Unusable

_TEXT_MOST = 300
# The headers that say who else gets a letter.
_NAMED = ("To", "Cc")


class ProviderSender:
    """Sends through the provider's own API, by Django's email backend."""

    def __init__(self) -> None:
        self._backend: BaseEmailBackend | None = None

    def open(self) -> None:
        try:
            backend = self._backend or get_connection(settings.EMAIL_BACKEND)
            backend.open()
        except (AnymailConfigurationError, ImproperlyConfigured, ImportError) as error:
            raise Unusable("provider_settings", ours=True) from error
        except OSError as error:
            raise Unusable("unreachable") from error
        self._backend = backend

    def pack(self, mail: Mail) -> object:
        packed = EmailMultiAlternatives(
            subject=mail.subject,
            body=mail.text,
            from_email=mime.address(mail.sender_name, mail.sender),
            to=[mime.address(mail.to_name, mail.to)],
            headers={"Message-ID": mail.message_id, **dict(mail.headers)},
            alternatives=[(mail.html, "text/html")] if mail.html else [],
        )
        if mail.is_letter:
            _complete(packed, mail)
        packed.metadata = {"message": mail.uuid}  # type: ignore[attr-defined]
        reply_to = packed.extra_headers.pop("Reply-To", "")
        packed.reply_to = [reply_to] if reply_to else []
        # Refuses line breaks in any header, before anything is handed over.
        packed.message()
        return packed

    def send(
        self, packed: object, before_dot: BeforeDot, following: object | None = None
    ) -> Answer:
        if self._backend is None or not before_dot():
            raise NotTried
        try:
            self._hand(cast(EmailMultiAlternatives, packed))
        except Exception as error:
            # Each backend raises errors of its own; _answer reads what they mean.
            return _answer(error)
        return Answer(Meaning.ACCEPTED)

    def _hand(self, packed: EmailMultiAlternatives) -> None:
        """Not every provider takes ids of ours along, or names others in the headers
        than whom it writes to: there each recipient sees their own address only."""
        backend = cast(BaseEmailBackend, self._backend)
        for leave_out in (_ids_of_ours, _names_of_others):
            try:
                backend.send_messages([packed])
            except AnymailUnsupportedFeature:
                leave_out(packed)
            else:
                return
        backend.send_messages([packed])

    def close(self) -> None:
        if self._backend is not None:
            self._backend.close()
        self._backend = None

    quit = close


def _ids_of_ours(packed: EmailMultiAlternatives) -> None:
    packed.metadata = {}  # type: ignore[attr-defined]


def _names_of_others(packed: EmailMultiAlternatives) -> None:
    for name in _NAMED:
        packed.extra_headers.pop(name, None)


def _complete(packed: EmailMultiAlternatives, mail: Mail) -> None:
    """What a letter has more than a mail of an automation."""
    if mail.cc or len(mail.to_all) > 1 or mail.to_all[0][1] != mail.to:
        packed.extra_headers["To"] = mime.addresses(mail.to_all)
    if mail.cc:
        packed.extra_headers["Cc"] = mime.addresses(mail.cc)
    for file in mail.files:
        packed.attach(mime.attachment(file, is_shown=bool(mail.html)))


def _answer(error: Exception) -> Answer:
    """What an exception of a backend means for the one mail that was being sent."""
    text = f"{type(error).__name__}"[:_TEXT_MOST]
    if isinstance(error, AnymailAPIError) and error.status_code is not None:
        return Answer(_meaning_of(error.status_code), error.status_code, text)
    if isinstance(error, AnymailRecipientsRefused):
        return Answer(Meaning.REFUSED, text=text)
    if isinstance(error, AnymailConfigurationError):
        return Answer(Meaning.OURS, text=text)
    if isinstance(
        error,
        AnymailInvalidAddress
        | AnymailSerializationError
        | AnymailUnsupportedFeature
        | ValueError,
    ):
        return Answer(Meaning.REFUSED, text=text)
    if _never_left(error):
        return Answer(Meaning.LATER, text=text, dropped=True)
    return Answer(Meaning.UNKNOWN, text=text, dropped=True)


def _meaning_of(status: int) -> Meaning:
    if status in (401, 402, 403, 404):
        return Meaning.OURS
    if status == 429:
        return Meaning.LATER
    if 400 <= status < 500:
        return Meaning.REFUSED
    # 5xx: the provider may have queued it before it stumbled.
    return Meaning.UNKNOWN


def _never_left(error: BaseException | None) -> bool:
    """Was there no connection to send it over?"""
    while error is not None:
        if isinstance(error, ConnectTimeout | ConnectionRefusedError):
            return True
        if isinstance(error, NoConnection) and "NewConnectionError" in repr(error):
            return True
        error = error.__cause__ or error.__context__
    return False
