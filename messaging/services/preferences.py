"""What a customer chooses on their own page: classes of mail, language, a pause."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from crm.models import Customer
from crm.services import customers
from messaging.errors import ChoicesChanged
from messaging.rules.choices import Category
from messaging.rules.consent import STOPPABLE
from messaging.services import consent, pauses

PAUSE = "pause"


@transaction.atomic
def save_preferences(
    customer: Customer,
    *,
    wanted: Mapping[Category, bool],
    language: str,
    paused: bool,
    drawn: Collection[str] | None = None,
    birthday: str | None = None,
    ip: str,
    now: datetime,
) -> Customer:
    """Only what differs from today becomes a row: a box left alone records nothing.

    `drawn` names the boxes that were ticked when the page was made, None where that is
    unknown. A box that is as it was drawn, but not as it is now, was left alone, or
    it was meant: ChoicesChanged names those, and nothing is saved. `birthday`: `MM-DD`
    that they told, "" to delete the one on record, None to leave it.
    """
    locked = consent.lock(customer)
    states = consent.states([locked.pk])[locked.pk]
    stoppable = {c: yes for c, yes in wanted.items() if c in STOPPABLE}
    if drawn is not None:
        standing = {c.value: states[c].allowed for c in stoppable}
        standing[PAUSE] = pauses.standing_pause(locked, now=now) is not None
        asked = {**{c.value: yes for c, yes in stoppable.items()}, PAUSE: paused}
        _refuse_stale(asked, standing, drawn)
    yes = [c for c, wants in stoppable.items() if wants and not states[c].allowed]
    no = [c for c, wants in stoppable.items() if not wants and states[c].allowed]
    how = "preference_page"
    if yes:
        consent.grant(locked, categories=yes, how=how, now=now, ip=ip)
    if no:
        consent.withdraw(locked, categories=no, how=how, now=now, ip=ip)
    if paused:
        pauses.pause(locked, now=now)
    else:
        pauses.resume(locked, now=now)
    changes = {"language": language}
    if birthday is not None:
        changes["birthday"] = birthday
    return customers.update_customer(locked, changes=changes, now=now)


def _refuse_stale(
    asked: Mapping[str, bool], standing: Mapping[str, bool], drawn: Collection[str]
) -> None:
    stale = {
        name: "changed"
        for name, yes in asked.items()
        if yes == (name in drawn) and yes != standing[name]
    }
    if stale:
        raise ChoicesChanged(fields=stale)
