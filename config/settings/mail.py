"""How mail leaves."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config import env
from local import embedded

EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.number(
    "EMAIL_PORT", 587 if env.flag("EMAIL_USE_TLS") else 25, least=1, most=65_535
)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS")
EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL")
if EMAIL_USE_TLS and EMAIL_USE_SSL:
    raise ImproperlyConfigured(
        "EMAIL_USE_TLS (STARTTLS) and EMAIL_USE_SSL exclude each other: choose one."
    )
# Without a limit a silent server would hold a worker for ever.
EMAIL_TIMEOUT = env.number("EMAIL_TIMEOUT", 10, least=1, most=60)
# How long we wait for the answer to the final dot, in seconds.
EMAIL_DOT_TIMEOUT = env.number("EMAIL_DOT_TIMEOUT", 30, least=1, most=60)
# How long a claimed message belongs to its deliverer, in seconds of the database's
# clock. Must be well above the wait for the final dot.
MAIL_LEASE_SECONDS = env.number("MAIL_LEASE_SECONDS", 120, least=1, most=3600)
# What must outlive the database (crm/services/journal), and how far each delivering
# process came. One folder for web, workers and beat, on another disk than the database.
JOURNAL_FOLDER = Path(
    env.text("JOURNAL_FOLDER") or embedded.var_folder() / "journal"
).resolve()
EMAIL_BACKEND = env.text("EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
# `outbox` keeps whole bodies and never sends; `smtp` speaks SMTP; `provider` uses
# EMAIL_BACKEND (for instance anymail.backends.postmark.EmailBackend).
MAIL_TRANSPORT = env.one_of(
    "MAIL_TRANSPORT",
    "outbox",
    "smtp",
    "provider",
    default="provider"
    if EMAIL_BACKEND.startswith("anymail.")
    else "smtp"
    if EMAIL_HOST
    else "outbox",
)
# Said in so many words, also mailboxes with an SMTP server of their own send nothing:
# for a copy of the shop.
MAIL_IS_KEPT = env.text("MAIL_TRANSPORT") == "outbox"
if MAIL_TRANSPORT == "smtp" and not EMAIL_HOST:
    raise ImproperlyConfigured("MAIL_TRANSPORT is smtp: EMAIL_HOST is missing.")
ANYMAIL = {
    name.removeprefix("ANYMAIL_"): value
    for name, value in env.prefixed("ANYMAIL_").items()
}
