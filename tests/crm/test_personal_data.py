"""Every row about a person is exported, erased and merged as its app declares."""

import json
import uuid
from itertools import product

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, connection, models, transaction
from django.forms import model_to_dict

from crm.errors import CustomerGone, ImportIsRunning
from crm.models import (
    ApiAnswer,
    AuditEntry,
    Customer,
    FollowUp,
    ImportMapping,
    Interaction,
    Order,
    Segment,
    Tag,
)
from crm.personal_rows import PersonalRows, all_rows, register
from crm.services import personal_data
from crm.services.imports.run_lock import only_one
from crm.services.journal import files
from feedback.models import Review
from messaging.errors import MailOnItsWay
from messaging.models import Consent, Message, Suppression
from messaging.services import suppression
from surveys.models import Invitation, Response
from tests.crm.personal_shop import customer_with_everything, what_names_them
from tests.factories import (
    NOW,
    AutomationFactory,
    CustomerFactory,
    InvitationFactory,
    MessageFactory,
    ReviewFactory,
)

APPS = ("crm", "messaging", "support", "surveys", "feedback", "loyalty", "desk")
MODELS = [
    model
    for app in APPS
    for model in apps.get_app_config(app).get_models(include_auto_created=True)
]
DECLARED = {rows.model for rows in all_rows()}


def points_to(model, targets):
    """Whether a row of the model belongs to a row of one of the targets."""
    return any(
        isinstance(field, models.ForeignKey) and field.related_model in targets
        for field in model._meta.local_fields
        # An order that a review is about belongs to its customer, not to the review.
        if field.name not in ("merged_into", "returns_order")
    ) or any(field.name == "customer_id" for field in model._meta.local_fields)


def test_every_row_that_hangs_on_a_customer_is_declared():
    undeclared = {
        model._meta.label for model in MODELS if points_to(model, {Customer, *DECLARED})
    } - {model._meta.label for model in DECLARED}

    assert len(DECLARED) > 20
    assert undeclared == set()


@pytest.mark.parametrize("rows", all_rows(), ids=lambda rows: rows.name)
def test_every_text_of_a_declared_row_goes_or_is_declared_to_stay(rows):
    """A closed list of words is no text. `kept` has its reason beside it."""
    texts = {
        field.name
        for field in rows.model._meta.local_fields
        if isinstance(field, (models.CharField, models.TextField, models.JSONField,
                              ArrayField))
        and not field.choices
    }  # fmt: skip
    cared_for = set() if rows.deleted else texts - {*rows.blanked, *rows.kept}

    assert cared_for == set()
    assert not (rows.deleted and rows.blanked)
    assert set(rows.kept) <= texts
    assert set(rows.kept).isdisjoint(rows.blanked)


@pytest.mark.parametrize("rows", all_rows(), ids=lambda rows: rows.name)
def test_what_is_unique_for_each_customer_is_merged_as_such(rows):
    """A constraint that a declaration does not know would end a merge with an error."""
    together = {
        tuple(name for name in constraint.fields if name != "customer")
        for constraint in rows.model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint)
        and "customer" in constraint.fields
    }
    moved = rows.merged.name == "MOVE"

    # A message has one recipient: beside a customer, these two are empty.
    own = {tuple(n for n in names if n not in ("user", "address"))
           for names in together}  # fmt: skip
    assert own <= {tuple(rows.once)} or not moved


