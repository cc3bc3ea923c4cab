#!/usr/bin/env python3
"""Every command of Perennial starts here."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

OWN_PYTHON = Path(__file__).resolve().parent / ".venv" / "bin" / "python"

if __name__ == "__main__" and find_spec("django") is None:
    if not OWN_PYTHON.exists():
        sys.exit("manage.py: nothing is installed yet. Run script/server first.")
    # Started by the machine's Python: go on with the one that script/server made.
    os.execv(OWN_PYTHON, [str(OWN_PYTHON), *sys.argv])  # noqa: S606

from django.core.management import execute_from_command_line  # noqa: E402

from local.embedded import EmbeddedError, ensure  # noqa: E402

# These ask no database: they shall not start one.
WITHOUT_SERVERS = frozenset(
    {
        "check",
        "collectstatic",
        "diffsettings",
        "findstatic",
        "help",
        "makemigrations",
        "spectacular",
        "startapp",
        "version",
        "--help",
        "--version",
        "-h",
    }
)


def needs_servers(argv: list[str]) -> bool:
    """Whether this command asks the database or the broker."""
    words = set(argv[1:])
    return (
        bool(words) and argv[1] not in WITHOUT_SERVERS and not words & {"--help", "-h"}
    )


def main() -> None:
    """Run Django's command, with our servers around it where it needs them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if not needs_servers(sys.argv):
        execute_from_command_line(sys.argv)
        return
    try:
        with ensure():
            execute_from_command_line(sys.argv)
    except EmbeddedError as error:
        sys.exit(f"manage.py: {error}")


if __name__ == "__main__":
    main()
