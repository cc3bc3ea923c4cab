"""Which character type a database gets, so that trigrams exist in every script.

pg_trgm asks the C library which characters are letters, by the database's LC_CTYPE.
With C these are ASCII's only: a search for `כהן` finds no trigram and reads every row.
Order and case come from elsewhere (the provider): the names below decide only this.
"""

import os
from collections.abc import Iterator

import psycopg
from psycopg import sql

# What C libraries call it: glibc and musl, glibc beside other locales, macOS.
NAMES = ("C.UTF-8", "C.utf8", "en_US.UTF-8", "en_US.utf8", "UTF-8")
ASCII_ONLY = frozenset({"C", "POSIX"})


def candidates() -> Iterator[str]:
    """Yield names to try in turn: the common ones, then that of the environment."""
    yield from NAMES
    for variable in ("LC_ALL", "LC_CTYPE", "LANG"):
        name = os.environ.get(variable, "")
        if name.lower().endswith(("utf-8", "utf8")) and name not in NAMES:
            yield name


def of_database(connection: psycopg.Connection, database: str) -> str:
    """Return the LC_CTYPE of a database of this server; empty where there is none."""
    row = connection.execute(
        "SELECT datctype FROM pg_database WHERE datname = %s", [database]
    ).fetchone()
    return row[0] if row else ""


def create_database(connection: psycopg.Connection, name: str) -> bool:
    """Create a database and return whether trigrams will exist there in every script.

    `connection` is in autocommit mode. Where the C library has none of the names, the
    database is created as the server would.
    """
    create = sql.SQL("CREATE DATABASE {} TEMPLATE template0 LC_CTYPE {}")
    for candidate in candidates():
        try:
            connection.execute(
                create.format(sql.Identifier(name), sql.Literal(candidate))
            )
        except (
            psycopg.errors.WrongObjectType,  # "invalid LC_CTYPE locale name"
            psycopg.errors.InvalidParameterValue,  # not for UTF-8
        ):
            continue
        return True
    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return of_database(connection, name) not in ASCII_ONLY
