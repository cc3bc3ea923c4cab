"""The second factor: an authenticator app, and recovery codes for when it is lost."""

from datetime import datetime, timedelta

from django.db import transaction

from crm.errors import WrongCode
from crm.models import RecoveryCode, User
from crm.rules import recovery_codes, totp
from crm.services import attempts, audit, sessions
from crm.services.attempts import Limit

_TRIES = Limit("second factor", 10, timedelta(minutes=15))


def check_code(user: User, code: str, *, now: datetime) -> None:
    """Take a code of the app, or a recovery code, of somebody whose password was right.

    Each works once, also where two send it at once. Raises WrongCode, and
    TooManyAttempts after ten in a quarter of an hour.
    """
    taken = attempts.take(_TRIES, str(user.pk), now=now)
    if not _take_code(user, code, now):
        audit.record("second_factor.refused", f"user:{user.pk}", now=now)
        raise WrongCode
    attempts.give_back(taken)


@transaction.atomic
def switch_on(
    user: User, *, secret: str, code: str, session_key: str | None, now: datetime
) -> list[str]:
    """From now on this user signs in with a code as well; other sessions end.

    `code` proves that their app has the secret. Returns the recovery codes, which are
    shown once. Raises WrongCode.
    """
    locked = User.objects.select_for_update().get(pk=user.pk)
    step = totp.matching_step(secret, _digits(code), now=now, after=0)
    if step is None:
        raise WrongCode
    _save(locked, secret, step)
    user.totp_secret = secret
    codes = _make_codes(locked)
    sessions.end_all(locked, but=session_key)
    audit.record("second_factor.switched_on", f"user:{locked.pk}", now=now)
    return codes


@transaction.atomic
def switch_off(user: User, *, session_key: str | None, now: datetime) -> None:
    """The password alone is enough again; other sessions end."""
    _remove(user, "second_factor.switched_off", session_key, now)


@transaction.atomic
def reset(user: User, *, now: datetime) -> None:
    """For whoever lost the telephone and the codes; every session ends."""
    _remove(user, "second_factor.reset", None, now)


@transaction.atomic
def renew_codes(user: User, *, now: datetime) -> list[str]:
    """New recovery codes in the place of all earlier ones; shown once."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    codes = _make_codes(locked)
    audit.record("second_factor.codes_renewed", f"user:{locked.pk}", now=now)
    return codes


def codes_left(user: User) -> int:
    """How many recovery codes are unused."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


@transaction.atomic
def _take_code(user: User, code: str, now: datetime) -> bool:
    # Of two with one code the second waits here, and finds it taken.
    locked = User.objects.select_for_update().get(pk=user.pk)
    if not locked.totp_secret:
        return False
    step = totp.matching_step(
        locked.totp_secret, _digits(code), now=now, after=locked.totp_step
    )
    if step is not None:
        User.objects.filter(pk=locked.pk).update(totp_step=step)
        return True
    used = RecoveryCode.objects.filter(
        user=locked, code_hash=recovery_codes.hash_of(code), used_at=None
    ).update(used_at=now)
    if used:
        audit.record("second_factor.recovery_code_used", f"user:{locked.pk}", now=now)
    return bool(used)


def _remove(user: User, action: str, but: str | None, now: datetime) -> None:
    locked = User.objects.select_for_update().get(pk=user.pk)
    _save(locked, "", 0)
    user.totp_secret = ""
    RecoveryCode.objects.filter(user=locked).delete()
    sessions.end_all(locked, but=but)
    audit.record(action, f"user:{locked.pk}", now=now)


def _save(user: User, secret: str, step: int) -> None:
    user.totp_secret, user.totp_step = secret, step
    user.save(update_fields=["totp_secret", "totp_step"])


def _make_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = [recovery_codes.new_code() for _ in range(recovery_codes.COUNT)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, code_hash=recovery_codes.hash_of(code))
        for code in codes
    )
    return codes


def _digits(code: str) -> str:
    """Apps show 123 456; people type it so."""
    return code.replace(" ", "")