# Texts of rows that belong to nobody. Of the shop, its colleagues and its machines:
OF_THE_SHOP = {
    "auth.Group", "auth.Permission", "contenttypes.ContentType",
    "crm.ApiToken", "crm.AttemptCounter", "crm.Business", "crm.Company",
    "crm.CoreMark",
    "crm.CustomField", "crm.Heartbeat", "crm.JournalGap",
    "insights.MoneyPeriod", "insights.Published", "insights.SpendCurve",
    "insights.Cell", "insights.KeptAnswer", "insights.Mark", "insights.Spend",
    "loyalty.Campaign", "loyalty.CampaignRequest",
    "crm.Product", "crm.ProductRule", "crm.StaffSession",
    "crm.User", "loyalty.ShopRhythm",
    "messaging.AutomationStep", "messaging.BudgetRule",
    "messaging.Forecast", "messaging.ForecastDay", "messaging.ForecastMail",
    "messaging.MailGrant", "messaging.SendingAccount", "messaging.Suppression",
    "loyalty.NameDay", "loyalty.NameDayCalendar", "loyalty.OrderLink",
    "loyalty.Programme", "loyalty.ProgrammeVersion", "loyalty.ProgrammeWords",
    "loyalty.Reward", "loyalty.RewardWords", "loyalty.Rule", "loyalty.RuleVersion",
    "loyalty.RuleWords",
    "messaging.MailPicture", "messaging.Wording", "sessions.Session",
    "support.MailFolder",
    "support.AcknowledgementText", "support.ConversationChange", "support.InboxRule",
    "support.Mailbox", "support.SavedReply", "support.SavedReplyFile",
    "support.Signature", "surveys.Cell", "surveys.CellBook",
    "surveys.CellDelta", "surveys.ShareLink", "surveys.Spread", "surveys.Survey",
    "surveys.SurveyVersion", "surveys.AfterAnswer", "surveys.Theme",
}  # fmt: skip
# What may name anybody, and has its mark from `what_names_them` or
# `customer_with_everything`; the other texts of it are words of ours.
MAY_NAME_ANYBODY = {
    "admin.LogEntry": {"object_repr", "change_message"},
    "crm.ApiAnswer": {"body"},
    "crm.ImportDraft": {"preview"},
    "crm.ImportMapping": {"options"},
    "crm.ImportRun": {
        *("file_name", "samples", "examples", "problems", "options", "ignored"),
    },
    "crm.BulkRun": {"audience", "options"},
    "crm.Job": {"options", "position", "reason"},
    "crm.SavedView": {"query", "name"},
    "crm.Segment": {"conditions", "name", "description"},
    "crm.StoredFile": {"name"},
    "crm.Tag": {"name"},
    "messaging.Automation": {"audience"},
    "messaging.AutomationVersion": {"content"},
    "support.BlockedSender": {"address"},
    "support.ConversationTag": {"name"},
}  # fmt: skip


def test_every_other_text_is_of_the_shop_or_is_looked_through():
    others = {
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        if model not in DECLARED
        and any(isinstance(field, (models.CharField, models.TextField,
                                   models.JSONField, ArrayField))
                and not field.choices
                for field in model._meta.local_fields)
    }  # fmt: skip

    assert others == OF_THE_SHOP | set(MAY_NAME_ANYBODY)


@pytest.mark.django_db
def test_whatever_may_name_anybody_has_the_mark():
    customer_with_everything("Zanzibar")
    what_names_them("Zanzibar")

    for label, columns in MAY_NAME_ANYBODY.items():
        for column in columns:
            values = apps.get_model(label).objects.values_list(column, flat=True)
            assert "zanzibar" in str(list(values)).lower(), (label, column)


def test_no_two_rows_have_one_name():
    with pytest.raises(ValueError, match="twice"):
        register(PersonalRows(name="orders", model=Customer))


# --- Erasure -------------------------------------------------------------------------


