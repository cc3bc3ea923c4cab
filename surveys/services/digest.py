"""The week's answers, by mail to the team on Monday; no mail where there were none."""

from datetime import date, datetime, time, timedelta

from django.db import transaction

from crm import selectors as crm
from crm.access import Capability, Role
from crm.models import User
from crm.rules import dates
from crm.services import audit
from messaging.services import direct
from surveys.models import DigestChoice
from surveys.selectors import digest

KIND = "survey_digest"
GOES_AT = time(8)
# After an outage it still goes on Tuesday; later the next one is near.
LATEST = timedelta(days=2)
_BY_DEFAULT = frozenset({Role.OWNER.value, Role.MANAGER.value})


def wants(user: User) -> bool:
    """Whether this colleague gets it: owners and managers, until they say no."""
    choice = DigestChoice.objects.filter(user=user).first()
    return choice.wants if choice else _by_role(user)


@transaction.atomic
def choose(user: User, *, wants: bool, now: datetime) -> None:
    """Get it from now on, or not any more."""
    DigestChoice.objects.update_or_create(user=user, defaults={"wants": wants})
    audit.record("user.digest_chosen", f"user:{user.pk}", now=now, fields=["wants"])


def post_due(*, now: datetime) -> int:
    """On Monday from eight in the shop's zone, one mail to each who wants it; for how
    many it was written down. Asked every hour: the second time it is there already."""
    local = now.astimezone(dates.zone_of(crm.business().time_zone, "UTC"))
    monday = _monday(local)
    began = datetime.combine(monday, GOES_AT, local.tzinfo)
    if not began <= local < began + LATEST or not digest.rows(monday, now=now):
        return 0
    said = dict(DigestChoice.objects.values_list("user", "wants"))
    readers = [
        user
        for user in User.objects.filter(is_active=True)
        if user.can(Capability.SEE_SURVEYS) and said.get(user.pk, _by_role(user))
    ]
    for user in readers:
        direct.post(
            kind=KIND,
            to=user,
            occurrence=f"week:{monday}",
            why={"monday": monday.isoformat()},
            now=now,
        )
    return len(readers)


def _by_role(user: User) -> bool:
    return user.role in _BY_DEFAULT


def _monday(local: datetime) -> date:
    return local.date() - timedelta(days=local.weekday())
