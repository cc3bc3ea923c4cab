"""Balances of another program, brought along by file: one line for each part of a
balance that runs out by itself."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

from django.db import connection
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from crm.errors import FileUnusable
from crm.models import Customer
from crm.services.imports import values
from crm.services.imports.importer import Default, Given, Importer, ids_of
from crm.services.imports.loading import Loaded, Loader
from crm.services.imports.modes import refuse_modes_of_customers
from crm.services.imports.running import Check, Options
from crm.services.imports.slices import Slice
from crm.sql import history_import
from loyalty.choices import EntryKind
from loyalty.models import Programme, ProgrammeWords
from loyalty.services.programmes import members, posting
from loyalty.services.programmes.balance_columns import FIELDS, LABELS
from loyalty.services.programmes.balance_lines import BalanceCheck, BalanceSettings
from loyalty.services.programmes.balance_undo import UNDO
from loyalty.services.programmes.posting import Posting
from loyalty.sql import balance_import as sql

NAME = "balances"


class BalanceLoader(Loader):
    """What is there already stays as it is; what was undone may come again."""

    staging = sql.STAGING
    columns = MappingProxyType({sql.TABLE: sql.COLUMNS})

    def __init__(self, *, source: str, now: datetime, today: date) -> None:
        super().__init__(source=source, now=now)
        self._today = today

    def load(self, part: Slice) -> Loaded:
        self.execute(sql.EMPTY)
        self.stage(part)
        self.execute(sql.ANALYZE)
        loaded = Loaded()
        new: dict[tuple[int, int, str], _Lot] = {}
        for row in self.fetch(sql.LOTS):
            lot = _Lot(*row)
            if lot.customer is None:
                loaded.refused.append((lot.line, "customer_erased"))
            elif lot.there is None and lot.of not in new:
                new[lot.of] = lot
            elif lot.there not in (None, lot.units):
                loaded.notes.add("lots_differ", example=str(lot.line))
        if self.run is not None:
            self._post(list(new.values()))
        loaded.created = len(new)
        loaded.unchanged = part.accepted - len(loaded.refused) - loaded.created
        return loaded

    def _post(self, lots: "list[_Lot]") -> None:
        """The audit names the run alone, as of orders; the ledger tells the rest."""
        assert self.run is not None
        whose = self._memberships(lots)
        made = posting.book(
            [lot.posting(whose[lot.programme, lot.customer]) for lot in lots],
            today=self._today,
            now=self.now,
            by=self.run.started_by,
        )
        if self.run.is_noted and made:
            person_of = {pk: customer for (_programme, customer), pk in whose.items()}
            whom = [person_of[membership] for membership, _key in made]
            with connection.cursor() as cursor:
                cursor.execute(sql.NOTE, [list(made.values()), whom])

    def _memberships(self, lots: "list[_Lot]") -> dict[tuple[int, int | None], int]:
        """By programme and customer, made where they take no part yet."""
        asked: defaultdict[int, set[int]] = defaultdict(set)
        for lot in lots:
            assert lot.customer is not None
            asked[lot.programme].add(lot.customer)
        found: dict[tuple[int, int | None], int] = {}
        # In one order, as whoever else locks them.
        people = {pk for customers in asked.values() for pk in customers}
        rows = Customer.objects.select_for_update(no_key=True).filter(pk__in=people)
        list(rows.order_by("pk").values_list("pk"))
        for programme in Programme.objects.filter(pk__in=asked).order_by("pk"):
            theirs = members.ensure(programme, asked[programme.pk], now=self.now)
            found |= {(programme.pk, customer): pk for customer, pk in theirs.items()}
        return found


@dataclass(frozen=True)
class _Lot:
    """A line of the file, of the live record. `undone`: how often a part of this key
    was brought in and taken back; `there`: the amount of the one that stands."""

    line: int
    programme: int
    customer: int | None
    units: Decimal
    earned_on: date
    expires_on: date | None
    key: str
    undone: int
    there: Decimal | None

    @property
    def of(self) -> tuple[int, int, str]:
        assert self.customer is not None
        return self.programme, self.customer, self.key

    def posting(self, membership: int) -> Posting:
        return Posting(
            membership=membership,
            kind=EntryKind.IMPORTED,
            amount=self.units,
            source_key=f"{self.key}:{self.undone}" if self.undone else self.key,
            on=self.earned_on,
            available_on=self.earned_on,
            expires_on=self.expires_on,
        )


def _programmes() -> list[Programme]:
    return list(Programme.objects.filter(archived_at=None))


def _by_name() -> dict[str, Programme]:
    """By each of their names, in every language, and by number."""
    rows = {row.pk: row for row in _programmes()}
    words = ProgrammeWords.objects.filter(programme__in=rows)
    found = {
        values.folded(name): rows[pk]
        for pk, name in words.values_list("programme", "name")
    }
    found |= {str(pk): row for pk, row in rows.items()}
    return found | {values.folded(row.name): row for row in rows.values()}


def _chosen(options: Options, known: Mapping[str, Programme]) -> Programme | None:
    """Of rows that name none: what was chosen, else the only one that there is."""
    if said := options.defaults.get("programme", ""):
        return known.get(values.folded(said))
    rows = {row.pk: row for row in known.values()}
    return next(iter(rows.values())) if len(rows) == 1 else None


def _refuse(options: Options) -> None:
    refuse_modes_of_customers(options)
    said = options.defaults.get("programme", "")
    if said and _chosen(options, _by_name()) is None:
        raise FileUnusable(f"There is no programme {said!r}.")


def _check(given: Given) -> Check:
    known, options = _by_name(), given.options
    return BalanceCheck(
        given.parts,
        BalanceSettings(
            source=options.source,
            today=given.business.day(given.now),
            customers=ids_of(history_import.customers(options.source)),
            addresses=ids_of(history_import.ADDRESSES),
            cells=options.cells,
            programmes=known,
            chosen=_chosen(options, known),
        ),
    )


def _loader(given: Given) -> Loader:
    return BalanceLoader(
        source=given.options.source,
        now=given.now,
        today=given.business.day(given.now),
    )


BALANCES = Importer(
    NAME,
    _("Balances of programmes"),
    lambda: FIELDS,
    _check,
    _loader,
    refuse=_refuse,
    labels=LABELS,
    can_be_undone=True,
    undo=UNDO,
    signs=frozenset({"units", "expires_on"}),
    defaults={
        "programme": Default(
            label=_("Programme, where a row says none"),
            choices=lambda: [(str(row.pk), row.name) for row in _programmes()],
        )
    },
    page=reverse_lazy("loyalty:member-list"),
    page_label=_("See the members"),
)
