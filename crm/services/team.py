"""Who works here: invited, given a role, deactivated. Owners do this for others."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from crm.access import Role
from crm.errors import LastOwner, NotAllowed, NotYourself
from crm.models import User
from crm.services import audit, sessions
from crm.signals import colleague_deactivated, colleague_invited
from web.errors import AlreadyExists, InvalidValue
from web.rules import text


@transaction.atomic
def invite(*, email: str, name: str, role: str, by: User | None, now: datetime) -> User:
    """A new colleague, who gets a link by mail to choose a password. `by` is the owner
    who invites, or None from the command line. Refuses an address that is in use."""
    email = text.valid_email(email, field="email").lower()
    name = text.one_line(name, field="name", most=120)
    if not email:
        raise InvalidValue(fields={"email": "required"})
    if User.objects.filter(email=email).exists():
        raise AlreadyExists(fields={"email": "already_exists"})
    user = User.objects.create_user(
        email, None, name=name or email.split("@")[0], role=_role(role)
    )
    audit.record("user.invited", f"user:{user.pk}", fields=["role"], now=now)
    colleague_invited.send(sender=User, user=user, by=by, now=now)
    return user


@transaction.atomic
def invite_again(user: User, *, by: User | None, now: datetime) -> None:
    """Another link; the ones before it end."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    if not (locked.is_active and locked.is_invited):
        raise AlreadyExists
    # Links are bound to what stands here in the place of a password.
    locked.set_unusable_password()
    locked.save(update_fields=["password"])
    audit.record("user.invited_again", f"user:{locked.pk}", now=now)
    colleague_invited.send(sender=User, user=locked, by=by, now=now)


@transaction.atomic
def change_role(user: User, *, role: str, by: User | None, now: datetime) -> User:
    """Give a colleague another role, which counts at their next request."""
    locked = _locked(user, by)
    role = _role(role)
    if locked.role == role:
        return locked
    if role != Role.OWNER.value:
        _keep_an_owner(locked)
    locked.role = role
    locked.save(update_fields=["role"])
    audit.record("user.role_changed", f"user:{locked.pk}", fields=["role"], now=now)
    return locked


@transaction.atomic
def change_details(user: User, *, changes: Mapping[str, str], now: datetime) -> None:
    """Set the named fields of a colleague: email, name, language, time_zone. The form
    has checked them; an address that is in use is refused by the database."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    for field in changes:
        setattr(locked, field, changes[field])
    locked.save(update_fields=list(changes))
    audit.record("user.changed", f"user:{locked.pk}", fields=changes, now=now)


@transaction.atomic
def deactivate(user: User, *, by: User | None, now: datetime) -> list[str]:
    """They are out at their next request, and cannot sign in. What they wrote stays;
    what became of their work, in sentences."""
    locked = _locked(user, by)
    if not locked.is_active:
        return []
    _keep_an_owner(locked)
    _set_active(locked, False, now)
    sessions.end_all(locked)
    answers = colleague_deactivated.send(sender=User, user=locked, now=now)
    return [said for _receiver, said in answers if said]


@transaction.atomic
def activate(user: User, *, by: User | None, now: datetime) -> User:
    """They may sign in again, with the password they had."""
    locked = _locked(user, by)
    if not locked.is_active:
        _set_active(locked, True, now)
    return locked


def _set_active(user: User, is_active: bool, now: datetime) -> None:
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    action = "user.activated" if is_active else "user.deactivated"
    audit.record(action, f"user:{user.pk}", fields=["is_active"], now=now)


def _locked(user: User, by: User | None) -> User:
    """All owners are locked in one order, so that two who take each other's role away
    take turns, and the second sees what the first has left."""
    if by is not None and by.pk == user.pk:
        raise NotYourself
    list(_owners().select_for_update().order_by("pk").values_list("pk"))
    if by is not None and not _owners().filter(pk=by.pk).exists():
        raise NotAllowed
    return User.objects.select_for_update().get(pk=user.pk)


def _keep_an_owner(user: User) -> None:
    if not _owners().exclude(pk=user.pk).exists() and user.role == Role.OWNER.value:
        raise LastOwner


def _owners() -> QuerySet[User]:
    return User.objects.filter(role=Role.OWNER.value, is_active=True)


def _role(role: str) -> str:
    try:
        return Role(role).value
    except ValueError:
        raise InvalidValue(fields={"role": "unknown"}) from None
