"""The work of an import grows with its rows, also in tables without statistics."""

import json
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.services.imports import parts
from tests.crm.importing import ORDER_HEADER, file_of, take_customers, take_orders

pytestmark = pytest.mark.django_db

ROWS = 600
# How often a statement may look at a row of the file or of a table that it filled.
LOOKS = 12


@pytest.fixture(autouse=True)
def never_analysed(db):
    """Empty tables as after migrate: a vacuum may have seen rows of earlier tests."""
    with connection.cursor() as cursor:
        # Append-only tables refuse TRUNCATE; all of it is rolled back.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("TRUNCATE crm_customer, crm_product CASCADE")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


@contextmanager
def explained():
    """Yields the plans of all statements inside, as they were carried out."""
    plans = []
    connection.ensure_connection()

    def keep(notice):
        _, _, told = notice.message_primary.partition("plan:\n")
        if told:
            plans.append(json.loads(told))

    connection.connection.add_notice_handler(keep)
    with connection.cursor() as cursor:
        cursor.execute("LOAD 'auto_explain'")
        for name, value in {
            "auto_explain.log_min_duration": "0",
            "auto_explain.log_analyze": "on",
            "auto_explain.log_timing": "off",
            "auto_explain.log_format": "json",
            "auto_explain.log_level": "notice",
            "client_min_messages": "notice",
        }.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
    yield plans
    connection.connection.remove_notice_handler(keep)


def most_looks(plan):
    """Rows that the busiest step of a plan took up, those it left out included."""
    here = plan["Actual Loops"] * (
        plan["Actual Rows"]
        + plan.get("Rows Removed by Filter", 0)
        + plan.get("Rows Removed by Join Filter", 0)
    )
    return max([here, *(most_looks(part) for part in plan.get("Plans", []))])


def customers_file(folder, address="c{}@example.org"):
    rows = (f"C{at},Ann,{address.format(at)}" for at in range(ROWS))
    return file_of(folder, "\n".join(["external_id,name,email", *rows]))


def orders_file(folder):
    rows = (f"O{at // 3},C{at // 3},2026-01-02,P{at},1,2" for at in range(ROWS))
    return file_of(folder, ORDER_HEADER + "\n".join(rows), "orders.csv")


def busy_statements(plans):
    assert len(plans) > 3
    return [
        one["Query Text"] for one in plans if most_looks(one["Plan"]) > LOOKS * ROWS
    ]


@pytest.mark.parametrize("address", ["c{}@example.org", "info@example.org"])
@pytest.mark.parametrize("dry", [True, False])
def test_no_statement_of_customers_reads_a_table_once_a_row(tmp_path, dry, address):
    path = customers_file(tmp_path, address)
    with explained() as first:
        take_customers(path, dry_run=dry)
    with explained() as again:
        take_customers(path, dry_run=dry)

    assert busy_statements(first) == []
    assert busy_statements(again) == []


def test_no_statement_of_orders_reads_a_table_once_a_row(tmp_path):
    take_customers(customers_file(tmp_path))
    path = orders_file(tmp_path)
    with explained() as first:
        take_orders(path)
    with explained() as again:
        take_orders(path)

    assert busy_statements(first) == []
    assert busy_statements(again) == []


@pytest.mark.parametrize(("kind", "most"), [("customers", 26), ("orders", 40)])
def test_a_slice_asks_the_server_a_few_times(tmp_path, monkeypatch, kind, most):
    """While the server is asked, the checks take the interpreter: 5 ms each time."""
    monkeypatch.setattr(parts, "FIRST_ROWS", 60)
    monkeypatch.setattr(parts, "PART_ROWS", 60)
    path, take = customers_file(tmp_path), take_customers
    if kind == "orders":
        take_customers(path)
        path, take = orders_file(tmp_path), take_orders
    with CaptureQueriesContext(connection) as asked:
        take(path)

    slices = ROWS // 60
    assert slices < len(asked) < slices * most
