"""Set up mailboxes and the accounts by which they send, and try whether they work."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from crm.services import audit
from messaging.models import SendingAccount
from messaging.rules.choices import OAuthProvider, Security
from messaging.services import grants, secrets, sending_accounts
from support.models import Mailbox
from support.rules import checks
from support.services import imap
from web.errors import InvalidValue, StaleVersion
from web.rules import text

# What may be set; secrets apart, because they are never shown.
FIELDS = (
    *("name", "address", "host", "port", "security", "user", "language", "assignee"),
    *("new_from", "sent_folder", "files_sent", "is_on", "auth_server"),
)
# Another of these is another account: the password must not be sent there, and what
# was tried before proves nothing.
_ACCOUNT = frozenset({"host", "user", "security", "port"})


@dataclass(frozen=True)
class Tried:
    """What a try saw: the folders of the account, and how many mails wait."""

    folders: list[str]
    mails: int


@dataclass(frozen=True)
class SignIn:
    """How the mailbox signs in: by a password, or by the consent of a provider.

    An empty password or client secret keeps the one that is stored.
    """

    password: str = ""
    provider: OAuthProvider | None = None
    client_id: str = ""
    client_secret: str = ""
    authorize_url: str = ""
    token_url: str = ""
    scope: str = ""


@dataclass(frozen=True)
class Sending:
    """The SMTP server of a mailbox. Without a user it has that of the mailbox, and
    without a password the same one or the same consent."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = ""


@transaction.atomic
def create(
    *,
    values: Mapping[str, Any],
    sign_in: SignIn,
    sending: Sending | None = None,
    now: datetime,
) -> Mailbox:
    """A new mailbox, read from the next minute on. Raises InvalidValue."""
    mailbox = Mailbox(**_checked(values))
    _sign_in(mailbox, sign_in, is_another=True, now=now)
    _refuse_taken(mailbox)
    mailbox.sending = _sending(mailbox, sending, sign_in, now)
    mailbox.save(force_insert=True)
    audit.record("mailbox.created", f"mailbox:{mailbox.pk}", now=now, fields=values)
    return mailbox


@transaction.atomic
def update(
    mailbox: Mailbox,
    *,
    values: Mapping[str, Any],
    sign_in: SignIn,
    sending: Sending | None = None,
    version: int,
    now: datetime,
) -> Mailbox:
    """Change it. An empty password keeps the one that is stored, except for another
    server or user, who must not be sent it. Raises InvalidValue, StaleVersion."""
    locked = Mailbox.objects.select_for_update(of=("self",)).get(pk=mailbox.pk)
    if locked.version != version:
        raise StaleVersion
    checked = _checked(values)
    changed = [name for name in checked if getattr(locked, name) != checked[name]]
    for name in changed:
        setattr(locked, name, checked[name])
    is_another, grant = bool(_ACCOUNT & set(changed)), locked.grant
    if is_another and "auth_server" not in changed:
        locked.auth_server = ""
    changed += _sign_in(locked, sign_in, is_another=is_another, now=now)
    before = _route(locked.sending)
    locked.sending = _sending(locked, sending, sign_in, now)
    if before != _route(locked.sending):
        changed.append("sending")
    if {"address", "sending"} & set(changed):
        locked.confirmed_at = locked.tags_seen_at = None
    if not changed:
        return locked
    _refuse_taken(locked)
    locked.version += 1
    _try_soon(locked)
    if not locked.is_read:
        locked.error_code, locked.error_since = "", None
    locked.save()
    if grant is not None and locked.grant is None:
        grant.delete()
    audit.record("mailbox.changed", f"mailbox:{locked.pk}", now=now, fields=changed)
    return locked


def attempt(mailbox: Mailbox, *, now: datetime) -> Tried:
    """Sign in and look, without storing anything, where it has a server; at the SMTP
    server, too. Raises MailboxError and SendingRefused."""
    tried = _looked(mailbox, now) if mailbox.is_read else Tried([], 0)
    if mailbox.sending is not None:
        sending_accounts.attempt(mailbox.sending, now=now)
    _try_soon(mailbox)
    mailbox.save(update_fields=["failures", "next_try_at"])
    return tried


