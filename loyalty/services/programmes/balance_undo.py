"""What an undo of imported balances takes back: parts of which nothing was used."""

from collections.abc import Sequence

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from crm import selectors
from crm.rules.choices import ImportedThing
from crm.services import audit
from crm.services.imports.undo import Undo, UndoPart
from loyalty.choices import EntryKind
from loyalty.models import Entry
from loyalty.services.programmes import posting
from loyalty.services.programmes.posting import Posting

_SPENT = "spent"


def take_back(undo: Undo, ids: Sequence[int]) -> None:
    """Take parts off the balances that are as they came, one entry each; the others
    stay, with the reason. Taken back before: nothing."""
    rows = Entry.objects.filter(pk__in=ids, undone_by=None)
    locked = posting.lock(rows.values_list("membership", flat=True))
    there = list(rows.select_related("lot").order_by("pk"))
    whole = [row for row in there if row.lot.left == row.amount]
    undo.keep(
        ImportedThing.ENTRY,
        {row.pk for row in there} - {row.pk for row in whole},
        _SPENT,
    )
    today = selectors.business().day(undo.now)
    made = posting.post(
        [
            Posting(
                membership=row.membership_id,
                kind=EntryKind.ADJUSTED,
                amount=-row.amount,
                source_key=f"{row.source_key}:undone",
                on=today,
                undoes=row.pk,
                from_lot=row.pk,
            )
            for row in whole
        ],
        today=today,
        now=undo.now,
    )
    audit.record_many(
        "balance.adjusted",
        (
            (f"entry:{entry.pk}", locked[entry.membership_id].customer_id)
            for entry in made
        ),
        now=undo.now,
    )
    undo.count("removed", len(made))


def _named(ids: list[int]) -> dict[int, tuple[str, str]]:
    rows = Entry.objects.filter(pk__in=ids).annotate(
        number=F("membership__customer__external_id")
    )
    return {
        row.pk: (
            row.number,
            f"{row.membership.programme.name}: {row.amount.normalize():f}",
        )
        for row in rows.select_related("membership__programme")
    }


UNDO = UndoPart(
    what=ImportedThing.ENTRY,
    step=take_back,
    named=_named,
    reasons={
        _SPENT: _("Some of it was used, ran out or went to another record since.")
    },
)
