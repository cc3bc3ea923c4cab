"""Old contact history by file: what was said before Perennial was there."""

from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.urls import reverse

from crm.exports.contacts import _contact_cells
from crm.models import AuditEntry, ImportRun, Interaction
from crm.services import interactions
from crm.services.exports.formats import Csv
from crm.services.imports.columns import positions_of
from crm.services.imports.history import FIELDS
from crm.services.imports.reasons import in_words, note_in_words
from crm.services.imports.runner import import_history
from crm.services.imports.running import Options
from tests.crm.importing import NOW, counts, file_of, refusals
from tests.factories import CustomerFactory, UserFactory

HEAD = "customer_id,happened_at,channel,direction,colleague,subject,body\n"


@pytest.fixture
def dana(db):
    return CustomerFactory(external_id="C1", email="dana@example.org")


def take(folder, text, **options):
    return import_history(
        file_of(folder, text),
        Options(**options),
        now=NOW,
        progress=lambda done, total: None,
    )


def test_it_stands_in_the_conversations_of_the_customer(dana, tmp_path):
    noa = UserFactory(email="noa@shop.example")

    report = take(
        tmp_path,
        HEAD
        + 'C1,2024-03-05 14:30,call,in,Noa@Shop.example,Beans,"Too dark,\nshe says"\n'
        "C1,2024-03-06,Meeting,,Old Tom,,Came by\n",
    )

    assert counts(report) == (2, 0, 0)
    call, visit = Interaction.objects.order_by("happened_at")
    assert (call.customer, call.staff, call.staff_name) == (dana, noa, "")
    assert (call.channel, call.direction) == ("call", "inbound")
    assert (call.subject, call.body) == ("Beans", "Too dark,\nshe says")
    assert call.happened_at == datetime(2024, 3, 5, 14, 30, tzinfo=UTC)
    assert (visit.channel, visit.direction) == ("visit", "outbound")
    assert (visit.staff, visit.staff_name, visit.by) == (None, "Old Tom", "Old Tom")
    logged = AuditEntry.objects.filter(action="interaction.logged", customer_id=dana.pk)
    assert {entry.subject for entry in logged} == {
        f"interaction:{call.pk}", f"interaction:{visit.pk}"
    }  # fmt: skip
    assert ImportRun.objects.get(kind="history").created == 2


def test_the_timeline_and_the_last_contact_show_it(client, dana, tmp_path):
    client.force_login(UserFactory(role="owner"))
    text = "C1,2026-11-19,Call,,Old Tom,,<b>Bold</b> &amp; <script>alert(1)</script>\n"
    take(tmp_path, HEAD + text)

    page = client.get(dana.get_absolute_url()).content.decode()

    assert "Bold &amp;" in page
    assert "alert(1)" not in page
    assert page.count("Old Tom") >= 2


def test_people_are_found_by_id_else_by_an_address_of_one(dana, tmp_path):
    merged = CustomerFactory(external_id="M1", email="old@x.org", merged_into=dana)
    for number in ("T1", "T2"):
        CustomerFactory(external_id=number, email="twin@x.org")
    rows = (
        "id,email,date,note\n"
        "1,Dana <DANA@example.org>,2024-01-01,a\n"
        "2,twin@x.org,2024-01-01,b\n"
        "3,nobody@x.org,2024-01-01,c\n"
        "4,,2024-01-01,d\n"
    )

    report = take(tmp_path, rows)
    take(tmp_path, "customer id,date,note\nM1,2024-01-02,e\n")

    assert refusals(report) == {
        "email_of_several": 1, "customer_unknown": 1, "nobody_named": 1
    }  # fmt: skip
    assert {row.body for row in dana.interactions.all()} == {"a", "e"}
    assert not merged.interactions.exists()


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("C1,2027-01-01,call,,,,x", "happened_at_in_future"),
        ("C1,2026-11-21T12:10:00Z,call,,,,x", "happened_at_in_future"),
        ("C1,,call,,,,x", "happened_at_missing"),
        ("C1,soon,call,,,,x", "happened_at_invalid"),
        ("C1,2024-01-01,smoke,,,,x", "channel_unknown"),
        ("C1,2024-01-01,call,sideways,,,x", "direction_unknown"),
        ("C1,2024-01-01,call,,,,", "body_missing"),
        (f"C1,2024-01-01,call,,,,{'x' * 20_001}", "body_too_long"),
        (f"C1,2024-01-01,call,,,{'x' * 201},x", "subject_too_long"),
    ],
)
def test_what_cannot_be_is_refused_in_words(dana, tmp_path, row, code):
    report = take(tmp_path, HEAD + row + "\n")

    assert refusals(report) == {code: 1}
    assert in_words(code) != code
    assert not Interaction.objects.exists()


