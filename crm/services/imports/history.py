"""The rules of a row of old contact history, and its way into a slice."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crm.rules import contact_words, names
from crm.rules.choices import Channel, Direction
from crm.services.imports import values
from crm.services.imports.columns import Fields, folded
from crm.services.imports.hashed_ids import IdMap
from crm.services.imports.parts import Parts
from crm.services.imports.reading import Row
from crm.services.imports.row_checks import RowCheck
from crm.services.imports.slices import NULL
from crm.services.imports.values import Refused
from crm.services.imports.values.asked import CellRules
from crm.services.imports.values.people import addresses_in
from crm.services.imports.values.words import mapped
from crm.services.interactions import MOST_BODY
from crm.sql.history_import import TABLE
from web.errors import InvalidValue
from web.rules import text

_COLUMNS = (
    *("contact_id", "customer_id", "email", "happened_at", "channel", "direction"),
    *("colleague", "subject", "body", "outcome"),
)
_OTHER_NAMES = {
    "contact_id": (
        "id",
        "activity_id",
        "engagement_id",
        "record_id",
        "note_id",
        "call_id",
    ),
    "customer_id": (
        "external_id",
        "contact",
        "customer",
        "client_id",
        "客户编号",
        "客戶編號",
    ),
    "email": (
        *("email_address", "e-mail", "customer_email", "contact_email", "邮箱"),
        *("電子郵件", "דוא״ל", "אימייל"),
    ),
    "happened_at": (
        *("date", "at", "time", "created_at", "activity_date", "timestamp", "when"),
        *("create_date", "datetime", "日期", "时间", "時間", "תאריך"),
    ),
    "channel": (
        "type",
        "kind",
        "activity_type",
        "方式",
        "类型",
        "類型",
        "סוג",
        "ערוץ",
    ),
    "direction": (
        "call_direction",
        "方向",
        "כיוון",
    ),
    "colleague": (
        *("by", "user", "owner", "agent", "author", "created_by", "assigned_to"),
        *("staff", "logged_by", "activity_assigned_to", "负责人", "負責人", "נציג"),
    ),
    "subject": (
        "title",
        "name",
        "主题",
        "主題",
        "נושא",
    ),
    "body": (
        *("text", "note", "notes", "content", "description", "message", "details"),
        *("note_body", "call_notes", "comment", "comments", "内容", "內容", "תוכן"),
        *("טקסט",),
    ),
    "outcome": (
        "result",
        "disposition",
        "结果",
        "結果",
        "תוצאה",
    ),
}
FIELDS = Fields(
    required=frozenset({"happened_at"}),
    known=frozenset(_COLUMNS),
    one_of=(frozenset({"customer_id", "email"}), frozenset({"body", "subject"})),
    synonyms={
        folded(other): name for name, others in _OTHER_NAMES.items() for other in others
    },
    dates=("happened_at",),
)
SLICE_ROWS = 3_000
# A few minutes of grace for clocks that differ.
_AHEAD = timedelta(minutes=5)
# An address that several records have names none of them.
SEVERAL, UNKNOWN = 0, -1
_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


@dataclass(frozen=True)
class HistorySettings:
    """What the run knows besides the file."""

    source: str
    now: datetime
    zone: ZoneInfo
    shop_zone: ZoneInfo
    # The records of this source by their id there; all live ones by their address.
    customers: IdMap
    addresses: IdMap
    # What the operator says of cells.
    cells: CellRules
    # Colleagues by their address.
    staff: Mapping[str, int]


class _Said(NamedTuple):
    """What it was about, when and through which channel: what makes a conversation the
    same one."""

    customer: int
    at: str
    channel: Channel
    direction: Direction
    subject: str
    body: str
    outcome: str


class HistoryCheck(RowCheck):
    """A file of old contacts."""

    def __init__(self, parts: Parts, settings: HistorySettings) -> None:
        super().__init__(parts, _COLUMNS, table=TABLE, most=SLICE_ROWS)
        self._settings = settings
        self._moment = values.remembering(
            values.moments(
                settings.zone,
                settings.shop_zone,
                settings.now,
                order=settings.cells.date_order,
                has_serials=settings.cells.has_serial_dates,
            )
        )
        self._id = values.identifier(120)
        self._customer_id = values.identifier(120)
        self._line = values.one_line(200)
        words = settings.cells.words_of
        self._channel = mapped(contact_words.channel, words("channel"))
        self._direction = mapped(str, words("direction"))

    def _check(self, line: int, row: Row) -> str:
        cells = self._cells(row)
        number, customer_id, email, at, way, direction, who, *texts = cells
        contact_id = self._id(number)
        if isinstance(contact_id, Refused):
            return contact_id.of("contact_id")
        known_by = self._customer_id(customer_id)
        if isinstance(known_by, Refused):
            return known_by.of("customer_id")
        customer = self._customer(known_by, email)
        if isinstance(customer, Refused):
            return customer
        moment = self._past(at)
        if isinstance(moment, Refused):
            return moment.of("happened_at")
        channel = self._channel(way)
        if channel is None:
            return Refused("channel_unknown", way)
        towards = contact_words.direction(self._direction(direction), channel)
        if towards is None:
            return Refused("direction_unknown", direction)
        told = self._told(*texts)
        if isinstance(told, Refused):
            return told
        staff, words = self._colleague(who)
        said = _Said(customer, moment, channel, towards, *told)
        key = self._key(contact_id, said)
        parts = (*map(str, said), words, key)
        escaped = "\t".join(part.translate(_ESCAPED) for part in parts)
        return f"{line}\t{staff or NULL}\t{escaped}\n"

    def _customer(self, customer_id: str, email: str) -> int | Refused:
        """By the id, else by an address that one record has."""
        found = self._settings.customers.get(customer_id, 0) if customer_id else 0
        if found:
            return found
        if not email:
            return Refused("customer_unknown" if customer_id else "nobody_named")
        address = names.normalise_email(_address(email))
        found = self._settings.addresses.get(address, UNKNOWN)
        if found == UNKNOWN:
            return Refused("customer_unknown", email)
        return found or Refused("email_of_several", email)

    def _past(self, cell: str) -> str | Refused:
        found = self._moment(cell)
        if found is None:
            return Refused("missing")
        if isinstance(found, Refused):
            return Refused(found.removeprefix("date_"), cell)
        if datetime.fromisoformat(found.at) > self._settings.now + _AHEAD:
            return Refused("in_future", cell)
        return found.at

    def _told(self, subject: str, body: str, outcome: str) -> list[str] | Refused:
        told = [self._line(contact_words.plain_text(subject)), "", self._line(outcome)]
        for name, value in zip(("subject", "body", "outcome"), told, strict=True):
            if isinstance(value, Refused):
                return value.of(name)
        try:
            words = contact_words.plain_text(body)
            told[1] = text.many_lines(words, field="body", most=MOST_BODY)
        except InvalidValue as error:
            return Refused(error.fields["body"]).of("body")
        if not told[1]:
            # A text is what makes a conversation: a title alone is one.
            told[1] = told[0]
        return told if told[1] else Refused("body_missing")

    def _colleague(self, who: str) -> tuple[int | None, str]:
        """The colleague with that address; else the words, shortened where needed."""
        known = self._settings.staff.get(who.casefold())
        words = "".join(sign for sign in who if sign.isprintable())
        return known, "" if known else words[:120]

    def _key(self, contact_id: str, said: _Said) -> str:
        """What makes twice the same as once: the id it has there, else what it says."""
        source = self._settings.source
        if contact_id:
            told = f"{source}\0{contact_id}"
        else:
            told = "\0".join((source, *map(str, said)))
        kind = "id" if contact_id else "text"
        return f"history:{kind}:{hashlib.sha256(told.encode()).hexdigest()}"


def _address(cell: str) -> str:
    """The address of a cell that may be `Ana <a@x>`; the cell where it has none."""
    found = addresses_in(cell)
    return found[0] if len(found) == 1 else cell
