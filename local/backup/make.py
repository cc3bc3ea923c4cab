"""`python -m local.backup.make FOLDER`: what script/backup runs."""

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import psycopg

from local.backup import database, folder
from local.backup.errors import BackupError
from local.embedded import EmbeddedError, ensure
from local.supervisor.commands import manage
from local.supervisor.errors import CannotRun
from local.supervisor.output import say


def main(argv: Sequence[str]) -> int:
    """Run script/backup. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="script/backup",
        description="A whole copy: database, private files, journal and settings."
        " Perennial may go on working meanwhile.",
    )
    parser.add_argument("folder", type=Path, help="is made; must not be there yet")
    # Where the person stands: the script has gone to the folder of the project.
    parser.add_argument("--from", dest="base", type=Path, default=Path())
    parser.add_argument(
        "--without-files",
        action="store_true",
        help="leave out the private files: they are saved in another way",
    )
    options = parser.parse_args(argv)
    target = (options.base / options.folder).resolve()
    try:
        with ensure():
            back_up(target, with_files=not options.without_files)
    except (BackupError, EmbeddedError, CannotRun, psycopg.Error, OSError) as error:
        say(f"\n  No backup was made: {error}\n")
        return 1
    return 0


def back_up(target: Path, *, with_files: bool) -> None:
    """Make the folder; it gets its name when it is whole."""
    if target.exists():
        raise BackupError(f"{target} is there already. Name a folder that is not.")
    half = target.with_name(f"{target.name}.partial")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True, mode=0o700)
    # The database first: what came later in files and journal is no harm, what is
    # missing there would be.
    migrations = database.migrations()
    database.dump(half / folder.DATABASE)
    (half / folder.DATABASE).chmod(0o600)
    _copy_journal(half / folder.JOURNAL)
    if with_files:
        _copy_files(half / folder.FILES)
    folder.write_settings(half / folder.SETTINGS)
    folder.write_manifest(
        half, postgresql=database.server_version(), migrations=migrations
    )
    folder.sync(half)
    half.rename(target)
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    say(f"  {target}: {size / 1e6:,.1f} MB")
    say(f"  {folder.SETTINGS} in it holds the secret key: keep the copy where only")
    say("  you can read it, and away from this machine.")
    if not with_files:
        say(f"  The private files lie in {folder.files_place()} and are not in it:")
        say("  save them there, by versions or a copy of their own.")


def _copy_files(target: Path) -> None:
    """A folder as it is; what lies elsewhere, through the storage of our settings."""
    private = folder.files_folder()
    if private is not None:
        folder.pack(private, target)
        return
    target.touch(mode=0o600)
    count = manage("private_files", "save", str(target)).strip()
    say(f"  private files: {count}, out of {folder.files_place()}")


def _copy_journal(target: Path) -> None:
    target.mkdir(mode=0o700)
    for path in sorted(folder.journal_folder().glob("*.jsonl")):
        shutil.copy2(path, target / path.name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
