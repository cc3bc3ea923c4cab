"""A file on its way in: what it is taken for at first, and what people make of it.

A draft holds what the import will be told. Nothing is brought in here; that is a job.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from crm.errors import FileUnusable
from crm.models import ImportDraft, ImportMapping, ImportRun, StoredFile, User
from crm.services import audit
from crm.services.imports import guessing, import_jobs, presets, preview
from crm.services.imports.column_names import CUSTOMERS, NAMES, ORDERS, fold
from crm.services.imports.guessing import Certainty, Guess, Why
from crm.services.imports.kinds import KINDS
from crm.services.imports.modes import MODES
from crm.services.imports.options import Options
from crm.services.imports.shown import Shown, look, words_of

_BOUGHT = {"ordered_at", "quantity", "customer_id"}
# What belongs to this file alone and is not remembered for the next one.
_OF_THE_FILE = frozenset(
    {"dry_run", "encoding", "delimiter", "sheet", "header_row", "ground", "consent"}
)


@transaction.atomic
def begin(file: StoredFile, *, by: User, now: datetime) -> ImportDraft:
    """Read the file's beginning and take it for what it seems to be.

    Raises FileUnusable where nothing can be read of it.
    """
    shown = look(file, Options())
    draft = ImportDraft(file=file, created_by=by, created_at=now, changed_at=now)
    draft.preview = shown.as_json()
    _take_for(draft, shown)
    draft.save()
    return draft


def _take_for(draft: ImportDraft, shown: Shown) -> None:
    """What was confirmed for such a header before, else a preset, else guesses."""
    known = remembered(shown.header)
    preset = presets.recognised(shown.header)
    draft.preset = preset.name if preset else ""
    if known is not None:
        draft.kind = known.kind
        draft.options = dict(known.options)
    elif preset is not None:
        draft.kind = preset.kind
        draft.options = preset_options(preset, shown)
    else:
        draft.kind = _kind_of(shown)
        draft.options = {"mapping": _guessed(shown, draft.kind)}


def preset_options(preset: presets.Preset, shown: Shown) -> dict[str, Any]:
    """With the columns that apps bring: who opted out there has opted out here."""
    mapping = preset.mapping(shown.header)
    own = NAMES.get(preset.kind, KINDS[preset.kind].fields().known)
    for guess in _guesses(shown, preset.kind):
        column = shown.header[guess.column]
        if guess.field not in own and column not in mapping.values():
            mapping[guess.field] = column
    return {**preset.options, "mapping": mapping}


def with_preset(path: Path, options: Options, name: str) -> Options:
    """These options, and what the preset says of a file with this header; what is said
    itself wins. Raises FileUnusable where the file has another shape."""
    if not name:
        return options
    preset, header = presets.BY_NAME[name], list(preview.describe(path, options).header)
    if not preset.fits(header):
        raise FileUnusable(f"The columns of the file are not those of {preset.label}.")
    mapping = {**preset.mapping(header), **options.mapping}
    values = {**preset.options.get("value_map", {}), **options.value_map}
    usual = Options()
    more = {
        key: value
        for key, value in preset.options.items()
        if key != "value_map" and getattr(options, key) == getattr(usual, key)
    }
    return replace(options, mapping=mapping, value_map=values, **more)


def _kind_of(shown: Shown) -> str:
    """Orders; else the one whose signs are all there, if it knows as much as people."""
    kind = guessing.guess_kind(shown.header, shown.rows)
    # Without a buyer and a day it is no order, whatever it costs.
    if kind == ORDERS and not _told(shown, ORDERS) & _BOUGHT:
        kind = CUSTOMERS
    if kind != CUSTOMERS:
        return kind
    # A list of people may have an amount or a day, too: it is what knows most columns.
    most = len(_told(shown, kind))
    for other in KINDS.values():
        told = _told(shown, other.name) if other.signs else set()
        if other.signs and other.signs <= told and len(told) >= most:
            kind, most = other.name, len(told)
    return kind


def _told(shown: Shown, kind: str) -> set[str]:
    return {guess.field for guess in _guesses(shown, kind)}


def _guessed(shown: Shown, kind: str) -> dict[str, str]:
    own = {name: name for name in shown.header if name.startswith("custom.")}
    known = {one.field: shown.header[one.column] for one in _guesses(shown, kind)}
    return {**own, **known} if KINDS[kind].fields().takes_custom else known


def _guesses(shown: Shown, kind: str) -> list[Guess]:
    """Apps' columns are known by their own names and by those that they declare."""
    fields = KINDS[kind].fields()
    own = {name: name for name in fields.known if name not in NAMES.get(kind, {})}
    names = {**own, **fields.synonyms}
    return guessing.guess_columns(shown.header, shown.rows, kind, names, fields.looks)


@transaction.atomic
def take_for_kind(draft: ImportDraft, kind: str, *, now: datetime) -> None:
    """It holds something else than was thought: guess again."""
    draft.kind = kind
    draft.preset = ""
    draft.options = {**draft.options, "mapping": _guessed(shown_of(draft), kind)}
    _changed(draft, now)


@transaction.atomic
def choose(draft: ImportDraft, options: Mapping[str, Any], *, now: datetime) -> None:
    """What people say of columns and rules; a trial of before says nothing any more."""
    draft.options = {**draft.options, **options}
    _changed(draft, now)