def _looked(mailbox: Mailbox, now: datetime) -> Tried:
    with imap.opened(mailbox, now=now) as connection:
        folders = connection.folders()
        if mailbox.sent_folder:
            connection.open_folder(mailbox.sent_folder)
        connection.open_folder(imap.INBOX)
        return Tried(folders, len(connection.uids_above(0)))


def _try_soon(mailbox: Mailbox) -> None:
    """Anyone who mended it need not wait for the next try."""
    mailbox.failures, mailbox.next_try_at = 0, None


def _sign_in(
    mailbox: Mailbox, given: SignIn, *, is_another: bool, now: datetime
) -> list[str]:
    """Set what signs in; which fields changed."""
    before = mailbox.password, mailbox.grant_id
    if not mailbox.is_read:
        mailbox.password, mailbox.grant = "", None
        return ["password"] if any(before) else []
    if given.provider is not None:
        mailbox.password = ""
        mailbox.grant, renewed = grants.keep(
            mailbox.grant,
            provider=given.provider,
            client_id=given.client_id,
            client_secret=given.client_secret,
            authorize_url=given.authorize_url,
            token_url=given.token_url,
            scope=given.scope,
            is_another_user=is_another,
            now=now,
        )
        return ["grant"] if renewed or before[1] != mailbox.grant_id else []
    mailbox.grant = None
    if given.password:
        mailbox.password = secrets.encrypt(given.password)
    elif is_another or not mailbox.password:
        raise InvalidValue(fields={"password": "required"})
    return ["password"] if before[0] != mailbox.password else []


def _sending(
    mailbox: Mailbox, given: Sending | None, sign_in: SignIn, now: datetime
) -> SendingAccount | None:
    known = mailbox.sending
    if given is None:
        if known is not None:
            mailbox.sending = None
            mailbox.save(update_fields=["sending"])
            sending_accounts.remove(known, now=now)
        return None
    same_user = given.user in ("", mailbox.user)
    values = {
        "name": mailbox.name,
        "host": given.host,
        "port": given.port,
        "security": given.security.value,
        "user": given.user or mailbox.user,
    }
    grant = mailbox.grant if same_user and not given.password else None
    password = given.password or (sign_in.password if same_user else "")
    try:
        return sending_accounts.keep(
            known, values=values, password=password, grant=grant, now=now
        )
    except InvalidValue as error:
        fields = {f"smtp_{name}": code for name, code in error.fields.items()}
        raise InvalidValue(fields=fields) from error


def _route(account: SendingAccount | None) -> tuple[object, ...] | None:
    """What decides whether mail from the address gets through."""
    if account is None:
        return None
    return account.host, account.port, account.security, account.user


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: values[name] for name in FIELDS}
    found["address"] = text.valid_email(found["address"], field="address").lower()
    if found["host"]:
        _check_reading(found)
    elif found["user"] or found["sent_folder"]:
        # Without a server nobody signs in, and there is no folder.
        raise InvalidValue(fields={"host": "required"})
    server = found["auth_server"] = (found["auth_server"] or "").lower()
    if server not in ("", checks.NAMELESS) and not sending_accounts.is_host(server):
        raise InvalidValue(fields={"auth_server": "host_invalid"})
    if found["files_sent"] and not found["sent_folder"]:
        raise InvalidValue(fields={"sent_folder": "required"})
    return found


def _check_reading(found: Mapping[str, Any]) -> None:
    if not sending_accounts.is_host(found["host"]):
        raise InvalidValue(fields={"host": "host_invalid"})
    if not found["user"]:
        raise InvalidValue(fields={"user": "required"})
    is_open = Security(found["security"]) is Security.NONE
    if is_open and not sending_accounts.is_here(found["host"]):
        raise InvalidValue(fields={"security": "password_in_the_clear"})


def _refuse_taken(mailbox: Mailbox) -> None:
    others = Mailbox.objects.exclude(pk=mailbox.pk)
    if others.filter(address__iexact=mailbox.address).exists():
        raise InvalidValue(fields={"address": "address_taken"})
