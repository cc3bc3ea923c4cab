"""Lists of opt-outs: whoever said no elsewhere gets no mail from here."""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from hypothesis import HealthCheck, given
from hypothesis import settings as checks
from hypothesis import strategies as st

from crm.models import AuditEntry, Customer, CustomerAddress, ImportRun
from crm.services.exports.formats import Csv
from crm.services.imports.reasons import note_in_words
from crm.services.journal import files as journal_files
from messaging.exports import _consent_cells
from messaging.models import Consent, Message, Suppression
from messaging.rules.choices import Category, SuppressionReason
from messaging.rules.consent import STOPPABLE
from messaging.services import consent, permission, suppression
from tests.crm.exporting import content, exported, lines_of
from tests.factories import CustomerFactory, MessageFactory
from tests.faults.mails import LONG
from tests.messaging.opting_out import NOW, counts, listed, said, take

DAY = timedelta(days=1)
CASES = Path(settings.BASE_DIR).parent / "shared" / "cases"
ALL = {(category.value, "withdrawn") for category in STOPPABLE}


@pytest.fixture
def rae(db):
    return CustomerFactory(external_id="R1", email="Rae@Example.org")


def outcome(customer, category="survey"):
    message = MessageFactory(customer=customer, category=category)
    row = Message.objects.select_related("customer").get(pk=message.pk)
    decision = permission.decisions([row], now=NOW)[row.pk]
    return getattr(getattr(decision, "reason", None), "code", "go")


# --- Whom it stops -------------------------------------------------------------------


def test_a_withdrawal_stops_all_mail_of_our_own_to_the_address(rae, tmp_path):
    report = take(tmp_path, "Email Address,UNSUB_TIME\nrae@example.org,2024-06-25\n")

    assert counts(report) == (1, 0, 0)
    assert said(rae) == [(one.value, False, "2024-06-25") for one in sorted(STOPPABLE)]
    assert outcome(rae) == "opted_out"
    assert outcome(rae, "transactional") == "go"


def test_it_stops_every_record_with_the_address_and_those_that_come(rae, tmp_path):
    twin = CustomerFactory(email="rae@example.org")
    merged = CustomerFactory(external_id="M1", merged_into=rae)

    take(tmp_path, "email\nrae@example.org\n")

    later = CustomerFactory(email="rae@example.org")
    assert {outcome(one) for one in (rae, twin, later)} == {"opted_out"}
    assert said(merged) == []


def test_it_stops_who_has_no_record_yet(db, tmp_path):
    take(tmp_path, "email,scope\nnoa@example.org,\n")

    assert listed("noa@example.org") == ALL
    noa = CustomerFactory(email="noa@example.org")
    assert outcome(noa) == "opted_out"
    assert outcome(noa, "transactional") == "go"


def test_it_finds_people_by_the_id_of_their_source(rae, tmp_path):
    CustomerFactory(external_id="M1", merged_into=rae)

    report = take(tmp_path, "external_id,email\nM1,old@example.org\nX9,\n")

    assert outcome(rae) == "opted_out"
    assert listed("old@example.org") == ALL
    assert report.notes["customer_unknown"] == 1


def test_what_is_planned_ends_and_says_why(rae, tmp_path):
    survey = MessageFactory(customer=rae, category="survey")
    receipt = MessageFactory(customer=rae, category="transactional")

    take(tmp_path, "email\nrae@example.org\n")

    survey.refresh_from_db()
    receipt.refresh_from_db()
    assert (survey.state, survey.reason_code) == ("suppressed", "opted_out")
    assert receipt.state == "planned"


@pytest.mark.parametrize(
    ("header", "row", "reason"),
    [
        ("EmailAddress,SuppressionReason,Origin", "HardBounce,Recipient", "bounce"),
        ("EmailAddress,SuppressionReason", "SpamComplaint", "complaint"),
        ("email,status,reason", "5.1.1,550 5.1.1 no such user", "bounce"),
        ("address,code,error,created_at", "550,unknown,2024-01-02", "bounce"),
        ("Email Address,CLEAN_TIME", "2024-06-25 17:38:27", "bounce"),
        ("Email,Email Marketing Consent,Email Suppressions", "SUBSCRIBED,INVALID_EMAIL",
         "bounce"),
        ("邮箱,类型", "投诉", "complaint"),
        ("אימייל,סוג", "תלונה", "complaint"),
    ],
)  # fmt: skip
def test_bounces_and_complaints_bar_the_address(rae, tmp_path, header, row, reason):
    report = take(tmp_path, f"{header}\nrae@example.org,{row}\n")

    assert listed("rae@example.org") == {("all", reason)}
    assert counts(report) == (1, 0, 0)


