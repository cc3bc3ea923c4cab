"""Which SMTP server, and how one signs in there."""

from dataclasses import dataclass, field

from django.conf import settings

from messaging.rules.choices import Security


@dataclass(frozen=True)
class SmtpServer:
    """Without a user nobody signs in; with a token (XOAUTH2) no password is used."""

    host: str
    port: int
    security: Security = Security.NONE
    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    @property
    def place(self) -> tuple[str, int]:
        return self.host, self.port


def of_settings() -> SmtpServer:
    """The shop's own, by EMAIL_HOST and its like."""
    security = Security.STARTTLS if settings.EMAIL_USE_TLS else Security.NONE
    return SmtpServer(
        host=settings.EMAIL_HOST,
        port=settings.EMAIL_PORT,
        security=Security.TLS if settings.EMAIL_USE_SSL else security,
        user=settings.EMAIL_HOST_USER,
        password=settings.EMAIL_HOST_PASSWORD,
    )
