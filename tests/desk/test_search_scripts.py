"""Names of ten scripts are found through the index, among thirty thousand customers."""

import json
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.rules.search import customer_search_text
from desk.sql import lists
from tests.desk.conftest import sign_up

ROWS = 30_000
# A name to look for, a part of it, and the letters that the others are made of.
SCRIPTS = {
    "Hebrew": ("היג'אזי", "יג'א", "אבגדהוזחטילמנסעפצקרשת"),
    "Cyrillic": ("Вячеславов", "чесла", "бвгдежзиклмнопрстуфхц"),
    "Greek": ("Παπαδόπουλος", "παδοπ", "αβγδεζηθικλμνξορστυφχ"),
    "Arabic": ("عبدالرحمن", "الرح", "ابتثجحخدذرزسشصضطظعغفق"),
    "Thai": ("สมชายใจดี", "ชายใจ", "กขคงจชซณดตถทธนบปผพฟภม"),
    "Devanagari": ("क्षत्रिय", "त्रिय", "कखगघचजटडतदनपबमयरलवशसह"),
    "Georgian": ("ჯუღაშვილი", "ღაშვ", "აბგდევზთიკლმნოპჟრსტუქ"),
    "Armenian": ("Պետրոսյան", "տրոսյ", "աբգդեզէըթժիլխծկհձղճմյ"),
    "Korean": ("홍길동", "길동", "강고구권김나남노도류마문민박배백변서성손"),
    "Latin": ("Ångström-O’Hara", "strom-o'ha", "abcdefghijklmnopqrstu"),
    "Emoji": ("🦄🌈", "🌈", "🌸🌹🌺🌻🌼🌷🍀🍁🍂🍃🍄🌰🌱🌲🌳🌴🌵🌾🌿🍇🍈"),
}


def word(letters, chance):
    return "".join(chance.choices(letters, k=chance.randint(3, 9)))


def names():
    """Each name once, the rest by chance out of the same letters."""
    chance = random.Random(7)
    for number, (name, _, _) in enumerate(SCRIPTS.values()):
        yield f"one-{number}", name, ""
    kinds = [letters for _, _, letters in SCRIPTS.values()]
    for number in range(ROWS):
        letters = kinds[number % len(kinds)]
        yield f"n{number}", word(letters, chance), word(letters, chance)


@pytest.fixture(scope="module")
def shop_of_all_scripts(django_db_setup, django_db_blocker):
    """Its rows in one COPY, with search texts of the product's own rule."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        with cursor.copy(
            "COPY crm_customer (source, external_id, given_name, family_name,"
            " greeting_name, sort_name, search_text, email, email_norm, phone_e164,"
            " phone_text, language, time_zone, country, since_from, heard_from,"
            " heard_text, organisation, notes, custom, created_at, updated_at, version)"
            " FROM STDIN"
        ) as copy:
            for number, (key, given, family) in enumerate(names()):
                text = customer_search_text(given, family, "", key)
                phone = f"05{number % 10}-{1_000_000 + number * 97:07d}"
                copy.write_row(
                    ["scripts", key, given, family, given, f"{family} {given}", text]
                    + ["", "", "", phone, "", "", "", "entered", "", "", "", ""]
                    + ["{}", "2026-11-21", "2026-11-21", 1]
                )
        cursor.execute("ANALYZE crm_customer")
        yield
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM crm_customer WHERE source = 'scripts'")
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE crm_customer")


def searched(client, typed):
    """The names on the page of a search, and the plan of the statement it sent."""
    client.force_login(sign_up("noa", "agent"))
    with CaptureQueriesContext(connection) as queries:
        answer = client.get("/customers/", {"q": typed})
    assert answer.status_code == 200
    (sent,) = [query["sql"] for query in queries if "AS MATERIALIZED" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(lists.ONLY_BITMAPS)
        # psycopg shows what it sent with its values in place.
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + sent.replace("%", "%%"), [])
        found = cursor.fetchone()[0]
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    rows = answer.context["page"].rows
    return [row.customer.full_name for row in rows], list(nodes(plan))


def nodes(node):
    yield node
    for child in node.get("Plans", []):
        yield from nodes(child)


def rows_read(plan, index):
    return sum(one["Actual Rows"] for one in plan if one.get("Index Name") == index)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_part_of_a_name_is_found_through_the_index(
    client, db, shop_of_all_scripts, script
):
    name, part, _ = SCRIPTS[script]

    found, plan = searched(client, part)

    assert name in found
    assert not any(one["Node Type"] == "Seq Scan" for one in plan)
    # Without trigrams an index gives every row there is.
    assert 0 < rows_read(plan, "customer_search") < ROWS / 20


@pytest.mark.parametrize("typed", ["054-1000388", "+972 54 1000388", "1000388"])
def test_a_number_without_a_country_is_found_through_the_index(
    client, db, shop_of_all_scripts, typed
):
    found, plan = searched(client, typed)

    assert found == [SCRIPTS["Thai"][0]]
    assert not any(one["Node Type"] == "Seq Scan" for one in plan)
    assert 0 < rows_read(plan, "customer_phone_digits") < ROWS / 20