@pytest.mark.parametrize(
    "word", ["Unsubscribed", "ManualSuppression", "opt-out", "退订", "USER_SUPPRESSED"]
)
def test_words_of_other_programs_are_withdrawals(rae, tmp_path, word):
    take(tmp_path, f"email,type\nrae@example.org,{word}\n")

    assert outcome(rae) == "opted_out"


def test_what_nobody_can_read_is_an_opt_out_of_everything(rae, tmp_path):
    report = take(tmp_path, "email,type,scope,date\nrae@example.org,zorp,zurp,soon\n")

    assert {category for category, *_ in said(rae)} == {*STOPPABLE}
    assert said(rae)[0][2] == f"{NOW:%Y-%m-%d}"
    assert set(report.notes) == {"kind_unknown", "scope_unknown", "moment_unknown"}
    assert all(note_in_words(code) != code for code in report.notes)


def test_who_is_subscribed_is_left_alone(rae, tmp_path):
    text = "Email,Status,UNSUB_TIME\nrae@example.org,subscribed,\nb@x.org,,\n"

    report = take(tmp_path, text)

    assert counts(report) == (0, 0, 2)
    assert (said(rae), listed("b@x.org")) == ([], set())
    assert report.notes == {"not_an_opt_out": 2}


def test_the_operator_says_what_a_plain_list_is(rae, tmp_path):
    take(tmp_path, "rae@example.org\nb@x.org\n", opt_out_scope="marketing")
    take(tmp_path, "a\nc@x.org\n", opt_out_kind="complaint", mapping={"email": "a"})

    assert [category for category, *_ in said(rae)] == ["marketing"]
    assert listed("b@x.org") == {("marketing", "withdrawn")}
    assert listed("c@x.org") == {("all", "complaint")}


def test_addresses_that_are_none_are_refused_and_kept(db, tmp_path):
    report = take(
        tmp_path, "email\nno address\n\nok@x.org\n", rejects=tmp_path / "rejects.csv"
    )

    assert dict(report.refused_by_reason) == {"email_invalid": 1}
    assert "no address" in (tmp_path / "rejects.csv").read_text()


# --- Twice is once, and what was said later ------------------------------------------


def test_twice_is_once(rae, tmp_path):
    text = "email,kind\nrae@example.org,\nb@x.org,\nc@x.org,bounce\nb@x.org,\n"
    assert counts(take(tmp_path, text)) == (3, 0, 1)
    rows = Consent.objects.count(), Suppression.objects.count()

    assert counts(take(tmp_path, text, now=NOW + DAY)) == (0, 0, 4)
    assert (Consent.objects.count(), Suppression.objects.count()) == rows


def test_a_later_yes_of_their_own_stands(rae, tmp_path):
    consent.grant(rae, categories=STOPPABLE, how="preference_page", now=NOW - DAY)

    report = take(tmp_path, "email,date\nrae@example.org,2024-06-25\n")

    assert counts(report) == (0, 0, 1)
    assert outcome(rae) == "go"


def test_a_later_yes_that_others_wrote_down_does_not(rae, tmp_path):
    consent.grant(
        rae, categories=STOPPABLE, how="import", source_text="A list", now=NOW - DAY
    )

    take(tmp_path, "email,date\nrae@example.org,2024-06-25\n")

    assert outcome(rae) == "opted_out"


def test_a_no_after_their_yes_counts(rae, tmp_path):
    consent.grant(rae, categories=STOPPABLE, how="preference_page", now=NOW - 9 * DAY)

    take(tmp_path, "email,date\nrae@example.org,2026-11-20\n")

    assert outcome(rae) == "opted_out"


def test_the_same_file_without_days_undoes_no_yes_that_came_since(rae, tmp_path):
    take(tmp_path, "email\nrae@example.org\nb@x.org\n")
    noa = CustomerFactory(email="b@x.org")
    for one in (rae, noa):
        consent.grant(one, categories=STOPPABLE, how="preference_page", now=NOW + DAY)

    report = take(tmp_path, "email\nrae@example.org\nb@x.org\n", now=NOW + 2 * DAY)

    assert counts(report) == (0, 0, 2)
    assert (outcome(rae), outcome(noa)) == ("go", "go")


def test_a_bounce_that_staff_lifted_since_stays_lifted(db, tmp_path):
    text = "email,kind,date\nb@x.org,bounce,2024-01-02\n"
    take(tmp_path, text)
    suppression.lift(suppression.address_hash("b@x.org"), now=NOW + DAY)

    assert counts(take(tmp_path, text, now=NOW + 2 * DAY)) == (0, 0, 1)
    assert listed("b@x.org") == set()


