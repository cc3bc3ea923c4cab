"""Lists of people who stopped, bounced or complained elsewhere, brought along by file.

`reading` says what a row means, `loading` whom it is about; what is written stands in
`messaging/services/bulk_withdrawals.py` and `bulk_suppressions.py`.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from crm.errors import FileUnusable
from crm.models import ImportRun
from crm.services.imports.importer import Given, Importer
from crm.services.imports.loading import Loader
from crm.services.imports.runner import import_file
from crm.services.imports.running import Check, Options, Progress, Report
from messaging.rules.choices import Category
from messaging.rules.opt_outs import OptOut, scopes_in
from messaging.services.opt_outs.loading import OptOutLoader
from messaging.services.opt_outs.reading import FIELDS, OptOutCheck, OptOutSettings

NAME = "opt_outs"
KINDS_OF_ROW = (OptOut.WITHDRAWAL, OptOut.BOUNCE, OptOut.COMPLAINT)


def import_opt_outs(
    path: Path, options: Options, *, now: datetime, progress: Progress
) -> Report:
    """Stop mail to the addresses of a file. Nothing in it grants anything."""
    return import_file(OPT_OUTS, path, options, now=now, progress=progress)


def _check(given: Given) -> Check:
    options = given.options
    if options.opt_out_kind not in KINDS_OF_ROW:
        raise FileUnusable(
            f"{options.opt_out_kind!r} is none of {', '.join(KINDS_OF_ROW)}."
        )
    settings = OptOutSettings(
        now=given.now,
        zone=given.zone,
        file_name=given.parts.file_name,
        cells=options.cells,
        undated=_first_seen(given.parts.sha256) or given.now,
        kind=OptOut(options.opt_out_kind),
        scopes=scopes_of(options),
    )
    return OptOutCheck(given.parts, settings)


def scopes_of(options: Options) -> Sequence[Category]:
    """The classes that an opt-out stops which names none. Raises FileUnusable."""
    found = scopes_in(options.opt_out_scope)
    if not found:
        raise FileUnusable(
            f"{options.opt_out_scope!r} is no class of mail that somebody may stop:"
            " all, marketing, survey, loyalty, birthday."
        )
    return found


def _first_seen(sha256: str) -> datetime | None:
    """When this very file was first brought: what it says without a date is no younger.
    Else the same file again would undo what its people agreed to since."""
    runs = ImportRun.objects.filter(kind=NAME, file_sha256=sha256, is_dry_run=False)
    first = runs.order_by("started_at").first()
    return first.started_at if first else None


def _loader(given: Given) -> Loader:
    return OptOutLoader(source=given.options.source, now=given.now)


OPT_OUTS = Importer(
    NAME,
    _("People who opted out, bounced or complained"),
    lambda: FIELDS,
    _check,
    _loader,
    labels={
        "at": _("When"),
        "kind": _("What happened"),
        "scope": _("Which mail they stopped"),
        "reason": _("In their words"),
        "granted": _("Whether they allow it"),
        "suppressions": _("Why the address is barred"),
        "optout_time": _("Opted out on"),
        "complaint_time": _("Complained on"),
    },
)
