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

from messaging.rules.answers import Meaning
from messaging.transports import mime
from messaging.transports.base import Answer, BeforeDot, Mail, NotTried, Unusable

_TEXT_MOST = 300


class ProviderSender:
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
            alternatives=[(mail.html, "text/html")],
        )
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
            self._backend.send_messages([cast(EmailMultiAlternatives, packed)])
        except Exception as error:
            return _answer(error)
        return Answer(Meaning.ACCEPTED)

    def close(self) -> None:
        if self._backend is not None:
            self._backend.close()
        self._backend = None

    quit = close


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
