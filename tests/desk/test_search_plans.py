"""On fifty thousand rows every list and every search goes through an index."""

import json

import pytest
from django.db import connection
from psycopg.sql import SQL

from crm.rules import customer_search, search
from crm.sql import duplicates
from desk.sql import lists
from desk.sql.lists import Cut, Key
from tests.factories import NOW

ROWS = 50_000
TODAY = NOW.date()


@pytest.fixture(scope="module")
def big_shop(django_db_setup, django_db_blocker):
    """Made in SQL, as a million would be, and taken away afterwards."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        # Foreign keys are checked row by row; these rows are known to be right.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "INSERT INTO crm_customer (source, external_id, given_name, family_name,"
            " greeting_name, sort_name, search_text, email, email_norm, phone_e164,"
            " phone_text, language, time_zone, country, since_from, heard_from,"
            " heard_text, organisation, notes, custom, created_at, updated_at, version,"
            " birth_month, birth_day, postcode)"
            " SELECT 'big', 'big-' || n, 'Anna', 'Berg' || n, 'Anna',"
            " 'berg' || n || ' anna',"
            " 'anna berg' || n || CASE WHEN n %% 500 = 0 THEN ' u738b' ELSE '' END,"
            " 'p' || n || '@example.org', 'p' || n || '@example.org', '+4930' || n, '',"
            " '', '', '', 'entered', '', '', 'Firm ' || n / 10, '', '{}', now(),"
            " now(), 1, 1 + n %% 12, 1 + n %% 28, 'P ' || n / 10"
            " FROM generate_series(1, %s) AS n",
            [ROWS],
        )
        cursor.execute(
            "INSERT INTO crm_order (source, external_id, number, customer_id, nature,"
            " state, ordered_at, ordered_on, currency, total)"
            " SELECT 'big', 'o' || id, 'INV-' || id, id, 'sale', 'placed', now(),"
            " now()::date, 'EUR', 1 FROM crm_customer WHERE source = 'big'"
        )
        cursor.execute(
            "INSERT INTO crm_customeraddress"
            " (customer_id, kind, value, norm, created_at)"
            " SELECT id, 'email', 's' || email, 's' || email, now() FROM crm_customer"
            " WHERE source = 'big'"
        )
        for table in ("crm_customer", "crm_order", "crm_customeraddress"):
            cursor.execute(f"ANALYZE {table}")
        cursor.execute("SET session_replication_role = DEFAULT")
        yield
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM crm_order WHERE source = 'big'")
        cursor.execute("TRUNCATE crm_customeraddress")
        cursor.execute("DELETE FROM crm_customer WHERE source = 'big'")
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE crm_customer")


def plan(query, settings="SELECT 1"):
    with connection.cursor() as cursor:
        cursor.execute(settings)
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + query.as_string(None))
        found = cursor.fetchone()[0]
    found = json.loads(found) if isinstance(found, str) else found
    return found[0]["Plan"]


def nodes(node):
    yield node
    for child in node.get("Plans", []):
        yield from nodes(child)


def tables_read_whole(node):
    return {
        one["Relation Name"] for one in nodes(node) if one["Node Type"] == "Seq Scan"
    }


def indexes(node):
    return {one["Index Name"] for one in nodes(node) if "Index Name" in one}


@pytest.mark.parametrize(
    ("typed", "index"),
    [
        ("berg4711", "customer_search"),
        ("erg471", "customer_search"),
        ("anna berg4711", "customer_search"),
        ("anna", "customer_search"),
        ("an", "customer_search"),
        ("nobody", "customer_search"),
        ("王", "customer_search"),
        ("p4711@example.org", "customer_email"),
        ("p47", "customer_email"),
        ("+49304711", "customer_phone"),
        ("big-4711", "customer_external"),
        ("INV-4711", "order_number"),
        ("inv-4", "order_number"),
    ],
)
def test_a_search_uses_its_index(db, big_shop, typed, index):
    patterns = customer_search.patterns(
        typed, words=search.search_words(typed), email="", country_code=49
    )

    query = lists.search_query(patterns, {}, Cut(51), today=TODAY)
    found = plan(query, lists.ONLY_BITMAPS)

    assert tables_read_whole(found) == set()
    assert index in indexes(found)


def test_the_search_itself_forbids_reading_the_table(
    db, big_shop, django_assert_num_queries
):
    with django_assert_num_queries(4) as queries:
        lists.search(
            customer_search.patterns(
                "anna", words=["anna"], email="", country_code=None
            ),
            {},
            Cut(51),
            today=TODAY,
        )

    assert any(lists.ONLY_BITMAPS in query["sql"] for query in queries)


def test_whom_somebody_looks_like_is_asked_of_indexes(db, big_shop):
    asked = {
        "itself": 0,
        "emails": ["p4711@example.org", "sp8@example.org"],
        "phones": ["+49304711"],
        "organisation": "Firm 471",
        "postcode": "p471",
        "sort_name": "berg4711 anna",
        "birthday": 308,
        "birth_year": None,
    }
    with connection.cursor() as cursor:
        cursor.execute(SQL("EXPLAIN (FORMAT JSON) ") + duplicates.OF_ONE, asked)
        found = cursor.fetchone()[0]
    found = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]

    assert tables_read_whole(found) <= {"crm_differentpeople"}
    assert indexes(found) >= {
        *("customer_email", "customer_phone", "customer_address_norm"),
        *("customer_birthday", "customer_company", "customer_postcode"),
    }
    assert len(duplicates.of_one(asked)) > 2


def test_a_common_word_gathers_no_more_than_it_shows(db, big_shop):
    hits = lists.search(
        customer_search.patterns("anna", words=["anna"], email="", country_code=None),
        {},
        Cut(51),
        today=TODAY,
    )

    assert len(hits) == 51
    assert hits[0].gathered == lists.MOST_HITS + 1


@pytest.mark.parametrize("key", [None, Key("berg2", 1), Key("berg5", 1)])
def test_a_page_costs_the_same_wherever_it_lies(db, big_shop, key):
    found = plan(lists.by_name_query({}, Cut(51, after=key), today=TODAY))

    assert indexes(found) == {"customer_by_name"}
    assert max(one["Actual Rows"] for one in nodes(found)) <= 51


def test_the_list_of_one_owner_has_its_own_index(db, big_shop):
    found = plan(lists.by_name_query({"owner": "1"}, Cut(51), today=TODAY))

    assert indexes(found) == {"customer_by_owner"}


def test_a_big_shop_is_estimated_not_counted(client, db, big_shop):
    from tests.desk.conftest import sign_up

    client.force_login(sign_up("noa", "agent"))

    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        page = client.get("/customers/").context["page"]

    assert page.about == "about 50,000"
    counting = [query["sql"] for query in queries if "count(" in query["sql"].lower()]
    assert not any("from crm_customer" in sql.lower() for sql in counting)
