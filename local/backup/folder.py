"""A backup as a folder: its parts, their checksums, and where they belong."""

import hashlib
import json
import os
import tarfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from local.backup.errors import BackupError
from local.embedded import secret_key, var_folder

DATABASE = "database.dump"
FILES = "files.tar"
SETTINGS = "settings.env"
JOURNAL = "journal"
MANIFEST = "backup.json"
FORMAT = 1

# The environment variables that belong to an installation and not to one machine, so
# without addresses of servers. Passwords are among them: only the owner reads the file.
KEPT_VARIABLES = (
    *("PERENNIAL_MODE", "SECRET_KEY", "SECRET_KEY_FALLBACKS", "ALLOWED_HOSTS"),
    *("CSRF_TRUSTED_ORIGINS", "NUM_PROXIES", "SECURE_SSL_REDIRECT", "MAIL_TRANSPORT"),
    *("LOGIN_FAILURE_LIMIT", "REQUIRE_SECOND_FACTOR"),
)
KEPT_PREFIXES = ("EMAIL_", "ANYMAIL_", "FILES_")


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself: versions, migrations and checksums."""

    made_at: str
    postgresql: int
    migrations: list[str]
    sha256: dict[str, str]
    format: int = FORMAT


def journal_folder() -> Path:
    """JOURNAL_FOLDER, or the one in the var folder."""
    return Path(os.environ.get("JOURNAL_FOLDER") or var_folder() / "journal")


def files_folder() -> Path | None:
    """The private files; None where they lie in a bucket."""
    if os.environ.get("FILES_BACKEND"):
        return None
    return Path(os.environ.get("FILES_DIR") or var_folder() / "files")


def files_place() -> str:
    """Where the private files lie, in words."""
    if private := files_folder():
        return str(private)
    name = os.environ.get("FILES_OPTION_BUCKET_NAME", "")
    return f"the bucket {name}" if name else os.environ["FILES_BACKEND"]


def settings() -> dict[str, str]:
    """The variables that a backup keeps, with the secret key, sorted by name."""
    values = {
        name: value
        for name, value in os.environ.items()
        if value and (name in KEPT_VARIABLES or name.startswith(KEPT_PREFIXES))
    }
    if "SECRET_KEY" not in values:
        values["SECRET_KEY"] = secret_key()
    return dict(sorted(values.items()))


def write_settings(path: Path) -> None:
    """Write the settings as NAME=value lines that only the owner may read."""
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}={value}\n" for name, value in settings().items()))


def read_settings(path: Path) -> dict[str, str]:
    """The settings of a file that `write_settings` made."""
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def pack(folder: Path, target: Path) -> None:
    """All files of a folder, or an empty archive."""
    target.touch(mode=0o600)
    with tarfile.open(target, "w") as archive:
        if folder.exists():
            archive.add(folder, arcname=".")


def unpack(archive: Path, folder: Path) -> None:
    """Unpack into a folder that only the owner may open; unsafe members are refused."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")


def set_aside(folder: Path) -> Path | None:
    """Give a folder that is in the way another name; None where there is nothing."""
    if not folder.exists() or not any(folder.iterdir()):
        return None
    aside = folder.with_name(f"{folder.name}.before-{time.strftime('%Y%m%d-%H%M%S')}")
    folder.rename(aside)
    return aside


def write_manifest(folder: Path, *, postgresql: int, migrations: list[str]) -> None:
    """Write the version, the migrations and the checksum of every file."""
    manifest = Manifest(
        made_at=time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()),
        postgresql=postgresql,
        migrations=migrations,
        sha256={
            str(path.relative_to(folder)): checksum(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        },
    )
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1))


def read_manifest(folder: Path) -> Manifest:
    """Checked: every part is there and as it was written. Raises BackupError."""
    try:
        values = json.loads((folder / MANIFEST).read_text())
        manifest = Manifest(**values)
    except (OSError, ValueError, TypeError) as error:
        raise BackupError(
            f"{folder} is no backup that this version can read: {error}"
        ) from None
    if manifest.format != FORMAT:
        raise BackupError(f"{folder} was made by another version of script/backup.")
    for name, sha256 in manifest.sha256.items():
        path = folder / name
        if not path.is_file():
            raise BackupError(f"{name} is missing in {folder}. Nothing was changed.")
        if checksum(path) != sha256:
            raise BackupError(
                f"{name} in {folder} is not as it was written: the copy is damaged."
                " Nothing was changed; take another backup."
            )
    return manifest


def checksum(path: Path) -> str:
    """SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(folder: Path) -> None:
    """What is written is on the disk before the folder gets its name."""
    for path in [*folder.rglob("*"), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