@transaction.atomic
def read_as(draft: ImportDraft, options: Mapping[str, Any], *, now: datetime) -> None:
    """Read the file again, as people say. Raises FileUnusable and changes nothing then.

    Where the columns are other ones, they are guessed again, too.
    """
    told = {**draft.options, **options}
    shown = look(draft.file, Options.from_json(told))
    before = shown_of(draft).header
    draft.preview = shown.as_json()
    draft.options = told
    if shown.header != before:
        _take_for(draft, shown)
        draft.options = {**draft.options, **options}
    _changed(draft, now)


def _changed(draft: ImportDraft, now: datetime) -> None:
    draft.trial = None
    draft.changed_at = now
    draft.save()


def shown_of(draft: ImportDraft) -> Shown:
    """The first rows, read again where they are not kept."""
    if draft.preview is None:
        shown = look(draft.file, Options.from_json(draft.options))
        draft.preview = shown.as_json()
        ImportDraft.objects.filter(pk=draft.pk).update(preview=draft.preview)
    return Shown.from_json(draft.preview)


def words_in(draft: ImportDraft, columns: Collection[str]) -> dict[str, dict[str, int]]:
    """The words of these columns and how often they stand there, the commonest first.

    Always in the same order, whatever the database makes of it: the form numbers them.
    """
    shown = shown_of(draft)
    new = set(columns) & set(shown.header) - shown.words.keys()
    if new:
        shown.words.update(words_of(draft.file, shown, new))
        draft.preview = shown.as_json()
        ImportDraft.objects.filter(pk=draft.pk).update(preview=draft.preview)
    return {
        column: dict(
            sorted(
                shown.words.get(column, {}).items(),
                key=lambda pair: (-pair[1], pair[0]),
            )
        )
        for column in columns
    }


def guesses_of(draft: ImportDraft, shown: Shown) -> dict[int, Guess]:
    """Why each column was taken for what it was, by its place."""
    found = {guess.column: guess for guess in _guesses(shown, draft.kind)}
    sources = []
    if preset := presets.BY_NAME.get(draft.preset):
        sources.append((preset.mapping(shown.header), Why.PRESET))
    if known := remembered(shown.header):
        sources.append((known.options.get("mapping", {}), Why.REMEMBERED))
    for mapping, why in sources:
        for field, name in mapping.items():
            if name in shown.header:
                at = shown.header.index(name)
                found[at] = Guess(at, field, Certainty.SURE, why)
    return found


# --- What was confirmed before -------------------------------------------------------


def header_hash(header: list[str]) -> str:
    """Return a hash of the header that capitals and blanks do not change."""
    return hashlib.sha256("\n".join(map(fold, header)).encode()).hexdigest()


def remembered(header: list[str]) -> ImportMapping | None:
    """What such a header meant the last time; of several sources, the latest."""
    known = ImportMapping.objects.filter(header_sha256=header_hash(header))
    return known.order_by("-confirmed_at").first()


def remember(draft: ImportDraft, *, by: User, now: datetime) -> None:
    """This is how such a file is understood from now on."""
    options = {
        name: value for name, value in draft.options.items() if name not in _OF_THE_FILE
    }
    ImportMapping.objects.update_or_create(
        header_sha256=header_hash(shown_of(draft).header),
        source=Options.from_json(draft.options).source,
        defaults={
            "kind": draft.kind,
            "options": options,
            "confirmed_by": by,
            "confirmed_at": now,
        },
    )


# --- On its way in -------------------------------------------------------------------


@transaction.atomic
def try_out(draft: ImportDraft, *, by: User, now: datetime) -> ImportRun:
    """Start a dry run of what is chosen. Raises FileUnusable and NotAllowed."""
    draft.trial = _start(draft, dry_run=True, by=by, now=now)
    draft.save(update_fields=["trial"])
    return draft.trial


@transaction.atomic
def bring_in(draft: ImportDraft, *, by: User, now: datetime) -> ImportRun:
    """Start the import and remember how the file was understood; twice is once."""
    locked = ImportDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if locked.run is not None:
        return locked.run
    draft.run = _start(draft, dry_run=False, by=by, now=now)
    draft.save(update_fields=["run"])
    remember(draft, by=by, now=now)
    return draft.run


def _start(draft: ImportDraft, *, dry_run: bool, by: User, now: datetime) -> ImportRun:
    job = import_jobs.start(
        draft.file,
        kind=draft.kind,
        # Read in the very way that its pages show.
        options=Options.from_json({**_of_its_kind(draft), **shown_of(draft).reading}),
        dry_run=dry_run,
        by=by,
        now=now,
    )
    run: ImportRun = job.import_run
    return run


def _of_its_kind(draft: ImportDraft) -> Mapping[str, Any]:
    """Without what was chosen while the file was taken for people."""
    left_out = frozenset[str]() if draft.kind == CUSTOMERS else MODES
    return {name: each for name, each in draft.options.items() if name not in left_out}


@transaction.atomic
def discard(draft: ImportDraft, *, now: datetime) -> None:
    """Forget the file and all that was chosen for it."""
    audit.record("import.discarded", f"file:{draft.file_id}", now=now)
    draft.file.delete()
