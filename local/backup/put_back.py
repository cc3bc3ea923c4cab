"""`python -m local.backup.put_back FOLDER`: what script/restore runs."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import psycopg

from local.backup import database, folder, journal
from local.backup.errors import BackupError
from local.backup.folder import Manifest
from local.embedded import EmbeddedError, ensure, var_folder
from local.embedded.owner_lock import sign
from local.embedded.paths import BASE_DIR, make_var
from local.supervisor.commands import manage
from local.supervisor.errors import CannotRun
from local.supervisor.output import say

NEXT = """
  The shop is back, and no mail leaves yet. Now run:

      ./manage.py after_restore

  It tells this database what happened since the copy was made (who opted out, which
  mails left), shows what would leave, and asks before anything does."""


def main(argv: Sequence[str]) -> int:
    """Run script/restore. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="script/restore",
        description="Put a backup back. Stop web, workers and beat before.",
    )
    parser.add_argument("folder", type=Path, help="made by script/backup")
    parser.add_argument(
        "--replace", action="store_true", help="also where a shop is there already"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")
    # Where the person stands: the script has gone to the folder of the project.
    parser.add_argument("--from", dest="base", type=Path, default=Path())
    options = parser.parse_args(argv)
    try:
        source = (options.base / options.folder).resolve()
        restore(source, replace=options.replace, ask=not options.yes)
    except (BackupError, EmbeddedError, CannotRun, psycopg.Error, OSError) as error:
        say(f"\n  {error}\n")
        return 1
    return 0


def restore(source: Path, *, replace: bool, ask: bool) -> None:
    """Check everything, ask, then put back: the database at once or not at all."""
    manifest = folder.read_manifest(source)
    _refuse_newer(manifest)
    make_var(var_folder())
    lock = sign(var_folder() / "supervisor.lock")
    if lock is None:
        raise BackupError("Perennial runs from this folder: stop script/server first.")
    try:
        with ensure():
            _refuse_others()
            _refuse_shop(replace=replace)
            _refuse_files_away(source)
            if ask and not _is_agreed(manifest):
                raise BackupError("Nothing was changed.")
            database.put_back(source / folder.DATABASE)
            say("  database: put back")
            _put_back_key(source)
            journal.put_back(source / folder.JOURNAL, folder.journal_folder())
            _put_back_files(source)
            manage("migrate", "--noinput", "--verbosity", "0")
    finally:
        os.close(lock)
    say(NEXT)


# --- What must hold before anything is touched ---------------------------------------


def _refuse_newer(manifest: Manifest) -> None:
    """A database of a later version has columns that this one does not know."""
    apps = {path.parent.name for path in BASE_DIR.glob("*/migrations")}
    known = {
        f"{path.parent.parent.name}.{path.stem}"
        for path in BASE_DIR.glob("*/migrations/[0-9]*.py")
    }
    # A squash of before that is gone meanwhile is named after the last one in it.
    ours = {
        name.replace(".0001_squashed_", ".")
        for name in set(manifest.migrations) - known
        if name.partition(".")[0] in apps
    }
    if unknown := sorted(ours - known):
        raise BackupError(
            f"The backup was made by a later version (it has {unknown[0]})."
            " Put it back with that version. Nothing was changed."
        )


def _refuse_others() -> None:
    if count := database.others():
        raise BackupError(
            f"{count} others are connected to the database: stop web, workers and beat"
            " first. Nothing was changed."
        )


def _refuse_shop(*, replace: bool) -> None:
    if not replace and not database.is_empty():
        raise BackupError(
            "There is a shop in this database already. Nothing was changed. To lose it"
            " and have the backup instead: --replace (make a backup of it first)."
        )


def _refuse_files_away(source: Path) -> None:
    if folder.files_folder() is None and (source / folder.FILES).exists():
        try:
            manage("private_files", "reach")
        except CannotRun as error:
            raise BackupError(f"{error}\n  Nothing was changed.") from None


def _is_agreed(manifest: Manifest) -> bool:
    if not sys.stdin.isatty():
        say("  Nobody can be asked here: say --yes.")
        return False
    say(f"  The backup was made at {manifest.made_at}.")
    say("  All that is in the database now will be gone.")
    return input("  Put it back? Type yes: ").strip().lower() == "yes"


# --- Everything but the database -----------------------------------------------------


def _put_back_key(source: Path) -> None:
    """Links in mails that left are signed with it."""
    key = folder.read_settings(source / folder.SETTINGS)["SECRET_KEY"]
    if own := os.environ.get("SECRET_KEY"):
        if own != key:
            say(f"  SECRET_KEY is another one than in {folder.SETTINGS}: stop links of")
            say("  earlier mails work once that one is in SECRET_KEY_FALLBACKS.")
        return
    path = var_folder() / "secret_key"
    if path.exists() and path.read_text().strip() != key:
        path.rename(path.with_name("secret_key.before"))
    path.touch(mode=0o600)
    path.write_text(key)


def _put_back_files(source: Path) -> None:
    private = folder.files_folder()
    archive = source / folder.FILES
    if not archive.exists():
        say("  private files: not in the backup")
        return
    if private is None:
        count = manage("private_files", "put-back", str(archive)).strip()
        say(f"  private files: {count} put back to {folder.files_place()};")
        say("  what is there besides, and no record names, goes after a day")
        return
    if aside := folder.set_aside(private):
        say(f"  private files: those that were here are now in {aside};")
        say("  delete them once you miss nothing")
    folder.unpack(archive, private)
    say("  private files: put back")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
