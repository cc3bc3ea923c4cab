"""How the cells of a draft's file are understood so far."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from django.utils import timezone

from crm import selectors
from crm.forms.import_columns import ColumnsForm, Told, labels
from crm.import_columns import ImportContext
from crm.models import ImportDraft
from crm.rules import dates
from crm.services.imports import cell_formats, code_words, drafts, words_as_read
from crm.services.imports.as_read import AsRead, dates_of, numbers_of
from crm.services.imports.kinds import KINDS
from crm.services.imports.options import Options
from crm.services.imports.shown import Shown

MONTH_FIRST = frozenset({"US", "PH", "FM", "PW", "MH"})


def told_of(draft: ImportDraft, sent: Mapping[str, Any] | None) -> Told:
    """What the form is made of. Words of states and codes are those of the columns that
    are chosen now, in the form that was sent or before."""
    shown = drafts.shown_of(draft)
    mapping = dict(draft.options.get("mapping", {}))
    if sent:
        mapping |= {
            sent[f"column_{at}"]: name
            for at, name in enumerate(shown.header)
            if sent.get(f"column_{at}")
        }
    days, numbers = _spelt(draft, shown, mapping)
    named = {
        name: column
        for name in code_words.FIELDS.get(draft.kind, ())
        if (column := mapping.get(name))
    }
    words = drafts.words_in(draft, named.values())
    return Told(
        kind=draft.kind,
        known=KINDS[draft.kind].fields(),
        shown=shown,
        options=draft.options,
        words={name: words[column] for name, column in named.items()},
        days=days,
        numbers=numbers,
    )


def _spelt(
    draft: ImportDraft, shown: Shown, mapping: Mapping[str, str]
) -> tuple[cell_formats.Found, cell_formats.Found]:
    """How days and numbers are written in the columns that hold some."""
    known = KINDS[draft.kind].fields()

    def cells(names: Collection[str]) -> list[str]:
        return shown.cells({mapping.get(name, "") for name in names})

    days = cell_formats.date_order(cells(dates_of(known)), usual=_usual_order())
    return days, cell_formats.numbers(cells(numbers_of(known)))


def as_read(
    draft: ImportDraft, shown: Shown, form: ColumnsForm | None = None
) -> AsRead:
    """By what is chosen in the form; without one, by what was chosen before, else by
    what the first rows tell."""
    options = draft.options
    mapping = options.get("mapping", {})
    days, numbers = _spelt(draft, shown, mapping)
    said = {
        "date_order": options.get("date_order") or days.value,
        "numbers": options.get("numbers") or numbers.value,
        "serial_dates": options.get("serial_dates", False),
    }
    if form is not None:
        said |= {name: form[name].value() for name in said if name in form.fields}
    said = {
        name: bool(value) if name == "serial_dates" else value or ""
        for name, value in said.items()
    }
    shop, now = selectors.business(), timezone.now()
    zone = dates.zone_of(shop.time_zone, "UTC")
    given = Options.from_json({**options, **said})
    context = ImportContext(
        source=given.source,
        now=now,
        zone=zone,
        shop_zone=zone,
        shop_country=shop.country,
        options=given,
    )
    return AsRead(
        KINDS[draft.kind].fields(),
        mapping,
        now,
        zone,
        order=given.date_order,
        mark=given.numbers,
        has_serials=given.serial_dates,
        words=words_as_read.told(draft.kind, mapping, context),
        country_of=partial(words_as_read.country_of, context=context),
    )


def header_of(draft: ImportDraft, shown: Shown, read: AsRead) -> list[tuple[str, Any]]:
    """The names of the columns, and what those are taken for whose cells are shown as
    they are read."""
    told = {column: name for name, column in draft.options.get("mapping", {}).items()}
    words = labels()
    return [
        (name, words.get(told[name], "") if read.shows(told.get(name, "")) else "")
        for name in shown.header
    ]


def _usual_order() -> str:
    return "mdy" if selectors.business().country in MONTH_FIRST else "dmy"
