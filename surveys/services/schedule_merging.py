"""The turns of two records that become one person, and of two again."""

from crm.personal_rows import Merge
from crm.services.merge_notes import note, noted
from surveys.models import Turn

_DAYS = "turn_days"


def join(merge: Merge) -> None:
    """Where both have a turn, the later one counts: they are one person to ask."""
    theirs = dict(
        Turn.objects.filter(customer=merge.dropped).values_list("asking", "next_on")
    )
    own = Turn.objects.filter(customer=merge.kept, asking__in=theirs)
    sooner = [turn for turn in own if turn.next_on < theirs[turn.asking_id]]
    note(merge, _DAYS, {turn.pk: {"was": str(turn.next_on),
                                  "became": str(theirs[turn.asking_id])}
                        for turn in sooner})  # fmt: skip
    for turn in sooner:
        turn.next_on = theirs[turn.asking_id]
    Turn.objects.bulk_update(sooner, ["next_on"])


def part(merge: Merge) -> None:
    """The kept record's own day again, unless it has moved on since."""
    for pk, days in noted(merge, _DAYS).items():
        same = Turn.objects.filter(pk=pk, customer=merge.kept, next_on=days["became"])
        same.update(next_on=days["was"])
