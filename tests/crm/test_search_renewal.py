"""Rows of an earlier version are spelled anew by the migration, and only those."""

from importlib import import_module

from django.apps import apps
from django.db import connection

from crm.models import Customer
from crm.rules.search import customer_search_text
from tests.factories import CustomerFactory

renewal = import_module("crm.migrations.0015_renew_search_texts")


def test_rows_of_before_are_found_by_the_new_spelling(db, monkeypatch):
    monkeypatch.setattr(renewal, "SLICE", 2)
    old = [
        CustomerFactory(given_name=name, family_name="", search_text=was)
        for name, was in [("היג'א", "היג'א"), ("🦄", "🦄"), ("O'Brien", "o'brien")]
    ]
    plain = CustomerFactory(given_name="Anna", family_name="Berg")

    with connection.schema_editor() as editor:
        renewal.renew(apps, editor)

    for row in [*old, plain]:
        expected = customer_search_text(
            row.given_name, row.family_name, row.organisation, row.external_id
        )
        assert Customer.objects.get(pk=row.pk).search_text == expected


def test_a_row_that_is_new_already_is_not_written(db, django_assert_num_queries):
    row = CustomerFactory(given_name="Anna", family_name="Berg")
    Customer.objects.filter(pk=row.pk).update(
        search_text=customer_search_text("Anna", "Berg", "", row.external_id)
    )

    with connection.schema_editor() as editor, django_assert_num_queries(2) as queries:
        renewal.renew(apps, editor)

    assert not any("UPDATE" in query["sql"] for query in queries)
