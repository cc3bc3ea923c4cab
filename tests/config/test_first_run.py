"""A first run that was interrupted begins anew, unless somebody has moved in."""

import pytest

from config.supervisor.first_run import Login, read_login
from tests.config.processes import finish, python

HALF_A_DEMO = """
import psycopg
from config.embedded import database_url, ensure, var_folder
from config.supervisor.first_run import set_half_a_demo_aside

with ensure():
    with psycopg.connect(database_url()) as connection:
        connection.execute("CREATE TABLE crm_apitoken (id int)")
        connection.execute("CREATE TABLE crm_user (email text, last_login timestamptz)")
        connection.execute("INSERT INTO crm_user VALUES ({user})")
    (var_folder() / "demo-unfinished").touch()
    set_half_a_demo_aside(database_url(), var_folder())
    with psycopg.connect(database_url()) as connection:
        print(connection.execute("SELECT to_regclass('crm_user')").fetchone())
        print(connection.execute("SELECT datname FROM pg_database").fetchall())
print((var_folder() / "demo-unfinished").exists())
"""
OWNER = "'owner@kettle-and-leaf.example', "


def after(var, user):
    return finish(python(var, "-c", HALF_A_DEMO.format(user=user)))


def test_half_a_demo_is_set_aside_and_not_lost(var):
    told = after(var, OWNER + "NULL")

    assert "(None,)" in told
    assert "perennial_unfinished_" in told
    assert told.endswith("False\n")


@pytest.mark.parametrize(
    "user", [OWNER + "now()", "'me@shop.example', NULL"], ids=["signed in", "another"]
)
def test_it_stays_where_somebody_has_moved_in(var, user):
    told = after(var, user)

    assert "in use and stays" in told
    assert "('crm_user',)" in told


def test_the_login_is_the_last_line_of_the_demo():
    told = 'a warning\n{"login": "owner@shop.example", "password": "abc"}\n'

    assert read_login(told) == Login("owner@shop.example", "abc")
