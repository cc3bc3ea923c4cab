"""Balances of another program: each part once, with its last day, and undone whole."""

from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import Client

from crm.models import Customer, ImportRun
from crm.services import merging
from crm.services.imports import import_jobs, parts, undoing, uploads
from crm.services.imports.reasons import in_words, note_in_words
from crm.services.imports.runner import import_file
from crm.services.imports.running import Options
from loyalty.models import Entry, Membership
from loyalty.services import member_links
from loyalty.services.programmes import spending
from loyalty.services.programmes.balance_import import BALANCES
from loyalty.services.programmes.spending import Wanted
from tests.crm import test_import_pages as pages
from tests.crm.exporting import content
from tests.crm.importing import NOW, counts, file_of, refusals
from tests.factories import CustomerFactory, UserFactory
from tests.loyalty import programme_shop as shop
from tests.pages import read

pytestmark = pytest.mark.django_db

HEAD = "member,points,expires,earned,lot,programme,unit\n"
# NOW is 21 November 2026.
ROWS = (
    "C1,100,2027-01-31,2026-02-01,L1,,\n"
    "C1,20,2027-06-30,,L2,,\n"
    "dana@example.org,5,,,,,\n"
)


@pytest.fixture
def points(db):
    shop.open_shop()
    return shop.programme()


@pytest.fixture
def people(points):
    CustomerFactory(external_id="C1", email="")
    CustomerFactory(external_id="C2", email="dana@example.org")
    return points


def take(folder, text, head=HEAD, **options):
    return import_file(
        BALANCES,
        file_of(folder, head + text),
        Options(**options),
        now=NOW,
        progress=lambda done, total: None,
    )


def member(number):
    return Membership.objects.get(customer__external_id=number)


def lots(number):
    return shop.lots(member(number).customer)


def undo(run, owner):
    undoing.start(run, by=owner, now=NOW + timedelta(hours=1))
    while pages.jobs.work(now=NOW + timedelta(hours=1), seconds=60).is_unfinished:
        pass
    run.refresh_from_db()
    return run


def test_each_part_is_a_lot_with_its_own_last_day(people, tmp_path):
    report = take(tmp_path, ROWS)

    assert counts(report) == (3, 0, 0)
    assert lots("C1") == [(100, "2027-01-31"), (20, "2027-06-30")]
    assert lots("C2") == [(5, None)]
    assert member("C1").balance == 120
    first = Entry.objects.order_by("pk")[0]
    assert (first.kind, str(first.on)) == ("imported", "2026-02-01")
    shop.check()


def test_the_same_file_again_brings_nothing_and_a_dry_run_writes_nothing(
    people, tmp_path
):
    assert counts(take(tmp_path, ROWS, dry_run=True)) == (3, 0, 0)
    assert not Membership.objects.exists()
    take(tmp_path, ROWS)

    again = take(tmp_path, "C2,7,,,,,\n" + ROWS)

    assert counts(again) == (1, 0, 3)
    assert member("C1").balance == 120
    assert member("C2").balance == 12


def test_lines_that_say_the_same_are_parts_of_their_own_and_once_each(people, tmp_path):
    rows = "C1,10,,2026-05-01,,,\n" * 3

    first, again = take(tmp_path, rows), take(tmp_path, rows + "C1,10,,2026-05-01,,,\n")

    assert (counts(first), counts(again)) == ((3, 0, 0), (1, 0, 3))
    assert first.notes["lots_alike"] == 2
    assert "part of its own" in note_in_words("lots_alike")
    assert member("C1").balance == 40


def test_a_job_of_several_steps_knows_the_lines_of_the_steps_before(
    people, monkeypatch
):
    monkeypatch.setattr(import_jobs, "STEP_SECONDS", 0)
    monkeypatch.setattr(parts, "FIRST_ROWS", 1)
    owner = UserFactory(role="owner")
    text = HEAD + "C1,10,,2026-05-01,,,\n" * 5 + "C1,7,,,L1,,\n" * 2
    for _twice in range(2):
        upload = uploads.take(
            ContentFile(text.encode()), name="x.csv", by=owner, now=NOW
        )
        job = import_jobs.start(
            upload, kind="balances", options=Options(), dry_run=False, by=owner, now=NOW
        )
        while pages.jobs.work(now=NOW, seconds=60).is_unfinished:
            pass

    run = ImportRun.objects.get(job=job)
    assert (run.created, run.unchanged) == (0, 6)
    assert run.refused_by_reason == {"lot_id_twice": 1}
    assert run.notes["lots_alike"] == 4
    assert member("C1").balance == 57


