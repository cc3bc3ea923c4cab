"""The days on which two records are asked that become one person, and two again."""

from crm.personal_rows import Merge
from crm.services.merge_notes import note, noted
from surveys.models import ScheduledAsk

# The name in merges that are stored.
_DAYS = "turn_days"


def join(merge: Merge) -> None:
    """Where both have a day, the later one counts: they are one person to ask."""
    theirs = dict(
        ScheduledAsk.objects.filter(customer=merge.dropped).values_list(
            "asking", "next_on"
        )
    )
    own = ScheduledAsk.objects.filter(customer=merge.kept, asking__in=theirs)
    sooner = [each for each in own if each.next_on < theirs[each.asking_id]]
    note(merge, _DAYS, {each.pk: {"was": str(each.next_on),
                                  "became": str(theirs[each.asking_id])}
                        for each in sooner})  # fmt: skip
    for each in sooner:
        each.next_on = theirs[each.asking_id]
    ScheduledAsk.objects.bulk_update(sooner, ["next_on"])


def part(merge: Merge) -> None:
    """The kept record's own day again, unless it has moved on since."""
    for pk, days in noted(merge, _DAYS).items():
        same = ScheduledAsk.objects.filter(
            pk=pk, customer=merge.kept, next_on=days["became"]
        )
        same.update(next_on=days["was"])
