"""Presses in mails as they came in: kept for a while, each one, whatever it meant."""

from datetime import datetime, timedelta

from surveys.choices import PressSeen
from surveys.models import Press
from surveys.rules.questionnaire import Given

KEPT = timedelta(days=90)
# Of one invitation: who presses more often fills a table, and says nothing new.
MOST = 100
LONGEST_AGENT = 200


def note(
    invitation_id: int,
    *,
    claimed: Given,
    seen: PressSeen,
    agent: str,
    network: str,
    now: datetime,
) -> bool:
    """A press that claims a score or one choice. Whether it was kept; changes nothing
    else."""
    if Press.objects.filter(invitation=invitation_id).count() >= MOST:
        return False
    tidy = "".join(letter for letter in agent if letter.isprintable())
    Press.objects.create(
        invitation_id=invitation_id,
        pressed_at=now,
        score=claimed.number,
        choice="".join(claimed.choices),
        seen=seen.value,
        agent=tidy[:LONGEST_AGENT],
        network=network,
    )
    return True


def forget(now: datetime) -> int:
    """Those older than 90 days. Returns how many."""
    return Press.objects.filter(pressed_at__lt=now - KEPT).delete()[0]
