"""Set up mailboxes, and try whether they can be read."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from crm.services import audit
from support.models import Mailbox
from support.rules.choices import Security
from support.services import imap, secrets
from web.errors import InvalidValue, StaleVersion
from web.rules import text

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
# What may be set; the password apart, because it is never shown.
FIELDS = (
    *("name", "address", "host", "port", "security", "user", "language", "assignee"),
    *("new_from", "sent_folder", "is_on"),
)


@dataclass(frozen=True)
class Tried:
    """What a try saw: the folders of the account, and how many mails wait."""

    folders: list[str]
    mails: int


@transaction.atomic
def create(*, values: Mapping[str, Any], password: str, now: datetime) -> Mailbox:
    """A new mailbox, read from the next minute on. Raises InvalidValue."""
    mailbox = Mailbox(**_checked(values))
    mailbox.password = secrets.encrypt(_password(password))
    _refuse_taken(mailbox)
    mailbox.save(force_insert=True)
    audit.record("mailbox.created", f"mailbox:{mailbox.pk}", now=now, fields=values)
    return mailbox


@transaction.atomic
def update(
    mailbox: Mailbox,
    *,
    values: Mapping[str, Any],
    password: str,
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
    if password or {"host", "user", "security", "port"} & set(changed):
        locked.password = secrets.encrypt(_password(password))
        changed.append("password")
    if not changed:
        return locked
    _refuse_taken(locked)
    locked.version += 1
    locked.save()
    audit.record("mailbox.changed", f"mailbox:{locked.pk}", now=now, fields=changed)
    return locked


def attempt(mailbox: Mailbox) -> Tried:
    """Sign in and look, without storing anything. Raises MailboxTrouble."""
    with imap.opened(mailbox) as connection:
        folders = connection.folders()
        if mailbox.sent_folder:
            connection.open_folder(mailbox.sent_folder)
        connection.open_folder(imap.INBOX)
        return Tried(folders, len(connection.uids_above(0)))


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: values[name] for name in FIELDS}
    if not _HOST.fullmatch(found["host"]):
        raise InvalidValue(fields={"host": "host_invalid"})
    found["address"] = text.valid_email(found["address"], field="address").lower()
    if Security(found["security"]) is Security.NONE and not _is_here(found["host"]):
        raise InvalidValue(fields={"security": "password_in_the_clear"})
    return found


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _password(typed: str) -> str:
    if not typed:
        raise InvalidValue(fields={"password": "required"})
    return typed


def _refuse_taken(mailbox: Mailbox) -> None:
    others = Mailbox.objects.exclude(pk=mailbox.pk)
    if others.filter(address__iexact=mailbox.address).exists():
        raise InvalidValue(fields={"address": "address_taken"})
