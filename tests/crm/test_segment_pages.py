"""The list of segments and the builder, as a page without scripts presses it."""

import pytest

from crm.models import Segment
from crm.services import segments
from tests.desk.conftest import NOW, make_customer, sign_up
from tests.pages import read

pytestmark = pytest.mark.django_db
NEW = "/segments/new/"


@pytest.fixture
def editor(client):
    user = sign_up("mia", "manager")
    client.force_login(user)
    return client


@pytest.fixture
def row():
    conditions = {
        "match": "all",
        "parts": [{"field": "country", "is": "any_of", "values": ["DE"]}],
    }
    return segments.create(name="German", conditions=conditions, by=None, now=NOW)


def country(path, *codes):
    return {
        f"{path}.field": "country",
        f"{path}.is": "any_of",
        f"{path}.values": list(codes),
    }


def test_the_list_names_each_with_its_sentence(editor, row):
    answer = editor.get("/segments/")

    assert answer.status_code == 200
    page = read(answer)
    assert "German" in page
    assert "Country: Germany" in page
    assert f"/segments/{row.pk}/count/" in answer.content.decode()


def test_the_number_of_people_is_asked_apart(
    editor, row, django_assert_max_num_queries
):
    make_customer("Anna", "Berg", country="DE")
    make_customer("Ida", "Holm", country="AT")

    # The first page of a session writes it down.
    editor.get("/segments/")

    with django_assert_max_num_queries(9):
        answer = editor.get(f"/segments/{row.pk}/count/")

    assert answer.status_code == 200
    found = f'<a class="p-num" href="/customers/?segment={row.pk}">1</a>'
    assert answer.content.decode().strip() == found


def test_a_segment_shows_who_they_are_and_how_many(editor, row):
    make_customer("Anna", "Berg", country="DE")
    make_customer("Ida", "Holm", country="AT")

    page = read(editor.get(f"/segments/{row.pk}/"))

    assert "1 person now" in page
    assert "Anna Berg" in page
    assert "Ida Holm" not in page
    assert "Nothing yet" in page


def test_conditions_are_added_grouped_and_removed_without_being_saved(editor):
    sent = {"match": "all", "name": "Half done", **country("0", "DE")}

    added = editor.post(NEW, {**sent, "do": "add:"})
    assert added.status_code == 200
    assert 'name="1.field"' in added.content.decode()
    assert "Half done" in added.content.decode()

    grouped = editor.post(NEW, {**sent, "do": "group:"}).content.decode()
    assert 'name="1.match"' in grouped
    assert 'name="1.0.field"' in grouped

    nested = {**sent, "1.match": "none", **country("1.0", "AT"), "do": "group:1"}
    deepest = editor.post(NEW, nested).content.decode()
    assert 'name="1.1.0.field"' in deepest
    assert 'value="group:1.1"' not in deepest

    removed = editor.post(NEW, {**nested, "do": "remove:1"}).content.decode()
    assert 'name="0.field"' in removed
    assert 'name="1.match"' not in removed
    assert not Segment.objects.filter(name="Half done").exists()


def test_another_field_brings_its_own_questions(editor):
    sent = {
        "match": "all", "0.field": "orders.spent", "0.is": "any_of", "0.values": "DE",
    }  # fmt: skip

    page = editor.post(NEW, sent).content.decode()

    assert 'name="0.currency"' in page
    assert 'name="0.within.count"' in page
    assert "Enter a" in page
    assert "Finish the conditions" in page