def test_a_complaint_outlives_a_bounce(db, tmp_path):
    take(tmp_path, "email,kind\nb@x.org,bounce\n")
    take(tmp_path, "email,kind\nb@x.org,complaint\n")
    take(tmp_path, "email,kind,x\nb@x.org,bounce,1\n")

    assert listed("b@x.org") == {("all", "complaint")}


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["rae@example.org", "b@x.org"]),
        st.sampled_from(["", "2024-01-01", "2026-11-19", "2026-11-20T23:00"]),
        st.sampled_from(["", "bounce", "complaint", "unsubscribed", "subscribed"]),
        st.sampled_from(["", "marketing", "surveys", "reminders", "all"]),
    ),
    max_size=6,
)


@pytest.mark.slow
@pytest.mark.django_db(transaction=False)
@checks(
    max_examples=40 if LONG else 15,
    deadline=None,
    suppress_health_check=[*HealthCheck],
)
@given(rows=ROWS, yes_at=st.sampled_from([None, -30, -1]))
def test_nothing_is_ever_allowed_by_a_file_and_its_order_does_not_count(
    tmp_path, rows, yes_at
):
    """The same file again changes nothing; turned round it stops the same; and what
    was not allowed before is not allowed after."""

    def run(order, tries):
        Suppression.objects.all().delete()
        rae = CustomerFactory(email="rae@example.org")
        if yes_at is not None:
            consent.grant(
                rae, categories=STOPPABLE, how="preference_page", now=NOW + yes_at * DAY
            )
        before = {one: outcome(rae, one.value) for one in Category}
        lines = "".join(",".join(row) + "\n" for row in order)
        for _ in range(tries):
            report = take(tmp_path, "email,date,kind,scope\n" + lines)
        after = {one: outcome(rae, one.value) for one in Category}
        found = (after, listed("rae@example.org"), listed("b@x.org"))
        Message.objects.filter(customer=rae).delete()
        Customer.objects.filter(pk=rae.pk).update(email="", email_norm="")
        return before, found, report

    before, once, _ = run(rows, 1)
    _, twice, report = run(rows, 2)
    _, turned, _ = run(rows[::-1], 1)

    assert once == twice == turned
    assert report.created == 0
    assert all(before[one] == "go" or once[0][one] != "go" for one in Category)


# --- What is kept of it --------------------------------------------------------------


def test_it_says_where_the_no_came_from_and_who_it_was_about(rae, tmp_path):
    take(tmp_path, "email,UNSUB_REASON\nrae@example.org,No longer interested\n")

    row = Consent.objects.filter(customer=rae).first()
    assert (row.how, row.source_text) == (
        "import", "list.csv, line 2: No longer interested"
    )  # fmt: skip
    entry = AuditEntry.objects.get(action="consent.withdrawn")
    assert (entry.customer_id, entry.fields) == (rae.pk, sorted(STOPPABLE))
    run = ImportRun.objects.get(kind="opt_outs")
    assert (run.state, run.created) == ("done", 1)


def test_the_journal_has_it_before_the_commit(rae, tmp_path):
    take(tmp_path, "email,kind\nrae@example.org,\nb@x.org,bounce\n")

    entries = {entry.kind: entry.rows for entry in journal_files.entries()}
    assert entries["withdrawn"][0]["customer"] == rae.pk
    assert set(entries["withdrawn"][0]["categories"]) == {*STOPPABLE}
    assert entries["suppressed"] == [
        {
            "hash": suppression.address_hash("b@x.org").hex(),
            "scope": "all",
            "reason": SuppressionReason.BOUNCE.value,
        }
    ]


def test_a_dry_run_counts_and_writes_nothing(rae, tmp_path):
    report = take(
        tmp_path, "email,kind\nrae@example.org,\nb@x.org,bounce\n", dry_run=True
    )

    assert counts(report) == (2, 0, 0)
    assert not Consent.objects.exists()
    assert not Suppression.objects.exists()
    assert not list(journal_files.entries())


def test_the_command_tells_the_same(rae, tmp_path, capsys):
    (tmp_path / "list.csv").write_text("email\nrae@example.org\nnobody\n")

    call_command(
        "import_opt_outs", str(tmp_path / "list.csv"), json=True, opt_out_scope="survey"
    )

    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["read"], told["accepted"], told["created"]) == (2, 1, 1)
    assert told["refused_by_reason"] == {"email_invalid": 1}
    assert [category for category, *_ in said(rae)] == ["survey"]