def test_another_amount_for_a_part_that_is_there_is_noted_and_changes_nothing(
    people, tmp_path
):
    take(tmp_path, "C1,10,,,L1,,\n")

    report = take(tmp_path, "C1,8,,,L1,,\n")

    assert counts(report) == (0, 0, 1)
    assert report.notes["lots_differ"] == 1
    assert member("C1").balance == 10


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("C9,10,,,,,", "customer_unknown"),
        ("nobody@example.org,10,,,,,", "customer_unknown"),
        (",10,,,,,", "nobody_named"),
        ("C1,,,,,,", "units_missing"),
        ("C1,-5,,,,,", "units_negative"),
        ("C1,0,,,,,", "units_zero"),
        ("C1,10.5,,,,,", "units_too_fine"),
        ("C1,ten,,,,,", "units_invalid"),
        ('C1,"1,500",,,,,', "units_ambiguous"),
        ("C1,9999999999999,,,,,", "units_out_of_range"),
        ("C1,€10,,,,,", "unit_other"),
        ("C1,10,,,,,stamps", "unit_other"),
        ("C1,10,,,,,EUR", "unit_other"),
        ("C1,10,2026-11-20,,,,", "expires_on_over"),
        ("C1,10,,2026-11-22,,,", "earned_on_in_future"),
        ("C1,10,soon,,,,", "expires_on_date_invalid"),
        ("C1,10,05/03/2027,,,,", "expires_on_date_ambiguous"),
        ("C1,10,,,,Stars,", "programme_unknown"),
    ],
)
def test_what_cannot_be_a_balance_stays_out_with_its_line_and_the_rest_goes_in(
    people, tmp_path, row, code
):
    report = take(tmp_path, f"{row}\nC2,3,2026-11-21,,,,points\n")

    assert refusals(report) == {code: 1}
    assert report.problems[0]["line"] == 2
    assert bool(report.problems[0]["column"]) == (code != "nobody_named")
    # In words, not by its code.
    assert "_" not in in_words(code)
    assert [row.customer.external_id for row in Membership.objects.all()] == ["C2"]


def test_what_is_missing_after_a_return_is_paid_off_by_what_comes(people, tmp_path):
    dana = Customer.objects.get(external_id="C1")
    sale = shop.buy(dana, ("TEA", 1, 50))
    shop.work("2026-03-02")
    spending.spend(member("C1"), Wanted(amount=Decimal(50), key="T"), now=NOW)
    shop.bring_back(sale, ("TEA", 1, 50))
    shop.orders.process_pending(now=NOW)

    take(tmp_path, "C1,20,,,L1,,\nC2,5,,,,,\nC1,40,,,L2,,\n")

    assert (member("C1").owed, lots("C1")) == (0, [(10, None)])
    assert (member("C1").balance, member("C2").balance) == (10, 5)
    shop.check()


def test_a_programme_is_named_by_the_row_or_for_the_file(people, tmp_path):
    card = shop.card(name="Coffee card")
    people.words.create(language="he", name="נקודות")

    nothing = take(tmp_path, "C1,1,,,,,\n")
    mixed = take(tmp_path, "C1,2,,,,coffee CARD,\nC1,40,,,,נקודות,\nC1,3,,,,,\n",
                 defaults={"programme": str(card.pk)})  # fmt: skip

    assert refusals(nothing) == {"programme_missing": 1}
    assert counts(mixed) == (3, 0, 0)
    sums = Membership.objects.values_list("programme", "balance")
    assert dict(sums) == {card.pk: 5, people.pk: 40}


def test_money_is_of_one_currency_and_has_its_decimals(db, tmp_path):
    shop.open_shop()
    shop.programme(unit="money", currency="EUR")
    CustomerFactory(external_id="C1")

    report = take(
        tmp_path,
        "C1,€4.50,,,,,\nC1,4.50,,,,,eur\nC1,$1,,,,,\nC1,1,,,,,USD\nC1,1.0005,,,,,\n",
    )

    assert refusals(report) == {"unit_other": 2, "units_too_fine": 1}
    assert member("C1").balance == Decimal("9.00")


