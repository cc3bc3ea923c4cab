"""The columns of a list of opt-outs, and what its rows say."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from crm.rules import names
from crm.services.imports import values
from crm.services.imports.columns import Fields, folded
from crm.services.imports.parts import Numbered, Parts
from crm.services.imports.reading import Row
from crm.services.imports.row_checks import RowCheck
from crm.services.imports.slices import Slice, escaped, or_null
from crm.services.imports.values import Refused
from crm.services.imports.values.asked import CellRules
from crm.services.imports.values.people import addresses_in
from crm.services.imports.values.words import mapped
from messaging.rules.choices import Category
from messaging.rules.consent import STOPPABLE
from messaging.rules.opt_outs import OptOut, in_one_word, scopes_in
from messaging.sql.opt_outs import TABLE
from web.errors import InvalidValue
from web.rules import text

# Moments whose columns say what happened then; an empty cell says that it did not.
_TOLD_BY = {
    "unsub_time": OptOut.WITHDRAWAL,
    "optout_time": OptOut.WITHDRAWAL,
    "clean_time": OptOut.BOUNCE,
    "complaint_time": OptOut.COMPLAINT,
}
_COLUMNS = (
    *("email", "external_id", "at", "kind", "scope", "reason", "granted"),
    "suppressions",
)
_OTHER_NAMES = {
    "email": (
        *("email_address", "emailaddress", "e-mail", "address", "recipient"),
        *("subscriber_email", "邮箱", "邮箱地址", "電子郵件", "电子邮件", "電郵"),
        *("דוא״ל", 'דוא"ל', "אימייל", "מייל", "כתובת_דוא״ל"),
    ),
    "external_id": ("customer_id",),
    "at": (
        *("date", "created", "created_at", "createdat", "timestamp", "changed_at"),
        *("suppressed_at", "date_suppressed", "suppressed_on", "日期", "时间", "時間"),
        *("תאריך",),
    ),
    "kind": (
        *("type", "status", "event", "suppressionreason", "suppression_reason"),
        *("email_marketing_consent", "state"),
        *("member_status", "类型", "類型", "状态", "狀態", "סוג", "סטטוס"),
    ),
    "scope": ("category", "class", "范围", "範圍", "היקף"),
    "suppressions": ("email_suppressions", "suppressed_because"),
    "reason": (
        *("unsub_reason", "description", "error", "code", "comment", "原因", "סיבה"),
        *("bounce_reason",),
    ),
    "unsub_time": (
        "unsubscribed_at",
        "unsubscribe_date",
        "date_unsubscribed",
    ),
    "optout_time": (
        "opt-out_time",
        "opted_out_at",
        "opt_out_time",
    ),
    "clean_time": (
        "bounced_at",
        "cleaned_at",
    ),
    "complaint_time": ("complained_at",),
}
FIELDS = Fields(
    required=frozenset(),
    known=frozenset({*_COLUMNS, *_TOLD_BY}),
    one_of=(frozenset({"email", "external_id"}),),
    addresses="email",
    synonyms={
        folded(other): name for name, others in _OTHER_NAMES.items() for other in others
    },
    dates=("at", *_TOLD_BY),
)
SLICE_ROWS = 5_000
_WORDS_MOST = 200
_ID_MOST = 120
# As numbers of seconds since 1970: of the last twenty-five years.
_SECONDS = range(946_684_800, 4_102_444_800)


@dataclass(frozen=True)
class OptOutSettings:
    """What the run knows besides the file."""

    now: datetime
    zone: ZoneInfo
    file_name: str
    # What the operator says of cells.
    cells: CellRules
    # The moment of rows that name none.
    undated: datetime
    # What a row is that does not say so, and which classes of mail it stops.
    kind: OptOut = OptOut.WITHDRAWAL
    scopes: Sequence[Category] = STOPPABLE


class OptOutCheck(RowCheck):
    """A file of people who want no mail. A row that can be understood at all stops
    something: what it says beside the address may be wrong, and is noted then."""

    def __init__(self, parts: Parts, settings: OptOutSettings) -> None:
        columns = (*_COLUMNS, *_TOLD_BY)
        super().__init__(parts, columns, table=TABLE, most=SLICE_ROWS)
        self._settings = settings
        self._header = parts.header
        self._positions = parts.positions
        self._tells = {*_TOLD_BY} & parts.positions.keys()
        self._email = values.remembering(_address)
        self._id = values.identifier(_ID_MOST)
        self._moment = values.remembering(_moments(settings))
        self._means = mapped(in_one_word, settings.cells.words_of("kind"))
        self._has_begun = False

    def slices(self, rows: Iterable[Numbered]) -> Iterator[Slice]:
        return super().slices(self._with_header(rows))

    def _with_header(self, rows: Iterable[Numbered]) -> Iterator[Numbered]:
        """A list of nothing but addresses has no header: its first line is a row."""
        at = self._positions.get("email")
        if not self._has_begun and at is not None and "@" in self._header[at]:
            yield 1, self._header
        self._has_begun = True
        yield from rows

    def carried(self) -> bytes:
        return b"begun" if self._has_begun else b""

    def resume(self, carried: bytes) -> None:
        self._has_begun = bool(carried)

    def _check(self, line: int, row: Row) -> str:
        cells = self._cells(row)
        email, number, at, status, scope, reason, granted, barred = cells[
            : len(_COLUMNS)
        ]
        told = dict(zip(_TOLD_BY, cells[len(_COLUMNS) :], strict=True))
        address, external_id = self._email(email), self._id(number)
        if isinstance(address, Refused):
            return address
        if isinstance(external_id, Refused):
            return external_id.of("external_id")
        if not address and not external_id:
            return Refused("email_missing")
        kind = self._kind(status, granted, told, reason)
        if barred:
            # Stands beside a status that does not know of it.
            kind = in_one_word(barred) or OptOut.WITHDRAWAL
        if kind is OptOut.NOTHING:
            self._slice.notes.add("not_an_opt_out", example=address or external_id)
        moment = self._at(kind, {**told, "at": at}).isoformat()
        scopes = ",".join(self._scopes(scope)) if kind is OptOut.WITHDRAWAL else ""
        parts = (address, external_id, kind.value, f"{{{scopes}}}", moment)
        words = or_null(self._words(line, reason))
        return f"{line}\t" + "\t".join(map(escaped, parts)) + f"\t{words}\n"

    def _kind(
        self, status: str, granted: str, told: Mapping[str, str], reason: str
    ) -> OptOut:
        if granted and in_one_word(granted) is OptOut.NOTHING:
            return OptOut.NOTHING
        if status:
            found = self._means(status)
            if found is not None:
                return found
            self._slice.notes.add("kind_unknown", example=status[:60])
        for name, kind in reversed(_TOLD_BY.items()):
            if told[name]:
                return kind
        # A column of moments that is empty says that it did not happen.
        if self._tells and not status and not granted:
            return OptOut.NOTHING
        return in_one_word(reason) or self._settings.kind

    def _at(self, kind: OptOut, cells: Mapping[str, str]) -> datetime:
        """When it happened; for what names no day that can be read, as if it were now:
        the stricter of what it may mean."""
        own = [name for name, told in _TOLD_BY.items() if told is kind and cells[name]]
        cell = cells[own[0]] if own else cells["at"]
        moment = self._moment(cell) if cell else None
        if cell and moment is None:
            self._slice.notes.add("moment_unknown", example=cell[:60])
        return moment or self._settings.undated

    def _scopes(self, cell: str) -> Sequence[Category]:
        if not cell:
            return self._settings.scopes
        found = scopes_in(cell)
        if found is None:
            self._slice.notes.add("scope_unknown", example=cell[:60])
            return STOPPABLE
        return found

    def _words(self, line: int, reason: str) -> str:
        where = f"{self._settings.file_name[:80]}, line {line}"
        said = " ".join(reason.split())[:_WORDS_MOST]
        said = "".join(sign for sign in said if sign.isprintable())
        return f"{where}: {said}" if said else where


def _address(cell: str) -> str:
    try:
        return names.normalise_email(text.valid_email(cell))
    except InvalidValue as error:
        # One of `Ana <a@x>`; of several, it is unknown who opted out.
        found = addresses_in(cell)
        if len(found) == 1:
            return names.normalise_email(found[0])
        return Refused(error.fields["email"], cell)


def _moments(settings: OptOutSettings) -> Callable[[str], datetime | None]:
    """Reads what ISO 8601 says, or a number of seconds; None for anything else. What
    lies ahead is now: clocks differ, and somebody opted out."""
    zone, now = settings.zone, settings.now
    read = values.moments(zone, zone, now, order=settings.cells.date_order)

    def moment(cell: str) -> datetime | None:
        if cell.isascii() and cell.isdigit() and int(cell) in _SECONDS:
            return min(datetime.fromtimestamp(int(cell), UTC), now)
        found = read(cell)
        if found is None or isinstance(found, Refused):
            return None
        return min(datetime.fromisoformat(found.at), now)

    return moment
