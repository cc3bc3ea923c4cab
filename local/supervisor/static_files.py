"""Style sheets, scripts and images, compressed and under names that change with them.

Collected once and again only when one of them, or a package that brings its own, is
another one than before: compressing takes seconds.
"""

import hashlib
import os
from pathlib import Path

from local.embedded.paths import BASE_DIR
from local.supervisor.commands import manage
from local.supervisor.output import step

STAMP = "static-collected"


def collect(var: Path) -> None:
    """Collect them where they are missing, and pass their folder to our children."""
    root = Path(os.environ.setdefault("STATIC_ROOT", str(var / "static")))
    wanted = f"{root} {fingerprint()}"
    stamp = var / STAMP
    if stamp.exists() and stamp.read_text() == wanted and root.exists():
        return
    with step("static files"):
        manage("collectstatic", "--noinput", "--clear", "--verbosity", "0")
    stamp.write_text(wanted)


def fingerprint() -> str:
    """A hash of the static files and of the installed packages."""
    digest = hashlib.sha256((BASE_DIR / "requirements.txt").read_bytes())
    for path in sorted((BASE_DIR / "static").rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(BASE_DIR)).encode() + path.read_bytes())
    return digest.hexdigest()
