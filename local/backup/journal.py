"""The journal of a backup, beside the one that is here and may know more."""

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from local.backup import folder
from local.supervisor.output import say


def put_back(copy: Path, here: Path) -> None:
    """Put the journal in the folder `copy` back to the folder `here`.

    What is here goes on where it is the same journal and knows more. That of another
    database is set aside, and said.
    """
    copies = _months(copy)
    if not copies:
        say("  journal: there was none yet when the copy was made")
        return
    if _goes_on(_months(here), copies):
        say("  journal: the one here is kept, it knows more than the copy")
        return
    if aside := folder.set_aside(here):
        say(f"  journal: the one here is of another database, it is now {aside}")
    here.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in copies:
        shutil.copy2(path, here / path.name)
    say("  journal: put back. What happened since the copy is not in it.")


def _months(journal: Path) -> list[Path]:
    return sorted(journal.glob("*.jsonl"))


def _goes_on(here: Sequence[Path], copies: Sequence[Path]) -> bool:
    """Whether the files here begin with those of the copy. Months of it that are older
    than all that is here were deleted once they were old, and are no break."""
    if not here:
        return False
    present = {path.name: path for path in here}
    shared = [path for path in copies if path.name >= here[0].name]
    if not shared:
        # Numbers rise without a gap, and a journal of another database begins with 1.
        return next(_numbers(here[0]), 0) > max(_numbers(copies[-1]), default=0)
    return all(
        path.name in present and _begins_with(present[path.name], path)
        for path in shared
    )


def _begins_with(here: Path, copy: Path) -> bool:
    beginning = copy.read_bytes()
    with here.open("rb") as file:
        return file.read(len(beginning)) == beginning


def _numbers(path: Path) -> Iterator[int]:
    """The numbers of the whole lines; one that a crash has cut off is none."""
    with path.open("rb") as lines:
        for line in lines:
            try:
                yield int(json.loads(line)["n"])
            except (ValueError, KeyError, TypeError):
                continue
