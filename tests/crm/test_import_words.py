"""What the pages show of words of a file, and how people say what these mean."""

import pytest
from django.test import Client
from django.utils import timezone

from crm.forms import import_words
from crm.models import Business, CustomField, ImportRun, Order
from tests.crm.test_import_pages import form_of, hand_up, press_through
from tests.factories import CustomerFactory, UserFactory
from tests.pages import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    client = Client()
    client.force_login(UserFactory(role="manager"))
    return client


def test_words_telephone_numbers_and_fields_of_staff_are_shown_as_they_are_read(desk):
    Business.objects.update(country="IL")
    for position, (key, kind) in enumerate({"vip": "yes_no", "seen": "date"}.items()):
        CustomField.objects.create(
            key=key, label=key, kind=kind, position=position,
            created_at=timezone.now(), updated_at=timezone.now(),
        )  # fmt: skip
    draft = hand_up(
        desk,
        "email,country,language,phone,vip,seen,accepts marketing\n"
        "Ana <ana@example.org>,DEU,עברית,030 1234567,TRUE,13/05/2026,SUBSCRIBED\n"
        "ben@example.org,Israel,he,054-1234567,nein,soon,Unsubscribed\n"
        "cleo at example.org,Ruritania,Klingon,+972541234567,,,\n",
    )

    page = desk.get(f"/imports/{draft.pk}/read/")

    words = {
        cell.text: cell.words
        for row in page.context["rows"]
        for cell in row
        if cell.words
    }
    assert words == {
        "Ana <ana@example.org>": "is ana@example.org",
        "cleo at example.org": "cannot be read",
        "DEU": "is Germany",
        "עברית": "is Hebrew",
        "he": "is Hebrew",
        # By the country of the row.
        "030 1234567": "is +49301234567",
        "054-1234567": "is +972541234567",
        "TRUE": "is yes",
        "nein": "cannot be read",
        "13/05/2026": "is 13 May 2026",
        "soon": "cannot be read",
        "SUBSCRIBED": "is yes",
        "Unsubscribed": "is no",
        "Ruritania": "cannot be read",
        "Klingon": "cannot be read",
    }
    assert "is +972541234567" in read(desk.get(f"/imports/{draft.pk}/"))
    page = desk.post(
        f"/imports/{draft.pk}/", {**form_of(desk, draft), "word_country_0": "DE"}
    )
    assert "is Germany" in read(desk.get(f"/imports/{draft.pk}/read/"))


def test_words_beyond_forty_are_said_one_a_line(desk, monkeypatch):
    monkeypatch.setattr(import_words, "MOST_ASKED", 2)
    states = ["Odd", "Even", "Strange", "Charm", "Up"]
    text = "order id,customer id,order date,sku,quantity,price,status\n" + "".join(
        f"A-{n},C-1,2026-05-0{n + 1},TEA,1,2.50,{state}\n"
        for n, state in enumerate(states)
    )
    draft = hand_up(desk, text)
    form = form_of(desk, draft)
    [group] = desk.get(f"/imports/{draft.pk}/").context["form"].words
    assert group["further"].label == "3 more words"
    assert form["words_status"] == "Odd =\nStrange =\nUp ="
    said = {**form, "word_status_0": "placed", "word_status_1": "delivered"}

    refused = desk.post(
        f"/imports/{draft.pk}/",
        {**said, "words_status": "Strange = quark\nUp = placed"},
    )
    assert "Not understood: Strange = quark. Ours are placed, delivered" in read(
        refused, status=422
    )
    press_through(
        desk,
        draft,
        **{**said, "words_status": "Strange = Delivered\nup=cancelled\nOdd ="},
    )

    found = dict(
        Order.objects.order_by("external_id").values_list("external_id", "state")
    )
    assert found == {
        "A-1": "delivered", "A-2": "delivered", "A-3": "placed", "A-4": "cancelled"
    }  # fmt: skip
    run = ImportRun.objects.filter(is_dry_run=False).latest("pk")
    assert run.refused_by_reason == {"status_unknown": 1}
    again = form_of(desk, hand_up(desk, text))
    assert again["words_status"] == "Odd =\nStrange = delivered\nUp = cancelled"


def test_days_ahead_and_words_of_contracts_are_shown_as_they_are_read(desk):
    CustomerFactory(external_id="C1")
    ahead = timezone.localdate().year + 1
    draft = hand_up(
        desk,
        "customer_id,contract_id,happened,plan,mrr,started_on,changed_on\n"
        f"C1,K1,churned,Pro,,2026-01-02,31/12/{ahead}\n"
        "C1,K1,exploded,Pro,,2026-01-02,31/12/2025\n",
    )
    assert draft.kind == "subscriptions"

    page = desk.get(f"/imports/{draft.pk}/read/")

    words = {cell.text: cell.words for row in page.context["rows"] for cell in row}
    assert words[f"31/12/{ahead}"] == f"is 31 December {ahead}"
    assert (words["churned"], words["exploded"]) == ("is Cancelled", "cannot be read")
    [group] = desk.get(f"/imports/{draft.pk}/").context["form"].words
    assert [field.label for field in group["fields"]] == ["exploded"]