def test_exported_consents_come_back_unchanged_and_stop_anew(rae, tmp_path):
    take(tmp_path, "email,date\nrae@example.org,2024-06-25\n")
    ben = CustomerFactory(email="ben@example.org")
    consent.grant(ben, categories=[Category.MARKETING], how="stop_page", now=NOW)
    consent.withdraw(ben, categories=[Category.MARKETING], how="stop_page", now=NOW)
    rows = list(Consent.objects.select_related("customer", "staff").order_by("id"))
    lines = list(_consent_cells(rows))
    with (tmp_path / "consents.csv").open("wb") as out:
        Csv().write(out, list(lines[0]), lines, zone=UTC, is_first=True)
    text = (tmp_path / "consents.csv").read_text()

    assert counts(take(tmp_path, text)) == (0, 0, 6)
    # In another house, where people have other numbers.
    mae, len_ = CustomerFactory(email="mae@x.org"), CustomerFactory(email="len@x.org")
    text = text.replace("Rae@Example.org", "mae@x.org").replace(ben.email, "len@x.org")
    text = text.replace("R1,", "Z1,").replace(f"{ben.external_id},", "Z2,")
    take(tmp_path, text)
    assert said(mae) == said(rae)
    assert [category for category, *_ in said(len_)] == ["marketing"]
    assert outcome(len_, "marketing") == "opted_out"


def test_exported_bounces_and_complaints_bar_the_addresses_elsewhere(rae, tmp_path):
    ben = CustomerFactory(email="ben@example.org")
    CustomerAddress.objects.create(
        customer=ben, kind="email", value="b2@example.org", norm="b2@example.org",
        created_at=NOW,
    )  # fmt: skip
    CustomerFactory(email="well@example.org")
    # One has no chief address, and a merge left the other's beside itself.
    bare = CustomerFactory(email="")
    for whose, value in ((bare, "bare@example.org"), (rae, "rae@example.org")):
        CustomerAddress.objects.create(
            customer=whose, kind="email", value=value, norm=value, created_at=NOW
        )
    take(
        tmp_path,
        "email,type,date\nrae@example.org,bounce,2024-06-25\n"
        "b2@example.org,complaint,2024-06-26\nbare@example.org,bounce,2024-06-26\n",
    )

    text = content(exported("barred-addresses")).decode("utf-8-sig")

    lines = [(line["email"], line["kind"]) for line in lines_of(text.encode())]
    assert sorted(lines) == [
        ("Rae@Example.org", "bounce"),
        ("b2@example.org", "complaint"),
        ("bare@example.org", "bounce"),
    ]
    before = list(Suppression.objects.order_by("pk").values())
    assert counts(take(tmp_path, text)) == (0, 0, 3)
    assert list(Suppression.objects.order_by("pk").values()) == before
    elsewhere = text.replace("Rae@Example.org", "mae@x.org").replace("R1,", "Z1,")
    take(tmp_path, elsewhere)
    assert listed("mae@x.org") == {("all", "bounce")}


# --- Large files, and those of the world ---------------------------------------------


@pytest.mark.slow
def test_addresses_by_the_ten_thousand_are_a_matter_of_seconds(db, tmp_path):
    many = int(os.environ.get("OPT_OUTS", "40000"))
    Customer.objects.bulk_create(
        CustomerFactory.build(email=f"c{number}@example.org") for number in range(2_000)
    )
    rows = "".join(f"c{number}@example.org,2024-06-25\n" for number in range(many))
    began = time.process_time()

    report = take(tmp_path, "email,UNSUB_TIME\n" + rows)

    assert report.created == many
    assert Consent.objects.count() == len(STOPPABLE) * 2_000
    # Of this process alone: what the machine does besides is no fault of ours.
    assert time.process_time() - began < many / 1_000


def test_one_slice_asks_a_fixed_number_of_questions(db, tmp_path, monkeypatch):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries(many, start):
        for number in range(start, start + many):
            CustomerFactory(email=f"c{number}@example.org")
        rows = "".join(
            f"c{number}@example.org\nx{number}@example.org\n"
            for number in range(start, start + many)
        )
        with CaptureQueriesContext(connection) as seen:
            take(tmp_path, "email\n" + rows)
        return len(seen)

    assert queries(2, 0) == queries(40, 100)


@pytest.mark.skipif(not CASES.exists(), reason="the cases are not on this machine")
@pytest.mark.parametrize(
    ("name", "stopped", "left"),
    [
        ("61_klaviyo.csv", "ben61@example.org", "ana61@example.org"),
        ("03b_mailchimp_unsub.csv", "rae@example.org", "nobody@example.org"),
    ],
)
def test_lists_of_the_world(db, tmp_path, name, stopped, left):
    people = [CustomerFactory(email=email) for email in (stopped, left)]
    text = (CASES / "21-opt-outs-cannot-come" / name).read_text()

    take(tmp_path, text)

    assert [outcome(one) for one in people] == ["opted_out", "go"]
    assert datetime(2024, 6, 25, tzinfo=UTC) < NOW