def test_without_a_last_day_the_programme_says_it_for_the_day_of_earning(db, tmp_path):
    shop.open_shop()
    shop.programme(expiry="days", expires_after=365)
    CustomerFactory(external_id="C1")

    report = take(tmp_path, "C1,1,,2026-03-01,,,\nC1,2,,,,,\nC1,3,2028-01-01,,,,\n")

    assert counts(report) == (3, 0, 0)
    assert lots("C1") == [(1, "2027-03-01"), (2, "2027-11-21"), (3, "2028-01-01")]


def test_a_member_is_found_by_code_and_a_merged_record_is_booked_once(people, tmp_path):
    dana = Customer.objects.get(external_id="C2")
    other = Customer.objects.get(external_id="C1")
    code = f"https://shop.example/m/{member_links.token_of(dana.pk)}/"
    take(tmp_path, "C1,10,,,L1,,\n")
    merging.merge(dana, other, now=NOW)

    again = take(tmp_path, "C1,10,,,L1,,\n")
    by_code = take(tmp_path, f"{code},4\nm1~forged,4\n", head="member code,points\n")

    assert counts(again) == (0, 0, 1)
    assert counts(by_code) == (1, 0, 0)
    assert refusals(by_code) == {"member_code_unknown": 1}
    assert shop.balance(dana) == 14


@pytest.mark.django_db(transaction=True)
def test_an_undo_takes_back_what_nobody_used_and_names_the_rest(people, tmp_path):
    owner = UserFactory(role="owner")
    take(tmp_path, ROWS)
    run = ImportRun.objects.get(kind="balances")
    spending.spend(member("C1"), Wanted(amount=Decimal(30), key="T-1"), now=NOW)

    run = undo(run, owner)

    assert lots("C1") == [(70, "2027-01-31")]
    assert member("C2").balance == 0
    assert run.undo_counts == {"removed": 2, "kept": 1}
    kept = content(run.undo_kept).decode()
    assert "Some of it was used" in kept
    assert "points points: 100" in kept
    shop.check()
    # Once taken back, a part may come again.
    again = take(tmp_path, ROWS)
    assert counts(again) == (2, 0, 1)
    assert member("C1").balance == 90
    assert counts(take(tmp_path, ROWS)) == (0, 0, 3)


def test_it_comes_in_by_the_pages_and_is_known_by_its_columns(people):
    shop.card(name="Coffee card")
    desk = Client()
    desk.force_login(UserFactory(role="manager"))
    text = (
        "会员编号;剩余积分;到期日期;备注\nC1;1.200;31/12/2027;x\nC9;5;31/12/2027;\n"
        "C2;0,5;31/12/2027;\n"
    )
    draft = pages.hand_up(desk, text, name="points.csv")
    assert draft.kind == "balances"

    tried, done = pages.press_through(
        desk, draft, default_programme=str(people.pk), numbers="comma"
    )

    assert "1 new, 0 changed" in read(tried)
    assert "1 new, 0 changed" in read(done)
    assert lots("C1") == [(1200, "2027-12-31")]
    run = ImportRun.objects.get(is_dry_run=False)
    assert run.refused_by_reason == {"customer_unknown": 1, "units_too_fine": 1}
    again = pages.hand_up(desk, text, name="points.csv")
    assert again.options["defaults"] == {"programme": str(people.pk)}


def test_a_list_of_people_that_has_an_amount_is_one_of_people(people):
    desk = Client()
    desk.force_login(UserFactory(role="manager"))
    text = (
        "First Name,Last Name,Email,Phone,Birthday,Amount\n"
        "Dana,Levi,dana@example.org,+97254111222,5/3/1980,12.50\n"
        "Ade,Oduya,ade@example.org,02079460123,13/4/1971,7\n"
    )

    assert pages.hand_up(desk, text, name="people.csv").kind == "customers"


def test_the_command_says_what_came_in(people, tmp_path):
    shop.card(name="Coffee card")
    path = file_of(tmp_path, "customer_id,amount\nC1,4\nC9,4\n")
    said = StringIO()

    call_command(
        "import_balances", path, "--programme", "coffee card", "--json",
        stdout=said, stderr=StringIO(),
    )  # fmt: skip

    assert '"created": 1' in said.getvalue()
    assert member("C1").programme.name == "Coffee card"
