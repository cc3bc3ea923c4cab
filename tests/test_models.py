"""What holds for the models of every app."""

from django.apps import apps
from django.db import connection

APPS = (
    "crm",
    "messaging",
    "support",
    "surveys",
    "feedback",
    "loyalty",
    "insights",
    "desk",
)
FIELDS_WITH_DEFAULT = [
    field
    for app in APPS
    for model in apps.get_app_config(app).get_models()
    for field in model._meta.concrete_fields
    if field.has_default()
]


def default_in_the_database(field):
    """What PostgreSQL writes where a statement does not name the column."""
    table, column = field.model._meta.db_table, field.column
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_default FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name = %s"
            " AND column_name = %s",
            [table, column],
        )
        (expression,) = cursor.fetchone()
        if expression is None:
            return None
        cursor.execute(f"SELECT {expression}")
        (value,) = cursor.fetchone()
    read = getattr(field, "from_db_value", None)
    return read(value, None, connection) if read else value


def test_a_default_stands_in_the_database_too(db):
    """So that SQL written by hand need not know each column, and that an older release
    can write beside a newer one while the shop is upgraded."""
    wrong = {}
    for field in FIELDS_WITH_DEFAULT:
        expected, found = field.get_default(), default_in_the_database(field)
        if callable(field.default) and field.default not in (dict, list):
            expected, found = type(expected), type(found)  # a new value every time
        if found != expected:
            wrong[str(field)] = found, expected

    assert wrong == {}
