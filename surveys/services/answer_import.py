"""Past answers to the recommendation question, brought along by file.

Answers from 1 to 10 are another scale, and say something else of the same people: they
are kept as that and are in no figure of 0 to 10. A survey that the file names and that
is not there is made, closed.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.urls import reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.errors import FileUnusable
from crm.rules import names
from crm.services import audit
from crm.services.imports import values
from crm.services.imports.hashed_ids import IdMap
from crm.services.imports.importer import Default, Given, Importer, ids_of
from crm.services.imports.loading import Loaded, Loader
from crm.services.imports.modes import refuse_modes_of_customers
from crm.services.imports.parts import Parts
from crm.services.imports.reading import Row
from crm.services.imports.row_checks import RowCheck
from crm.services.imports.running import Check, Options
from crm.services.imports.slices import NULL, Slice
from crm.services.imports.values import Refused
from crm.sql import history_import
from surveys.choices import SurveyKind, SurveyState
from surveys.models import Survey
from surveys.rules import questionnaire as q
from surveys.rules.questionnaire import Scale
from surveys.services import making
from surveys.services.answer_columns import COLUMNS, FIELDS, LABELS
from surveys.services.answer_undo import UNDO
from surveys.sql import answer_import as sql
from web.errors import InvalidValue
from web.rules import text
from web.rules.numbers import whole_number

NAME = "past_answers"
SLICE_ROWS = 3_000
# With fewer answers a survey may lack a 0 by chance.
MOST_WITHOUT_ZERO = 100
UNNAMED = _("Past answers")
_FROM_0, _FROM_1 = "0-10", "1-10"
_SCALES = {
    **dict.fromkeys((_FROM_0, "0 - 10", "0 to 10", "0–10", "nps"), Scale.NPS),
    **dict.fromkeys((_FROM_1, "1 - 10", "1 to 10", "1–10"), Scale.TEN),
}
_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
# An address that several records have names none of them.
_SEVERAL, _UNKNOWN = 0, -1


@dataclass(frozen=True)
class AnswerSettings:
    """What the run knows besides the file."""

    source: str
    now: datetime
    zone: ZoneInfo
    shop_zone: ZoneInfo
    customers: IdMap
    addresses: IdMap
    order: str
    has_serials: bool
    # Of rows that say none.
    scale: Scale


class AnswerCheck(RowCheck):
    """A file of past answers."""

    def __init__(self, parts: Parts, settings_: AnswerSettings) -> None:
        super().__init__(parts, COLUMNS, table=sql.TABLE, most=SLICE_ROWS)
        self._settings = settings_
        self._moment = values.moments(
            settings_.zone,
            settings_.shop_zone,
            settings_.now,
            order=settings_.order,
            has_serials=settings_.has_serials,
        )
        self._id = values.identifier(120)
        self._name = values.one_line(120)

    def _check(self, line: int, row: Row) -> str:
        number, customer_id, email, survey, at, score, scale, comment, language = (
            self._cells(row)
        )
        scored = self._score(score, scale)
        if isinstance(scored, Refused):
            return scored
        asked, given = scored
        moment = self._moment(at)
        if moment is None:
            return Refused("missing").of("answered_at")
        if isinstance(moment, Refused):
            return moment.of("answered_at")
        named = self._named(number, customer_id, email)
        if isinstance(named, Refused):
            return named
        answer_id, customer = named
        name = self._name(survey)
        if isinstance(name, Refused):
            return name.of("survey")
        try:
            words = text.many_lines(comment, field="comment", most=4000)
        except InvalidValue as error:
            return Refused(error.fields["comment"]).of("comment")
        code = language.casefold()
        known = code if code in {code for code, _ in settings.LANGUAGES} else ""
        name = name or str(UNNAMED)
        key = self._key(answer_id, name, customer, moment.at, str(given), words)
        cells = (name, moment.at, asked.value, str(given), words, known, key)
        escaped = "\t".join(cell.translate(_ESCAPED) for cell in cells)
        # The loader may refuse the survey.
        self._slice.rows[line] = row
        return f"{line}\t{customer or NULL}\t{escaped}\n"

    def _score(self, score: str, scale: str) -> tuple[Scale, int] | Refused:
        asked = _SCALES.get(scale.casefold()) if scale else self._settings.scale
        if asked is None:
            return Refused("scale_other", scale)
        if not score:
            return Refused("score_missing")
        found = whole_number(score, most=10)
        if found is None or found not in q.numbers_of(asked):
            return Refused("score_unknown", score)
        return asked, found

    def _named(
        self, number: str, customer_id: str, email: str
    ) -> tuple[str, int] | Refused:
        """The number of the answer, and the customer: 0 where none is named."""
        answer_id, known_by = self._id(number), self._id(customer_id)
        if isinstance(answer_id, Refused):
            return answer_id.of("answer_id")
        if isinstance(known_by, Refused):
            return known_by.of("customer_id")
        customer = self._customer(known_by, email)
        if isinstance(customer, Refused):
            return customer
        if not answer_id and not customer:
            return Refused("answer_unnamed")
        return answer_id, customer

    def _customer(self, customer_id: str, email: str) -> int | Refused:
        """By the id, else by an address that one record has."""
        found = self._settings.customers.get(customer_id, 0) if customer_id else 0
        if found or not (customer_id or email):
            return found
        if not email:
            return Refused("customer_unknown", customer_id)
        found = self._settings.addresses.get(names.normalise_email(email), _UNKNOWN)
        if found == _UNKNOWN:
            return Refused("customer_unknown", email)
        return found or Refused("email_of_several", email)

    def _key(self, answer_id: str, survey: str, *said: object) -> str:
        """What makes twice the same as once: the id it has there, else what it says."""
        told = (answer_id,) if answer_id else ("", *map(str, said))
        whole = "\0".join((self._settings.source, survey, *told))
        return hashlib.sha256(whole.encode()).hexdigest()


class AnswerLoader(Loader):
    """What is there already stays as it is."""

    staging = sql.STAGING
    columns = MappingProxyType({sql.TABLE: sql.COLUMNS})

    def load(self, part: Slice) -> Loaded:
        self.execute(sql.EMPTY)
        self.stage(part)
        self.execute(sql.ANALYZE)
        loaded = Loaded()
        for name, answers, least, most in self.fetch(sql.RANGES):
            if answers >= MOST_WITHOUT_ZERO and least > 0 and most == 10:
                loaded.notes.add("may_be_1_to_10", rows=answers, example=name)
        surveys = self._surveys(loaded)
        accepted = part.accepted - len(loaded.refused)
        if self.run is None:
            [(loaded.created,)] = self.fetch(sql.COUNT_NEW)
        else:
            loaded.created = sum(self._insert(one) for one in surveys)
            self.execute(sql.NOTE_ARRIVALS)
            self.execute(sql.NOTE_WORDS)
        loaded.unchanged = accepted - loaded.created
        return loaded

    def _surveys(self, loaded: Loaded) -> list[Survey]:
        """Those that the slice names; the rows of one that is counted otherwise are
        refused. Those that are not there are made, closed, unless this is a dry run."""
        found = []
        for (name,) in self.fetch(sql.NAMES):
            survey = Survey.objects.filter(name=name, archived_at=None).first()
            if survey and (survey.kind != SurveyKind.NPS or not survey.live_version):
                lines = self._with(sql.LINES_OF, survey=name)
                loaded.refused += [(no, "survey_of_other_kind") for (no,) in lines]
                self._with(sql.TAKE_OUT, survey=name)
                continue
            if survey is None and self.run is not None:
                survey = self._closed(name)
            found += [survey] if survey else []
        return found

    def _closed(self, name: str) -> Survey:
        survey = making.make_live(
            name=name, kind=SurveyKind.NPS, questionnaire=q.NPS, now=self.now
        )
        survey.state = SurveyState.CLOSED.value
        survey.save(update_fields=["state"])
        return survey

    def _insert(self, survey: Survey) -> int:
        new = self._with(
            sql.INSERT,
            survey=survey.name,
            survey_id=survey.pk,
            version_id=survey.live_version_id,
        )
        audit.record_many(
            "survey.imported",
            ((f"response:{pk}", customer) for pk, customer in new),
            now=self.now,
        )
        if self.run is not None and self.run.is_noted:
            ids, customers = [pk for pk, _ in new], [customer for _, customer in new]
            self._with(sql.NOTE_MADE, ids=ids, customers=customers)
        return len(new)

    def _with(self, statement: Any, **more: object) -> list[tuple[Any, ...]]:
        known: Mapping[str, Any] = {**self._parameters(), **more}
        with connection.cursor() as cursor:
            cursor.execute(statement, known)
            return list(cursor.fetchall()) if cursor.description else []


def _check(given: Given) -> Check:
    options = given.options
    return AnswerCheck(
        given.parts,
        AnswerSettings(
            source=options.source,
            now=given.now,
            zone=given.zone,
            shop_zone=given.shop_zone,
            customers=ids_of(history_import.customers(options.source)),
            addresses=ids_of(history_import.ADDRESSES),
            order=options.cells.date_order,
            has_serials=options.cells.has_serial_dates,
            scale=_SCALES[options.defaults.get("scale") or _FROM_0],
        ),
    )


def _refuse(options: Options) -> None:
    refuse_modes_of_customers(options)
    said = options.defaults.get("scale", "")
    if said and said not in (_FROM_0, _FROM_1):
        raise FileUnusable(f"There is no scale {said!r}: say 0-10 or 1-10.")


def _loader(given: Given) -> Loader:
    return AnswerLoader(source=given.options.source, now=given.now)


PAST_ANSWERS = Importer(
    NAME,
    _("Past answers to the recommendation question"),
    lambda: FIELDS,
    _check,
    _loader,
    refuse=_refuse,
    labels=LABELS,
    can_be_undone=True,
    undo=UNDO,
    defaults={
        "scale": Default(
            label=_("Scale, where a row says none"),
            choices=lambda: [
                (_FROM_0, gettext("From 0 to 10")),
                (_FROM_1, gettext("From 1 to 10, kept apart")),
            ],
        )
    },
    page=reverse_lazy("surveys:survey-list"),
    page_label=_("See the surveys"),
)
