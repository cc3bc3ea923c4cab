"""Text of every kind, through forms, API and admin: kept as it is, or a clear error."""

import unicodedata
from html import unescape

import pytest

from crm.models import Customer, FollowUp, Interaction
from crm.services import customer_tags
from tests.bad_inputs.support import (
    CUSTOMERS,
    FORMS,
    ORDERS,
    a_line,
    an_order,
    assert_no_trace,
    filled,
    post,
    refused,
    standing,
    value_in,
)
from tests.bad_inputs.values import BLANK, HALF, NO_LINE, TEXTS
from tests.journeys.reading import everything_stored, shown
from web.error_messages import for_field

pytestmark = pytest.mark.django_db

LONG = "x" * 400


# --- Text that cannot be kept --------------------------------------------------------


@pytest.mark.parametrize("bad", ["nul", "header", "line separator"])
@pytest.mark.parametrize("form", FORMS)
def test_what_is_no_line_of_text_is_refused_and_nothing_is_lost(owner, shop, form, bad):
    path, data = filled(owner, shop, form, NO_LINE[bad])
    before = everything_stored()

    answer = owner.post(path, data)

    assert answer.status_code == 422
    assert_no_trace(answer)
    page = unescape(answer.content.decode())
    assert "Error:" in page
    assert everything_stored() == before
    for name, value in FORMS[form][2].items():
        assert value_in(answer, name) == value
        assert value in page


def test_the_api_gives_the_message_of_the_forms(api):
    for bad in NO_LINE.values():
        answer = post(api, CUSTOMERS, {"given_name": "Zoe", "family_name": bad})
        contact = refused(answer, "family_name")["family_name"]
        assert contact == str(for_field("family_name", "control_characters"))
    assert not Customer.objects.filter(given_name="Zoe").exists()


@pytest.mark.parametrize("field", ["sku", "product", "category", "line_id"])
def test_no_order_line_holds_it(api, field):
    for bad in [*NO_LINE.values(), HALF]:
        lines = [a_line(), a_line(**{field: bad})]
        refused(post(api, ORDERS, an_order(lines=lines)), f"lines.1.{field}")


@pytest.mark.parametrize("bad", [NO_LINE["nul"], NO_LINE["header"]])
def test_the_admin_refuses_it_beside_the_field_too(owner, shop, bad):
    path = f"/admin/crm/customer/{shop.pks['customer']}/change/"
    form = owner.get(path).context["adminform"].form
    data = {bound.html_name: bound.value() or "" for bound in form}

    answer = owner.post(path, {**data, "family_name": bad, "heard_text": "Kept"})

    assert_no_trace(answer)
    again = answer.context["adminform"].form
    assert list(again.errors) == ["family_name"]
    assert again["heard_text"].value() == "Kept"


@pytest.mark.parametrize("field", ["given_name", "email", "notes", "birthday"])
def test_half_a_character_is_refused(api, field):
    refused(post(api, CUSTOMERS, {"organisation": "x", field: HALF}), field)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/customers/{customer}/interactions/", "body"),
        ("/customers/new/", "notes"),
    ],
)
def test_a_nul_is_refused_in_long_text_too(owner, shop, path, field):
    before = everything_stored()

    answer = owner.post(
        path.format(**shop.pks),
        {"channel": "note", "given_name": "Zoe", field: "a\x00b"},
    )

    assert answer.status_code == 422
    assert_no_trace(answer)
    assert everything_stored() == before


@pytest.mark.parametrize("blank", BLANK.values())
@pytest.mark.parametrize("form", ["new customer", "follow-up"])
def test_nothing_but_blanks_is_required(owner, shop, form, blank):
    path, data = filled(owner, shop, form, blank)
    data |= {"given_name": blank} if form == "new customer" else {}

    answer = owner.post(path, data)

    assert answer.status_code == 422
    assert "Enter" in shown(answer) or "Write" in shown(answer)


@pytest.mark.parametrize("blank", BLANK.values())
@pytest.mark.parametrize("field", ["order_id", "lines.0.sku"])
def test_nothing_but_blanks_names_no_order(api, field, blank):
    name = field.rpartition(".")[2]
    change = {"lines": [a_line(sku=blank)]} if name == "sku" else {name: blank}

    answer = post(api, ORDERS, an_order(**change))

    assert refused(answer, field)[field] == str(for_field("", "required"))


@pytest.mark.parametrize("blank", BLANK.values())
def test_an_id_that_no_one_may_see_is_none(api, blank):
    answer = post(api, CUSTOMERS, {"given_name": "Zoe", "external_id": blank})

    refused(answer, "external_id")


