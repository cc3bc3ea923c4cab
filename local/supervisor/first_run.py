"""Tables, and on the first run a shop to look at with its owner's login."""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from local.embedded.character_type import create_database
from local.embedded.postgres import DATABASE
from local.supervisor import migrations
from local.supervisor.commands import manage, manage_lines
from local.supervisor.errors import CannotRun
from local.supervisor.output import say, step

ANY_USER = "SELECT id FROM crm_user LIMIT 1"
# Exists while the demo is being made, and holds its progress: until then the database
# holds half of it. Today reads it (desk/selectors/sample_shop.py).
UNFINISHED = "demo-unfinished"
SAY_EVERY = 5.0
RENAME = "ALTER DATABASE {old} RENAME TO {new}"
# Only the demo was here: no sign-in, no key, no user of another name.
ONLY_DEMO = """
    SELECT NOT EXISTS (
        SELECT FROM crm_user
        WHERE last_login IS NOT NULL OR email NOT LIKE '%@kettle-and-leaf.example'
    )
    AND NOT EXISTS (SELECT FROM crm_apitoken)
"""


@dataclass(frozen=True)
class Login:
    """The account that the first start makes and prints."""

    email: str
    password: str


def prepare_data(database_url: str, var: Path) -> bool:
    """Bring the tables up to date. Is this the first run, with no user yet?"""
    if (var / UNFINISHED).exists():
        set_half_a_demo_aside(database_url, var)
    with psycopg.connect(database_url, autocommit=True) as connection:
        if not migrations.is_up_to_date(var, connection):
            with step("tables"):
                for line in manage_lines("migrate", "--noinput", "--verbosity", "0"):
                    say(line.rstrip())
            migrations.remember(var)
        return connection.execute(ANY_USER).fetchone() is None


def new_password() -> Login:
    """Give the first owner a new password, by `manage.py new_password`."""
    return read_login(manage("new_password", "--json"))


def first_owner(email: str) -> Login:
    """Of a shop without anything in it."""
    return read_login(manage("first_owner", email, "--json"))


def read_login(line: str) -> Login:
    """The login in the last line of a command's output, which is JSON."""
    login = json.loads(line.strip().splitlines()[-1])
    return Login(email=login["login"], password=login["password"])


class SampleShop:
    """A small shop to look at. Its owner may sign in long before it is full."""

    def __init__(self, var: Path) -> None:
        self.mark = var / UNFINISHED
        self.lines = manage_lines("demo", "--json", **_in_a_hurry())

    def open(self) -> Login:
        """Start filling; returns the login as soon as it is made."""
        self.mark.touch()
        for line in self.lines:
            if line.startswith("{"):
                return read_login(line)
        raise CannotRun("manage.py demo printed no login.")

    def fill(self) -> None:
        """Its last weeks are lived through day by day: say every few seconds which."""
        started = reported = time.monotonic()
        say("\n  The sample shop is being filled; you may look around meanwhile.")
        for line in self.lines:
            news = _news(line)
            if news and "of" in news:
                self.mark.write_text(f"{news['done']} {news['of']}")
                if time.monotonic() - reported > SAY_EVERY:
                    reported = time.monotonic()
                    say(f"  day {news['done']} of {news['of']}")
        self.mark.unlink(missing_ok=True)
        say(f"  filled in {time.monotonic() - started:.0f} s")

    def stop(self) -> None:
        """End the command that fills the shop."""
        self.lines.close()


def _in_a_hurry() -> dict[str, str]:
    """No commit waits for the disk, in our own server only. A crash would lose the last
    of them, and the first run begins again after one anyway."""
    if os.environ.get("DATABASE_URL"):
        return {}
    return {"PGOPTIONS": "-c synchronous_commit=off"}


def _news(line: str) -> dict[str, Any] | None:
    """What else the command prints is not shown."""
    try:
        news = json.loads(line)
    except ValueError:
        return None
    return news if isinstance(news, dict) else None


def set_half_a_demo_aside(database_url: str, var: Path) -> None:
    """A first run was interrupted: begin again, unless somebody has moved in since.

    Set aside and not dropped: whatever we did not think of can still be found.
    """
    if not os.environ.get("DATABASE_URL") and _holds_only_demo(database_url):
        aside = f"{DATABASE}_unfinished_{time.strftime('%Y%m%d_%H%M%S')}"
        say(f"  the first run was interrupted: beginning anew (the rest is {aside})")
        with psycopg.connect(database_url, dbname="postgres", autocommit=True) as link:
            names = {"old": sql.Identifier(DATABASE), "new": sql.Identifier(aside)}
            link.execute(sql.SQL(RENAME).format(**names))
            create_database(link, DATABASE)
    else:
        say("  the first run was interrupted; its half demo is in use and stays")
    (var / UNFINISHED).unlink()


def _holds_only_demo(database_url: str) -> bool:
    with psycopg.connect(database_url) as connection:
        try:
            row = connection.execute(ONLY_DEMO).fetchone()
        except psycopg.errors.UndefinedTable:
            return True
    return bool(row and row[0])
