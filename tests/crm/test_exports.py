"""What is taken along: whole, harmless, and the same when it is brought back."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from crm import audiences, datasets
from crm.errors import NotAllowed
from crm.models import AuditEntry, Customer, Job, Order, OrderLine, StoredFile
from crm.services import customers, files, jobs, orders, personal_data
from crm.services.exports import asking, formats
from crm.services.imports.runner import import_customers, import_orders
from crm.services.imports.running import Options
from crm.services.orders import OrderLineInput
from tests.crm.exporting import (
    ask,
    content,
    exported,
    files_in,
    lines_of,
    owner,
    records_of,
    rows_of,
)
from tests.factories import NOW, CustomerFactory, UserFactory, text_fields
from web.errors import InvalidValue

pytestmark = pytest.mark.django_db

FORMULAS = ["=1+1", "+1+2", "-1+2", "@SUM(A1)", "\uff1d1+1", "'=kept", "''=kept twice"]
EVERYTHING = (
    *("customers", "orders", "contacts", "follow-ups"),
    *("answers", "reviews", "messages", "consents"),
)


def somebody(**values):
    return customers.create_customer(
        now=NOW,
        external_id=values.pop("external_id", "C-1"),
        **{"given_name": "Dana", "family_name": "Levi"} | values,
    )


def bought(customer, order_id="O-1", **line):
    return orders.record_order(
        now=NOW,
        customer=customer,
        order_id=order_id,
        ordered_at=datetime.fromisoformat("2026-11-02T23:30:00+00:00"),
        lines=[
            OrderLineInput(
                **{"sku": "ETH", "quantity": Decimal(2), "unit_price": Decimal("24.50")}
                | line
            )
        ],
    )[0]


# --- The formats ---------------------------------------------------------------------


def test_each_format_holds_the_same_customer():
    somebody(email="dana@example.org", phone="+972521234567", since_on=date(2019, 5, 1))

    [line] = lines_of(content(exported("customers")))
    [record] = records_of(content(exported("customers", format_name="jsonl")))
    [row] = rows_of(content(exported("customers", format_name="xlsx")))

    assert line["email"] == record["email"] == row["email"] == "dana@example.org"
    assert line["phone"] == record["phone"] == row["phone"] == "+972521234567"
    assert line["customer_since"] == record["customer_since"] == "2019-05-01"
    assert row["customer_since"] == datetime(2019, 5, 1)
    assert list(line) == list(record) == list(row)


def test_numbers_stay_numbers_also_below_zero():
    bought(somebody(), quantity=Decimal(-2))

    [line] = lines_of(content(exported("orders")))
    [row] = rows_of(content(exported("orders", format_name="xlsx")))

    assert (line["quantity"], line["line_total"]) == ("-2", "-49.00")
    assert (row["quantity"], row["line_total"]) == (-2, -49)


@pytest.mark.parametrize("text", FORMULAS)
def test_no_spreadsheet_runs_what_a_stranger_typed(text):
    somebody(heard_text=text)

    [line] = lines_of(content(exported("customers")))
    [row] = rows_of(content(exported("customers", format_name="xlsx")))
    [record] = records_of(content(exported("customers", format_name="jsonl")))

    assert line["heard_text"] == f"'{text}"
    # As a text, which no program runs.
    assert row["heard_text"] == text
    assert record["heard_text"] == text


def test_moments_are_shown_by_the_clock_of_the_shop(django_db_blocker):
    from crm.models import Business

    Business.objects.update(time_zone="Asia/Jerusalem")
    bought(somebody())

    [line] = lines_of(content(exported("orders")))
    [row] = rows_of(content(exported("orders", format_name="xlsx")))

    assert line["ordered_at"] == "2026-11-03T01:30:00+02:00"
    assert row["ordered_at"] == datetime(2026, 11, 3, 1, 30)


# --- What comes along ----------------------------------------------------------------


def test_everything_is_a_zip_with_a_file_for_each_table():
    bought(somebody())

    found = files_in(content(exported(*EVERYTHING)))

    assert list(found) == [f"{name}.csv" for name in EVERYTHING_IN_ORDER]
    assert len(lines_of(found["orders.csv"])) == 1


EVERYTHING_IN_ORDER = (
    *("customers", "orders", "contacts", "follow-ups"),
    *("answers", "reviews", "messages", "consents"),
)


def test_an_empty_table_has_its_header():
    data = content(exported("orders"))

    assert data.decode("utf-8-sig").startswith("order_id,customer_id,ordered_at")
    assert rows_of(content(exported("orders", format_name="xlsx"))) == []


def test_parts_are_put_together_as_one_file(monkeypatch):
    from crm.services.exports import slices

    monkeypatch.setattr(slices, "BATCH", 3)
    monkeypatch.setattr(formats.Csv, "part_rows", 6)
    CustomerFactory.create_batch(18)

    found = lines_of(content(exported("customers")))

    ids = list(Customer.objects.order_by("pk").values_list("external_id", flat=True))
    assert [line["external_id"] for line in found] == ids


def test_a_part_ends_with_its_time(monkeypatch):
    """Whatever a record costs, a step of the job is short."""
    from crm.services.exports import slices

    CustomerFactory.create_batch(8)
    whole = content(exported("customers"))
    monkeypatch.setattr(slices, "BATCH", 3)
    monkeypatch.setattr(asking.EXPORT, "seconds", 0.0)
    job = ask("customers")

    while not job.position.get("packed"):
        job.position = asking.EXPORT.step(job, now=NOW).position

    [table] = job.position["tables"]
    assert (len(table["parts"]), table["lines"]) == (3, 8)
    while jobs.work(now=NOW, seconds=60).is_unfinished:
        pass
    assert content(Job.objects.get(pk=job.pk).result) == whole


def test_a_large_excel_export_is_several_files_in_a_zip(monkeypatch):
    from crm.services.exports import slices

    monkeypatch.setattr(slices, "BATCH", 3)
    monkeypatch.setattr(formats.Excel, "part_rows", 6)
    CustomerFactory.create_batch(8)

    found = files_in(content(exported("customers", format_name="xlsx")))

    assert list(found) == ["customers-1.xlsx", "customers-2.xlsx"]
    assert [len(rows_of(data)) for data in found.values()] == [6, 2]


def test_each_source_has_a_file_of_its_own():
    """An import is of one source."""
    CustomerFactory(source="main", external_id="A")
    CustomerFactory(source="shop/2", external_id="A")

    found = files_in(content(exported("customers")))

    assert list(found) == ["customers-1-main.csv", "customers-2-shop_2.csv"]
    for data in found.values():
        assert len(lines_of(data)) == 1


def test_a_list_is_exported_as_it_is_filtered():
    mine = UserFactory()
    CustomerFactory(external_id="mine", owner=mine, family_name="Wanted")
    CustomerFactory(external_id="theirs", owner=UserFactory())
    CustomerFactory(external_id="also mine", owner=mine, family_name="Else")

    owned = lines_of(content(exported("customers", owner=str(mine.pk))))
    found = lines_of(content(exported("customers", owner=str(mine.pk), q="100%")))

    assert [line["external_id"] for line in owned] == ["mine", "also mine"]
    assert found == []


def test_an_export_of_customers_knows_every_filter_of_their_list():
    """Also those that other apps bring: otherwise it would hold more than was shown."""
    wanted = dict.fromkeys(audiences.names_of_a_query(), "1")

    assert datasets.get("customers").narrowed({**wanted, "page": "2"}) == wanted
    assert len(wanted) >= 3


def test_merged_and_erased_customers_do_not_come_along():
    kept = CustomerFactory(external_id="kept")
    CustomerFactory(merged_into=kept)
    CustomerFactory(erased_at=NOW)

    assert [
        line["external_id"] for line in lines_of(content(exported("customers")))
    ] == ["kept"]


# --- Who may -------------------------------------------------------------------------


def test_an_export_is_audited_without_a_value():
    job = ask("customers", owner="1")

    entry = AuditEntry.objects.get(action="export.asked")
    assert (entry.subject, entry.fields) == (f"job:{job.pk}", ["customers"])


def test_whoever_is_no_owner_gives_a_reason():
    manager = UserFactory(role="manager")
    asked = {
        "names": ["customers"],
        "format_name": "csv",
        "filters": {},
        "by": manager,
        "now": NOW,
    }

    with pytest.raises(InvalidValue) as refused:
        asking.ask(**asked)
    job = asking.ask(**asked, reason="For the accountant")

    assert refused.value.fields == {"reason": "required"}
    assert job.reason == "For the accountant"


@pytest.mark.parametrize("role", ["agent", "marketer", "analyst"])
def test_no_one_else_may_export(role):
    with pytest.raises(NotAllowed):
        asking.ask(
            names=["customers"],
            format_name="csv",
            filters={},
            by=UserFactory(role=role),
            now=NOW,
            reason="Because",
        )


def test_an_export_ends_with_the_right_of_whoever_asked():
    job = ask("customers")
    asker = job.started_by
    asker.role = "analyst"
    asker.save()

    jobs.work(now=NOW, seconds=60)

    job.refresh_from_db()
    assert (job.state, job.error, job.result) == ("failed", "not_allowed", None)


@pytest.mark.django_db(transaction=True)
def test_whoever_is_erased_is_in_no_export_any_more():
    erased = somebody(family_name="Gone")
    stored_file = exported("customers", q="Gone")
    under_way = ask("customers", q="Gone")

    personal_data.erase(erased, now=NOW)
    jobs.work(now=NOW, seconds=60)

    under_way.refresh_from_db()
    assert not StoredFile.objects.exists()
    assert not files.storage().exists(stored_file.key)
    assert under_way.state == "cancelled"
    assert "Gone" not in str(list(Job.objects.values_list("options", "reason")))


# --- And back ------------------------------------------------------------------------


CUSTOMER = (
    *("external_id", "given_name", "family_name", "sort_name", "search_text", "email"),
    *("email_norm", "phone_e164", "phone_text", "language", "time_zone", "country"),
    *("birth_month", "birth_day", "birth_year", "since_on", "since_from"),
    *("heard_from", "organisation", "custom", "first_order_on", "last_order_on"),
    *("recipient", "street", "street_extra", "postcode", "city", "region"),
)
ORDER = (
    *("external_id", "number", "customer__external_id", "nature", "state"),
    *("ordered_at", "ordered_on", "delivered_on", "currency", "total"),
)
LINE = (
    *("order__external_id", "line_key", "product__sku", "product__name"),
    *("product__category", "ordered_on", "quantity", "unit_price", "amount", "nature"),
)


def a_shop_of_odd_people():
    people = [
        somebody(
            external_id=f"C-{number}",
            given_name=text,
            family_name="O’Brien, jr.",
            organisation=f"{text} & Söhne",
            heard_from=text,
            tags=["VIP", "=1+1", *(["Smith, Jane"] if number < 2 else [])],
            language="he",
            country="IL",
            **dict.fromkeys(("recipient", "street", "street_extra", "city"), text),
            region=f"{text}, 2",
            postcode=f"0{number}",
        )
        for number, text in enumerate(FORMULAS)
    ]
    people += [
        somebody(external_id="born", birthday="02-29", phone="+972 52-123 4567"),
        somebody(external_id="known", birthday="1980-05-12", since_on=date(2019, 5, 1)),
        somebody(external_id="-5", email="-oQ/tmp@example.org", time_zone="UTC"),
        somebody(external_id="חנה", given_name="נועה", family_name="כהן"),
    ]
    text_fields("shoe size", "=x")
    Customer.objects.filter(external_id="born").update(
        custom={"shoe size": "38", "=x": "@y"}
    )
    bought(people[0], "=O-1", product="=Espresso", line_id="-a", category="Tea")
    bought(people[1], "O-2", quantity=Decimal("0.333"), unit_price=Decimal("9.99"))
    bought(people[2], "O-3", quantity=Decimal(1000), unit_price=Decimal("0.12345678"))
    bought(people[3], "O-4", quantity=Decimal(7), unit_price=Decimal("-0.00005"))
    bought(people[3], "O-6", quantity=Decimal("1.125"), unit_price=Decimal("2.375"))
    bought(people[4], "O-5", quantity=Decimal(-3), unit_price=Decimal("2.5"))


def stored():
    return [
        list(Customer.objects.order_by("external_id").values_list(*CUSTOMER)),
        list(Customer.objects.order_by("pk").values_list("external_id", "tags__name")),
        list(Order.objects.order_by("external_id").values_list(*ORDER)),
        list(OrderLine.objects.order_by("order__external_id").values_list(*LINE)),
    ]


def brought_back(tmp_path, found):
    options = Options()
    reports = []
    for name, service in (("customers", import_customers), ("orders", import_orders)):
        path = tmp_path / f"{name}.csv"
        path.write_bytes(found[f"{name}.csv"])
        reports.append(
            service(path, options, now=NOW, progress=lambda done, total: None)
        )
    return reports


def test_what_was_exported_comes_back_unchanged(tmp_path):
    a_shop_of_odd_people()
    before = stored()
    found = files_in(content(exported("customers", "orders")))
    OrderLine.objects.all().delete()
    Order.objects.all().delete()
    Customer.objects.all().delete()

    reports = brought_back(tmp_path, found)

    assert [report.refused for report in reports] == [0, 0]
    after = stored()
    for was, now_is in zip(before, after, strict=True):
        assert sorted(map(str, was)) == sorted(map(str, now_is))


def test_what_is_here_still_is_not_touched_by_what_was_exported(tmp_path):
    a_shop_of_odd_people()
    found = files_in(content(exported("customers", "orders")))

    people, lines = brought_back(tmp_path, found)

    assert (people.unchanged, people.refused) == (people.read, 0)
    assert (lines.unchanged, lines.refused) == (lines.read, 0)
    assert lines.read == 6
    assert owner() is not None
