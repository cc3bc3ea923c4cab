"""Tables, and on the first run a shop to look at with its owner's login."""

import json
from dataclasses import dataclass

import psycopg

from config.supervisor.commands import manage
from config.supervisor.output import step

OWNER_FIRST = "SELECT id FROM crm_user ORDER BY id LIMIT 1"


@dataclass(frozen=True)
class Login:
    email: str
    password: str


def prepare_data(database_url: str) -> Login | None:
    """Bring the tables up to date; a login only where this made the first user."""
    with step("tables"):
        manage("migrate", "--noinput", "--verbosity", "0")
    if has_user(database_url):
        return None
    with step("a small shop to look at (first run only)"):
        return read_login(manage("demo", "--json"))


def has_user(database_url: str) -> bool:
    with psycopg.connect(database_url) as connection:
        return connection.execute(OWNER_FIRST).fetchone() is not None


def new_password() -> Login:
    return read_login(manage("new_password", "--json"))


def read_login(output: str) -> Login:
    """The last line of a command is {"login": ..., "password": ...}."""
    told = json.loads(output.strip().splitlines()[-1])
    return Login(email=told["login"], password=told["password"])
