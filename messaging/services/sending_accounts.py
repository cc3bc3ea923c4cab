"""Accounts by which mail leaves beside the shop's own transport."""

import ipaddress
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from crm.services import audit
from messaging.errors import NoToken, SecretUnreadable, SendingRefused
from messaging.models import MailGrant, Message, SendingAccount
from messaging.rules import oauth
from messaging.rules.choices import Security, State, Transport
from messaging.services import oauth as tokens
from messaging.services import secrets
from messaging.transports.base import Unusable
from messaging.transports.servers import SmtpServer
from messaging.transports.smtp import SmtpSender
from web.errors import InvalidValue

FIELDS = ("name", "host", "port", "security", "user")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


def with_mail(*, now: datetime) -> list[SendingAccount]:
    """The accounts for which a mail waits that may go."""
    waiting = Message.objects.filter(
        account__isnull=False, state=State.PLANNED.value, not_before__lte=now
    )
    ids = waiting.values_list("account_id", flat=True).distinct()
    return list(SendingAccount.objects.filter(pk__in=list(ids)).order_by("pk"))


def transport_of(account: SendingAccount | None) -> Transport:
    """How its mail leaves. Where MAIL_TRANSPORT is outbox, no account's does."""
    if account is None:
        return Transport(settings.MAIL_TRANSPORT)
    return Transport.OUTBOX if settings.MAIL_IS_KEPT else Transport.SMTP


def server_of(account: SendingAccount, *, now: datetime) -> SmtpServer:
    """Its server with what signs in there. Raises Unusable where nothing does."""
    try:
        password = secrets.decrypt(account.password) if account.password else ""
        token = tokens.access_token(account.grant, now=now) if account.grant else ""
    except SecretUnreadable as error:
        raise Unusable(error.code, ours=True) from error
    except NoToken as error:
        away = error.code == oauth.PROVIDER_UNREACHABLE
        raise Unusable(error.code, ours=not away) from error
    return SmtpServer(
        host=account.host,
        port=account.port,
        security=Security(account.security),
        user=account.user,
        password=password,
        token=token,
    )


def attempt(account: SendingAccount, *, now: datetime) -> None:
    """Connect and sign in, without sending anything. Raises SendingRefused."""
    sender = SmtpSender(lambda: server_of(account, now=now))
    try:
        sender.open()
    except Unusable as error:
        note_refused(account, error)
        answer = f"{error.code or ''} {error.text}".strip()
        raise SendingRefused(error.reason, answer) from error
    finally:
        sender.quit()


def note_refused(account: SendingAccount, error: Unusable) -> None:
    """A token that is not taken is not offered again."""
    if account.grant is not None and error.reason == "login_refused":
        tokens.refused(account.grant)


@transaction.atomic
def keep(
    account: SendingAccount | None,
    *,
    values: Mapping[str, Any],
    password: str,
    grant: MailGrant | None,
    now: datetime,
) -> SendingAccount:
    """Make or change it. An empty password keeps the one that is stored, except for
    another server or user, who must not be sent it. Raises InvalidValue."""
    row = account or SendingAccount()
    changed = [name for name in FIELDS if getattr(row, name) != values[name]]
    for name in changed:
        setattr(row, name, values[name])
    _check(row)
    before = row.password
    if grant is not None or not row.user:
        row.password = ""
    elif password:
        row.password = secrets.encrypt(password)
    elif not row.password or {"host", "port", "security", "user"} & set(changed):
        raise InvalidValue(fields={"password": "required"})
    row.grant = grant if row.user else None
    if account is None or changed or before != row.password:
        row.save()
        audit.record(
            "sending_account.kept",
            f"sending_account:{row.pk}",
            now=now,
            fields=[*changed, *(["password"] if before != row.password else [])],
        )
    return row


@transaction.atomic
def remove(account: SendingAccount, *, now: datetime) -> None:
    """What waits for it leaves by the shop's transport."""
    audit.record("sending_account.removed", f"sending_account:{account.pk}", now=now)
    account.delete()


def _check(account: SendingAccount) -> None:
    if not is_host(account.host):
        raise InvalidValue(fields={"host": "host_invalid"})
    is_open = Security(account.security) is Security.NONE
    if is_open and not is_here(account.host):
        raise InvalidValue(fields={"security": "password_in_the_clear"})


def is_host(name: str) -> bool:
    """Whether it can be the name of a server."""
    return _HOST.fullmatch(name) is not None


def is_here(host: str) -> bool:
    """Whether it is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