def test_a_text_longer_than_its_column_is_reported_and_stays(owner, shop):
    path, data = filled(owner, shop, "follow-up", LONG)

    answer = owner.post(path, data)

    assert answer.status_code == 422
    assert value_in(answer, "why") == LONG


@pytest.mark.parametrize("text", [LONG, "e" + "\u0301" * 10_000, "x" * 900_000])
def test_the_api_answers_in_the_same_words(api, text):
    answer = post(api, CUSTOMERS, {"given_name": text})

    assert refused(answer, "given_name")["given_name"] == str(for_field("", "too_long"))


@pytest.mark.parametrize("value", [5, 1.5, True, ["x"], {"a": "b"}, None])
def test_only_text_is_text(api, value):
    refused(post(api, CUSTOMERS, {"given_name": value}), "given_name")


# --- Text that is kept as it is ------------------------------------------------------


@pytest.mark.slow
def test_any_other_text_is_kept_and_shown_as_text(owner, shop):
    asked = shop.pks["customer"]
    typed = [unicodedata.normalize("NFC", text) for text in TEXTS.values()]
    for text in typed:
        owner.post("/customers/new/", {"given_name": text, "notes": text})
        contact = {"channel": "note", "body": text, "subject": text}
        owner.post(f"/customers/{asked}/interactions/", contact)
        owner.post(*filled(owner, shop, "follow-up", text))

    made = Customer.objects.order_by("-pk")[: len(typed)]
    assert [(row.given_name, row.notes) for row in reversed(made)] == [
        (text, text) for text in typed
    ]
    contact = Interaction.objects.order_by("-pk")[: len(typed)]
    assert [row.body for row in reversed(contact)] == typed
    owed = FollowUp.objects.order_by("-pk")[: len(typed)]
    assert [row.why for row in reversed(owed)] == typed
    for row in made:
        assert row.notes in unescape(page_of(owner, f"/customers/{row.pk}/"))
    for path in (f"/customers/{asked}/", "/follow-ups/"):
        page = unescape(page_of(owner, path))
        assert all(text in page for text in typed)
    for path in ("/customers/", "/"):
        page_of(owner, path)


def page_of(owner, path):
    """A page on which nothing that was typed has come to life."""
    answer = owner.get(path)
    assert_no_trace(answer)
    page = answer.content.decode()
    for live in ("<script>alert", "<img src=x", "<svg/onload", "<math"):
        assert live not in page
    return page


@pytest.mark.parametrize("text", TEXTS.values())
def test_the_api_keeps_it_as_the_forms_do(api, text):
    made = post(api, CUSTOMERS, {"given_name": text}).json()

    assert api.get(f"{CUSTOMERS}{made['id']}/").json()["given_name"] == (
        unicodedata.normalize("NFC", text)
    )


@pytest.mark.parametrize(
    ("typed", "sku"), [("\u200bTEA\u200b", "TEA"), ("the\u0301", "thé"), (" A ", "A")]
)
def test_what_only_looks_different_is_the_same_product(api, typed, sku):
    lines = [a_line(sku=sku), a_line(sku=typed)]

    answer = post(api, ORDERS, an_order(lines=lines))

    assert answer.status_code == 201
    order = Customer.objects.get(external_id="C1").orders.get()
    assert {line.product.sku for line in order.lines.all()} == {sku}


@pytest.mark.parametrize("names", [["Coffee, dark"], ['6" cups', "a"], ['"x", y']])
def test_a_tag_with_a_comma_survives_the_form(owner, shop, names):
    asked = shop.people["asked"]
    customer_tags.set_tags(asked, names)
    path = f"/customers/{asked.pk}/edit/"
    data = standing(owner, path)

    answer = owner.post(path, {**data, "tags": f"{data['tags']}, new"})

    assert answer.status_code == 303
    assert set(asked.tags.values_list("name", flat=True)) == {*names, "new"}


# --- Search --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    ["\x00", "a\x00b", "' OR 1=1--", "%", "_", "\\", "%%", "{{7*7}}", "<script>"],
)
def test_a_search_takes_every_letter_as_a_letter(owner, typed):
    answer = owner.get("/customers/", {"q": typed})

    assert answer.status_code == 200
    assert_no_trace(answer)
    assert "Lea Brandt" not in shown(answer)
    assert '<script>"' not in answer.content.decode()


@pytest.mark.parametrize("typed", ["Zoe\u0308", "Zoë", "ZOE", "\u202eZoë"])
def test_a_search_finds_a_name_in_any_form(owner, typed):
    owner.post("/customers/new/", {"given_name": "Zoë", "family_name": "Unique"})

    assert "Zoë Unique" in shown(owner.get("/customers/", {"q": f"{typed} unique"}))