def tables_that_hold(word):
    """Every table of the database with a row that has this word in any column."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        )
        found = {}
        for (table,) in cursor.fetchall():
            cursor.execute(
                f'SELECT t::text FROM "{table}" t WHERE t::text ILIKE %s', [f"%{word}%"]
            )
            if rows := cursor.fetchall():
                found[table] = rows
    return found


@pytest.mark.django_db
def test_the_person_of_these_tests_has_a_row_of_every_kind():
    """So that every declaration is tested on a real row."""
    dana = customer_with_everything()

    assert [rows.name for rows in all_rows() if not rows.of([dana.pk]).exists()] == []


@pytest.mark.django_db
def test_every_text_that_goes_has_the_mark_before():
    """The grep below proves nothing about a column that was empty all along."""
    dana = customer_with_everything("Zanzibar")

    unmarked = {rows.name: _unmarked(rows, dana) for rows in all_rows()}

    assert {name: texts for name, texts in unmarked.items() if texts} == {}, (
        "mark them in tests/crm/personal_shop.py"
    )


def _unmarked(rows, dana):
    texts = [
        field.name
        for field in rows.model._meta.local_fields
        if isinstance(field, (models.CharField, models.TextField, models.JSONField))
        and not field.choices
        and field.name not in rows.kept
    ]

    row = rows.of([dana.pk]).first()

    # Worked out, or from a closed list.
    known = {"sort_name", "reason", "wording_version", "sha256", "fingerprint"}
    known.add("country")
    known |= {name for name in texts if "zanzibar" in str(getattr(row, name)).lower()}
    return set(texts) - known


@pytest.mark.django_db
def test_no_table_remembers_an_erased_person():
    dana = customer_with_everything("Zanzibar")
    what_names_them("Zanzibar")
    assert len(tables_that_hold("zanzibar")) > 15

    personal_data.erase(dana, now=NOW)

    assert tables_that_hold("zanzibar") == {}


@pytest.mark.django_db
def test_the_journal_reaches_a_database_that_is_put_back(settings, tmp_path):
    settings.JOURNAL_FOLDER = tmp_path
    kept = CustomerFactory(given_name="Zanzibar", email_norm="zanzibar@x.org")
    merged = CustomerFactory(merged_into=kept)

    personal_data.erase(kept, now=NOW)

    output = [entry.rows for entry in files.entries() if entry.kind == "erased"]
    assert output == [[{"customer": kept.pk}, {"customer": merged.pk}]]
    written = "".join(path.read_text() for path in tmp_path.glob("*.jsonl"))
    assert "zanzibar" not in written.lower()


@pytest.mark.django_db
def test_another_person_keeps_everything():
    ben = customer_with_everything("Timbuktu")
    before = tables_that_hold("timbuktu")

    personal_data.erase(CustomerFactory(), now=NOW)

    assert tables_that_hold("timbuktu") == before
    assert Customer.objects.get(pk=ben.pk).is_live


@pytest.mark.django_db
def test_what_staff_typed_of_others_too_stays_as_it_is():
    """The name of a street, a family or a column is not that of one person."""
    dana = CustomerFactory(given_name="Dana", family_name="Price", email="d@x.org")
    CustomerFactory(given_name="Ben", family_name="Price")
    contains = {"field": "search", "is": "contains"}
    conditions = {"match": "all", "parts": [
        {**contains, "values": [text]} for text in ("Price", "Hotel", "x.org")
    ]}  # fmt: skip
    group = Segment.objects.create(
        name="Prices", conditions=conditions, created_at=NOW, updated_at=NOW
    )
    automation = AutomationFactory(audience="q=price", is_on=False)
    mapping = ImportMapping.objects.create(
        header_sha256="0" * 64, source="main", kind="orders", confirmed_at=NOW,
        options={"mapping": {"ordered_at": "Date", "unit_price": "Unit cost"}},
    )  # fmt: skip

    personal_data.erase(dana, now=NOW)

    for row in (group, automation, mapping):
        before = model_to_dict(row)
        row.refresh_from_db()
        assert model_to_dict(row) == before


@pytest.mark.django_db
def test_sums_and_counts_stay():
    dana = customer_with_everything()
    before = counted()

    personal_data.erase(dana, now=NOW)

    assert counted() == before
    assert before["orders"] == 2
    dana.refresh_from_db()
    assert (dana.country, dana.since_on.year, dana.erased_at) == ("IL", 2019, NOW)


def counted():
    return {
        "orders": Order.objects.count(),
        "sum": Order.objects.aggregate(models.Sum("total"))["total__sum"],
        "messages": Message.objects.count(),
        "scores": list(Response.objects.values_list("score", "state")),
        "stars": list(Review.objects.values_list("stars", flat=True)),
        "consents": list(Consent.objects.values_list("category", "granted", "how")),
        "conversations": Interaction.objects.count(),
    }


@pytest.mark.django_db
def test_nothing_waits_for_an_erased_person():
    dana = customer_with_everything()
    MessageFactory(customer=dana, state="claimed", claim_token=uuid.uuid4(),
                   lease_until=NOW, counted_at=NOW)  # fmt: skip
    InvitationFactory(customer=dana)
    ReviewFactory(request__order__customer=dana)

    personal_data.erase(dana, now=NOW)

    assert not Message.objects.filter(state__in=["planned", "claimed"]).exists()
    ended = Message.objects.filter(state="cancelled")
    assert set(ended.values_list("reason_code", flat=True)) == {"erased"}
    assert not FollowUp.objects.filter(state__in=["open", "taken"]).exists()
    assert not Invitation.objects.open().exists()
    assert not Review.objects.filter(state="held").exists()


@pytest.mark.django_db
def test_every_address_of_the_person_is_suppressed_by_its_hash():
    kept = CustomerFactory(email="now@x.org", email_norm="now@x.org")
    CustomerFactory(email="old@x.org", email_norm="old@x.org", merged_into=kept)
    Consent.objects.create(
        customer=kept, category="survey", granted=False, at=NOW, how="stop_page",
        address_hash=suppression.address_hash("spoke@x.org"),
    )  # fmt: skip

    personal_data.erase(kept, now=NOW)

    listed = {bytes(row.address_hash): row.reason for row in Suppression.objects.all()}
    wanted = suppression.address_hashes(["now@x.org", "old@x.org", "spoke@x.org"])
    assert listed == dict.fromkeys(wanted.values(), "erased")


@pytest.mark.django_db
def test_a_mail_that_leaves_at_this_moment_puts_erasure_off():
    dana = CustomerFactory()
    MessageFactory(customer=dana, state="handed", claim_token=uuid.uuid4(),
                   lease_until=NOW, counted_at=NOW, handed_at=NOW)  # fmt: skip

    with pytest.raises(MailOnItsWay):
        personal_data.erase(dana, now=NOW)

    dana.refresh_from_db()
    assert dana.is_live
    assert not Suppression.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_import_that_runs_puts_erasure_off():
    """It has read the person already and would bring them back."""
    dana = CustomerFactory()
    with only_one("customers", "main"), pytest.raises(ImportIsRunning):
        personal_data.erase(dana, now=NOW)

    personal_data.erase(dana, now=NOW)


@pytest.mark.django_db
def test_a_request_that_is_sent_again_learns_that_they_are_gone():
    dana = customer_with_everything()
    other = ApiAnswer.objects.create(
        token=ApiAnswer.objects.first().token, key="c", request_hash=b"h", status=201,
        body=json.dumps({"id": dana.pk + 1, "external_id": "X"}), created_at=NOW,
    )  # fmt: skip

    personal_data.erase(dana, now=NOW)

    output = ApiAnswer.objects.exclude(pk=other.pk).values_list("status", "body")
    assert [(status, json.loads(body)["code"]) for status, body in output] == [
        (410, "customer_gone")
    ] * 2
    other.refresh_from_db()
    assert other.status == 201


@pytest.mark.django_db
def test_a_tag_that_others_carry_stays():
    dana, ben = CustomerFactory(), CustomerFactory()
    shared, own = Tag.objects.create(name="VIP"), Tag.objects.create(name="Dana's")
    dana.tags.add(shared, own)
    ben.tags.add(shared)

    personal_data.erase(dana, now=NOW)

    assert list(Tag.objects.all()) == [shared]
    assert list(ben.tags.all()) == [shared]


@pytest.mark.django_db
def test_erasing_twice_is_refused_and_audited_once():
    dana = CustomerFactory()
    personal_data.erase(dana, now=NOW)

    with pytest.raises(CustomerGone):
        personal_data.erase(dana, now=NOW)

    entry = AuditEntry.objects.get(action="customer.erased")
    assert (entry.customer_id, entry.fields) == (dana.pk, [])


@pytest.mark.django_db
def test_the_ledger_of_consents_lets_nothing_but_erasure_in():
    dana = customer_with_everything()
    ben = customer_with_everything("Timbuktu")
    personal_data.erase(dana, now=NOW)

    for customer, change in product(
        (dana, ben),
        (
            "source_text = 'other'", "granted = NOT granted", "at = now()",
            "source_text = '', category = 'survey'", "ip_truncated = '10.0.0.0'",
        ),
    ):  # fmt: skip
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            write(f"UPDATE messaging_consent SET {change} WHERE customer_id = %s",
                  customer.pk)  # fmt: skip


@pytest.mark.django_db
def test_consents_of_the_living_keep_their_words_and_all_their_rows():
    ben = customer_with_everything()

    for statement in (
        "UPDATE messaging_consent SET source_text = '', ip_truncated = '',"
        " source_key = NULL WHERE customer_id = %s",
        "DELETE FROM messaging_consent WHERE customer_id = %s",
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            write(statement, ben.pk)


def write(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
