"""Columns of a customers' file that say who opted out, and who agreed."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from crm.models import AuditEntry, Customer
from crm.services.imports.reasons import note_in_words
from messaging.models import Consent
from messaging.rules.choices import Category
from messaging.rules.consent import STOPPABLE
from messaging.services import consent
from tests.crm.importing import counts, take_customers
from tests.factories import CustomerFactory
from tests.messaging.opting_out import NOW, listed, said, take

HEAD = "external_id,email"
ALL = sorted(category.value for category in STOPPABLE)
CASES = Path(settings.BASE_DIR).parent / "shared" / "cases"
# What the operator says of the column.
SOURCE = "The box beside the field for the address, which was empty at first"


def bring(folder, column, *cells, **options):
    rows = "".join(f"C{n},c{n}@example.org,{cell}\n" for n, cell in enumerate(cells))
    path = folder / "customers.csv"
    path.write_text(f"{HEAD},{column}\n{rows}", encoding="utf-8")
    return take_customers(path, **{"ground": "", **options})


def stopped(number=0):
    rows = Consent.objects.filter(customer__external_id=f"C{number}", granted=False)
    return sorted(rows.values_list("category", flat=True))


def agreed(number=0):
    rows = Consent.objects.filter(customer__external_id=f"C{number}", granted=True)
    return list(rows.values_list("category", "source_text"))


# --- No ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("Accepts Marketing", "no"),
        ("accepts_marketing", "false"),
        ("Accepts Email Marketing", "No"),
        ("Email Marketing Status", "unsubscribed"),
        ("Email Marketing Consent", "UNSUBSCRIBED"),
        ("Consent", "opt-out"),
        ("UNSUBSCRIBED", "true"),
        ("Unsubscribed from all email", "yes"),
        ("UNSUB_TIME", "2024-06-25 17:38:27"),
        ("OPTOUT_TIME", "some day"),
        ("接受营销", "否"),
        ("אישור דיוור", "לא"),
    ],
)
@pytest.mark.django_db
def test_a_no_stops_all_mail_of_our_own(tmp_path, column, cell):
    report = bring(tmp_path, column, cell, "")

    assert (stopped(0), stopped(1)) == (ALL, [])
    assert counts(report) == (2, 0, 0)
    assert report.notes["opted_out"] == 1
    assert note_in_words("opted_out") != "opted_out"


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("Accepts Marketing", "yes"),
        ("Accepts Marketing", "not_subscribed"),
        ("Accepts Marketing", "maybe"),
        ("UNSUBSCRIBED", "false"),
        ("Email Marketing Status", "pending"),
    ],
)
@pytest.mark.django_db
def test_a_yes_grants_nothing_and_a_silence_stops_nothing(tmp_path, column, cell):
    bring(tmp_path, column, cell)

    assert not Consent.objects.exists()


@pytest.mark.django_db
def test_the_operator_may_say_that_it_is_about_offers_alone(tmp_path):
    bring(tmp_path, "Accepts Marketing", "no", opt_out_scope="marketing")

    assert stopped() == ["marketing"]


@pytest.mark.django_db
def test_it_has_the_day_of_the_file_and_the_same_file_changes_nothing(tmp_path):
    for expected in ((1, 0, 0), (0, 0, 1)):
        report = bring(tmp_path, "UNSUB_TIME", "2024-06-25 17:38:27")
        assert counts(report) == expected

    customer = Customer.objects.get(external_id="C0")
    assert said(customer) == [(category, False, "2024-06-25") for category in ALL]


@pytest.mark.django_db
def test_a_no_about_somebody_known_counts_as_a_change_once(tmp_path):
    bring(tmp_path, "Accepts Marketing", "")

    assert counts(bring(tmp_path, "Accepts Marketing", "no")) == (0, 1, 0)
    assert counts(bring(tmp_path, "Accepts Marketing", "no")) == (0, 0, 1)
    assert AuditEntry.objects.filter(action="consent.withdrawn").count() == 1


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("CLEAN_TIME", "2024-06-25 17:38:27", "bounce"),
        ("Email Marketing Status", "bounced", "bounce"),
        ("Email Suppressions", "SPAM_COMPLAINT", "complaint"),
    ],
)
@pytest.mark.django_db
def test_bounces_and_complaints_bar_the_address(tmp_path, column, cell, reason):
    report = bring(tmp_path, column, cell)

    assert listed("c0@example.org") == {("all", reason)}
    assert report.notes["address_barred"] == 1


@pytest.mark.django_db
def test_a_later_yes_of_their_own_stands(tmp_path):
    customer = CustomerFactory(external_id="C0", email="c0@example.org")
    consent.grant(customer, categories=STOPPABLE, how="preference_page", now=NOW)

    bring(tmp_path, "UNSUB_TIME", "2024-06-25")

    assert stopped() == []


@pytest.mark.django_db
def test_a_dry_run_says_how_many_and_writes_nothing(tmp_path):
    CustomerFactory(external_id="C0", email="c0@example.org")

    report = bring(tmp_path, "Accepts Marketing", "no", "no", "yes", dry_run=True)

    assert report.notes["opted_out"] == 2
    assert not Consent.objects.exists()


# --- Yes -----------------------------------------------------------------------------


def with_yes(folder, *cells, **options):
    return bring(
        folder,
        "Newsletter,CONFIRM_TIME",
        *(f"{cell},2019-06-25" for cell in cells),
        **{"mapping": {"email_consent": "Newsletter"}, "consent": SOURCE, **options},
    )


@pytest.mark.django_db
def test_a_yes_that_the_operator_vouches_for_is_one_to_offers(tmp_path):
    report = with_yes(tmp_path, "yes", "")

    assert agreed(0) == [("marketing", SOURCE)]
    assert said(Customer.objects.get(external_id="C0"))[0][2] == "2019-06-25"
    assert agreed(1) == []
    assert report.notes["consent_given"] == 1
    assert counts(with_yes(tmp_path, "yes", "")) == (0, 0, 2)


@pytest.mark.django_db
def test_without_words_the_column_grants_nothing(tmp_path):
    with_yes(tmp_path, "yes", consent="")

    assert not Consent.objects.exists()


@pytest.mark.django_db
def test_a_no_in_that_column_stops(tmp_path):
    with_yes(tmp_path, "no")

    assert stopped() == ALL


@pytest.mark.parametrize("how", ["one_click", "staff", "import"])
@pytest.mark.django_db
def test_no_file_takes_a_no_back(tmp_path, how):
    customer = CustomerFactory(external_id="C0", email="c0@example.org")
    consent.withdraw(customer, categories=[Category.MARKETING], how=how, now=NOW)

    report = with_yes(tmp_path, "yes")

    assert agreed() == []
    assert report.notes["consent_kept_no"] == 1


@pytest.mark.django_db
def test_not_even_one_that_came_before_the_record(tmp_path):
    take(tmp_path, "email\nc0@example.org\n")

    with_yes(tmp_path, "yes")

    assert agreed() == []


@pytest.mark.django_db
def test_the_command_takes_column_and_words(tmp_path, capsys):
    path = tmp_path / "customers.csv"
    path.write_text(f"{HEAD},News letter\nC0,c0@example.org,yes\n")

    call_command(
        "import_customers", str(path), json=True, consent=("News letter", SOURCE)
    )

    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["notes"]["consent_given"]["rows"] == 1
    assert agreed() == [("marketing", SOURCE)]


@pytest.mark.django_db
def test_words_of_the_operator_count(tmp_path):
    words = {"consent": {"Ja": "yes", "Nein": "no"}}

    with_yes(tmp_path, "ja", "nein", value_map=words)

    assert agreed(0) == [("marketing", SOURCE)]
    assert stopped(1) == ALL


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("CLEAN_TIME", "2024-06-25 17:38:27"),
        ("Email Marketing Status", "bounced"),
        ("Email Suppressions", "SPAM_COMPLAINT"),
        ("UNSUB_TIME", "2024-06-25 17:38:27"),
    ],
)
@pytest.mark.django_db
def test_a_yes_beside_a_bar_or_an_opt_out_grants_nothing(tmp_path, column, cell):
    yes = {"mapping": {"email_consent": "Newsletter"}, "consent": SOURCE}

    report = bring(tmp_path, f"Newsletter,{column}", f"yes,{cell}", "yes,", **yes)

    assert agreed(0) == []
    assert agreed(1) == [("marketing", SOURCE)]
    assert report.notes["consent_given"] == 1


# --- Ground --------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_dry_run_says_how_many_would_get_nothing(tmp_path):
    CustomerFactory(external_id="C0", mail_ground="", first_order_on=NOW.date())
    CustomerFactory(external_id="C1", mail_ground="")

    report = bring(tmp_path, "name", "Ana", "Ben", "Cem", dry_run=True)

    assert report.notes["no_ground"] == 2
    assert "--ground" in note_in_words("no_ground")


@pytest.mark.django_db
def test_words_of_an_import_are_the_ground_of_its_people(tmp_path):
    CustomerFactory(external_id="C0", mail_ground="")
    CustomerFactory(external_id="C1", mail_ground="Asked at the till")

    report = bring(tmp_path, "name", "A", "B", "C", ground="Cards from the fair")

    assert dict(Customer.objects.values_list("external_id", "mail_ground")) == {
        "C0": "Cards from the fair",
        "C1": "Asked at the till",
        "C2": "Cards from the fair",
    }
    assert "no_ground" not in report.notes
    again = bring(tmp_path, "name", "A", "B", "C", ground="Cards from the fair")
    assert counts(again) == (0, 0, 3)


@pytest.mark.django_db
def test_a_column_of_grounds_comes_back_as_it_was_exported(tmp_path):
    report = bring(tmp_path, "mail_ground", "Asked at the till", "")

    assert Customer.objects.get(external_id="C0").mail_ground == "Asked at the till"
    assert report.notes["no_ground"] == 1


@pytest.mark.skipif(not CASES.exists(), reason="the cases are not on this machine")
@pytest.mark.parametrize(
    ("name", "identity", "expected"),
    [
        ("61_klaviyo.csv", "Klaviyo ID", {"01H0AAA": [], "01H0AAB": ALL}),
        ("03b_mailchimp_unsub.csv", "LEID", {"44870001": ALL}),
    ],
)
@pytest.mark.django_db
def test_audiences_of_the_world_bring_their_opt_outs(name, identity, expected):
    path = CASES / "21-opt-outs-cannot-come" / name

    email = "Email" if "klaviyo" in name else "Email Address"
    take_customers(path, mapping={"external_id": identity, "email": email})

    for number, categories in expected.items():
        customer = Customer.objects.get(external_id=number)
        assert sorted(row[0] for row in said(customer)) == categories