def test_what_is_built_is_saved(editor):
    sent = {
        "match": "all",
        "name": "Worth a call",
        "description": "For Noa",
        "0.field": "orders.spent",
        "0.is": "at_least",
        "0.values": "200",
        "0.currency": "GBP",
        "0.within.count": "12",
        "0.within.unit": "months",
        "1.match": "any",
        "1.0.field": "orders.last",
        "1.0.is": "not_in_last",
        "1.0.period.count": "90",
        "1.0.period.unit": "days",
        **country("1.1", "DE", "AT"),
        "do": "save",
    }

    answer = editor.post(NEW, sent, follow=True)

    saved = Segment.objects.get(name="Worth a call")
    assert answer.redirect_chain == [(f"/segments/{saved.pk}/", 302)]
    assert saved.description == "For Noa"
    assert saved.conditions == {
        "match": "all",
        "parts": [
            {
                "field": "orders.spent",
                "is": "at_least",
                "values": ["200"],
                "within": {"count": 12, "unit": "months"},
                "currency": "GBP",
            },
            {
                "match": "any",
                "parts": [
                    {
                        "field": "orders.last",
                        "is": "not_in_last",
                        "period": {"count": 90, "unit": "days"},
                    },
                    {"field": "country", "is": "any_of", "values": ["DE", "AT"]},
                ],
            },
        ],
    }


def test_nothing_typed_is_lost_where_it_cannot_be_saved(editor, row):
    sent = {"match": "all", "name": "german", "do": "save", **country("0", "FR")}

    answer = editor.post(NEW, sent)

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Choose another name: this one is taken" in page
    assert 'value="german"' in page
    assert "France" in page


def test_a_change_over_another_persons_change_is_refused(editor, row):
    sent = {"match": "all", "name": "Mine", "version": "1", "do": "save"}
    first = editor.post(f"/segments/{row.pk}/", {**sent, **country("0", "AT")})
    second = editor.post(f"/segments/{row.pk}/", {**sent, **country("0", "FR")})

    assert (first.status_code, second.status_code) == (302, 422)
    assert Segment.objects.get(pk=row.pk).conditions["parts"][0]["values"] == ["AT"]


def test_who_may_only_look_sees_no_builder_and_changes_nothing(client, row):
    client.force_login(sign_up("noa", "agent"))

    page = client.get(f"/segments/{row.pk}/")
    answer = client.post(f"/segments/{row.pk}/", {"do": "save", "name": "Mine"})

    assert page.status_code == 200
    assert "Country: Germany" in read(page)
    assert 'name="0.field"' not in page.content.decode()
    assert answer.status_code == 403
    assert Segment.objects.get(pk=row.pk).name == "German"


def test_a_segment_in_use_stays_and_says_so(editor, row):
    inside = {"field": "segment", "is": "any_of", "values": [str(row.pk)]}
    segments.create(
        name="Above",
        conditions={"match": "all", "parts": [inside]},
        by=None,
        now=NOW,
    )

    answer = editor.post(f"/segments/{row.pk}/delete/", follow=True)

    assert "Something uses this segment" in read(answer)
    assert "Above" in read(answer)
    assert Segment.objects.filter(pk=row.pk).exists()


def test_one_that_nothing_uses_is_deleted(editor, row):
    answer = editor.post(f"/segments/{row.pk}/delete/", follow=True)

    assert "“German” is deleted." in read(answer)
    assert not Segment.objects.filter(pk=row.pk).exists()


def test_the_customer_list_is_narrowed_by_it(editor, row):
    make_customer("Anna", "Berg", country="DE")
    make_customer("Ida", "Holm", country="AT")

    page = read(editor.get("/customers/", {"segment": row.pk}))
    found = read(editor.get("/customers/", {"segment": row.pk, "q": "holm"}))

    assert "Anna Berg" in page
    assert "Ida Holm" not in page
    assert "Ida Holm" not in found


@pytest.mark.parametrize("name", ["0.period.count", "0.within.count"])
@pytest.mark.parametrize("text", ["", "0", "-1", "9" * 30, "٣", "1e3", "\x00"])
def test_strange_numbers_are_refused_in_words(editor, name, text):
    field = "orders.last" if "period" in name else "orders.count"
    is_ = "in_last" if "period" in name else "at_least"
    sent = {
        "match": "all", "name": "Odd", "do": "save", "0.field": field, "0.is": is_,
        "0.values": "1", name: text,
    }  # fmt: skip

    answer = editor.post(NEW, sent)

    is_left_out = "within" in name and not text.strip()
    assert answer.status_code == (302 if is_left_out else 422)