def test_twice_is_once_by_the_id_or_else_by_what_was_said(dana, tmp_path):
    with_ids = "id,customer_id,date,note\n7,C1,2024-01-01,Old text\n"
    without = "customer_id,date,note\nC1,2024-01-02,a\nC1,2024-01-02,a\n"
    assert counts(take(tmp_path, with_ids)) == (1, 0, 0)
    assert counts(take(tmp_path, without)) == (1, 0, 1)

    other = take(tmp_path, with_ids.replace("Old text", "New text"))

    assert counts(other) == (0, 0, 1)
    assert other.notes == {"history_differs": 1}
    assert note_in_words("history_differs") != "history_differs"
    assert counts(take(tmp_path, without)) == (0, 0, 2)
    assert {row.body for row in Interaction.objects.all()} == {"Old text", "a"}


def test_what_staff_corrected_since_stays_corrected(dana, tmp_path):
    text = "customer_id,date,note\nC1,2024-01-02,a\n"
    take(tmp_path, text)
    row = Interaction.objects.get()
    interactions.edit_interaction(row, version=1, body="b", now=NOW)

    assert counts(take(tmp_path, text)) == (0, 0, 1)
    assert Interaction.objects.get().body == "b"


def test_exported_history_comes_back_unchanged(dana, tmp_path):
    noa = UserFactory(email="noa@shop.example")
    interactions.log_interaction(
        customer=dana, channel="call", body='She said: "=1+1"\n\nand left', staff=noa,
        subject="+1", outcome="-", happened_at=NOW.replace(microsecond=123), now=NOW,
    )  # fmt: skip
    take(tmp_path, HEAD + "C1,2024-03-06,chat,in,Old Tom,,Came by\n")
    rows = Interaction.objects.select_related("customer", "staff").order_by("id")
    lines = list(_contact_cells(list(rows)))
    with (tmp_path / "out.csv").open("wb") as out:
        Csv().write(out, list(lines[0]), lines, zone=UTC, is_first=True)
    exported = (tmp_path / "out.csv").read_bytes()

    assert counts(take(tmp_path, exported)) == (0, 0, 2)
    # And in another house, the same again.
    before = [(row.channel, row.body, row.by, row.happened_at) for row in rows]
    Interaction.objects.all().delete()
    assert counts(take(tmp_path, exported)) == (2, 0, 0)
    assert sorted(before) == sorted(
        (row.channel, row.body, row.by, row.happened_at) for row in rows.all()
    )


def test_a_dry_run_counts_and_writes_nothing(dana, tmp_path):
    report = take(tmp_path, HEAD + "C1,2024-03-06,note,,,,x\n", dry_run=True)

    assert counts(report) == (1, 0, 0)
    assert not Interaction.objects.exists()


def test_the_command_and_words_of_the_operator(dana, tmp_path):
    path = file_of(tmp_path, HEAD + "C1,06.03.2024,Besuch,,,,x\n")

    call_command(
        "import_history",
        str(path),
        value=[("channel", "Besuch", "visit")],
        date_format="dmy",
    )

    assert Interaction.objects.get().channel == "visit"
    assert reverse("crm:interaction-edit", args=[Interaction.objects.get().pk])


def test_a_column_that_was_given_another_meaning_has_no_second_one():
    names = ["note", "happened_at", "email"]

    found = positions_of(names, FIELDS, {"subject": "note"})

    assert found == {"subject": 0, "happened_at": 1, "email": 2}


def test_a_title_alone_is_the_text_of_a_conversation(dana, tmp_path):
    take(tmp_path, HEAD + "C1,2024-03-05,call,in,,Asked for beans,\n")

    contact = Interaction.objects.get()
    assert (contact.subject, contact.body) == ("Asked for beans", "Asked for beans")


def test_the_same_words_at_another_time_or_by_another_way_are_another_one(
    dana, tmp_path
):
    text = HEAD + (
        "C1,2024-03-05 10:00,call,in,,,No answer\n"
        "C1,2024-03-06 10:00,call,in,,,No answer\n"
        "C1,2024-03-06 10:00,note,,,,No answer\n"
        "C1,2024-03-06 10:00,call,in,,,No answer\n"
    )
    take(tmp_path, text)

    assert Interaction.objects.count() == 3
