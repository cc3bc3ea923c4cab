#!/usr/bin/env python
"""The door: every command of Perennial starts here."""

import os
import sys

from django.core.management import execute_from_command_line

from config.embedded import EmbeddedError, ensure

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
    words = set(argv[1:])
    return (
        bool(words) and argv[1] not in WITHOUT_SERVERS and not words & {"--help", "-h"}
    )


def main() -> None:
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
