"""The first steps of an import's job: its file as a text, and the text as parts.

A workbook, or what is packed, is written as a text into the folder of the job, in a
step of its own; a later step divides the text. Each may take MOST_SECONDS and no
longer: a task that was cut off would begin from the start again, and never end.
"""

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from crm.errors import FileUnusable
from crm.models import ImportRun
from crm.services import files
from crm.services.imports.containers import Limit, Readable, readable
from crm.services.imports.importer import Importer
from crm.services.imports.options import Options
from crm.services.imports.parts import Folder, Parts, divide
from crm.services.imports.reading import open_table
from crm.services.work_folders import work_folder

MOST_SECONDS = 60.0
_NAME = "text"


def read(
    run: ImportRun, kind: Importer, options: Options, folder: Folder
) -> Parts | dict[str, Any]:
    """The file as parts; where it had to be written as a text first, what
    `read_written` has to know of that. Raises FileUnusable."""
    if run.file is None:
        raise FileUnusable("The upload is past its keeping time. Upload it again.")
    until = time.monotonic() + MOST_SECONDS
    try:
        with (
            files.local_copy(run.file) as path,
            readable(path, sheet=options.sheet, limit=Limit(until=until)) as file,
        ):
            if file.path == path:
                return _divided(file, kind, options, folder, until)
            name = f"{_NAME}-{uuid4().hex}"
            with file.path.open("rb") as text:
                folder.save(name, text)
            return {**asdict(replace(file, path=Path())), "path": name}
    except FileNotFoundError:
        raise FileUnusable(
            "The upload is not in the storage any more. Upload it again."
        ) from None


def read_written(
    text: Mapping[str, Any], kind: Importer, options: Options, folder: Folder
) -> Parts:
    """The text that `read` wrote as parts. Raises FileUnusable."""
    until = time.monotonic() + MOST_SECONDS
    with _local(folder, text["path"]) as path:
        known = {**text, "path": path, "sheets": tuple(text["sheets"])}
        return _divided(Readable(**known), kind, options, folder, until)


def _divided(
    file: Readable, kind: Importer, options: Options, folder: Folder, until: float
) -> Parts:
    table = open_table(file, kind.fields(), options.mapping, options.layout)
    return divide(table, folder, kind.groups(options, table), until=until)


@contextmanager
def _local(folder: Folder, name: str) -> Iterator[Path]:
    with work_folder() as place:
        path = place / _NAME
        with folder.open(name) as text, path.open("wb") as copy:
            shutil.copyfileobj(text, copy)
        yield path
