"""Undo of an import: as if it had never been, but for what others did since."""

import csv
import io
import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from crm.errors import ImportCannotBeUndone, NotAllowed
from crm.models import (
    AuditEntry,
    Customer,
    ImportedRow,
    ImportRun,
    Interaction,
    Order,
    OrderLine,
    Product,
    Tag,
)
from crm.services import customers, interactions, jobs, orders, retention
from crm.services.imports import import_jobs, parts, undoing, uploads
from crm.services.imports.kinds import KINDS
from crm.services.imports.run_lock import only_one
from crm.services.imports.runner import import_history
from crm.services.imports.running import Options
from messaging.models import Message
from messaging.rules.choices import Category, State
from messaging.services import consent
from support.models import Conversation, ConversationContact
from tests.crm.exporting import content
from tests.crm.importing import NOW, ORDER_HEADER, file_of, take_customers, take_orders
from tests.factories import (
    InvitationFactory,
    MessageFactory,
    ReviewRequestFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=1)
# One each time, many in the slow run.
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 13))]
HEAD = "external_id,given_name,family_name,email,company,tags,custom.size\n"
# All that an import may set, by what people know it by; no ids, no moments.
LOOK = {
    "customers": """SELECT c.source, c.external_id, c.given_name, c.family_name,
        c.greeting_name, c.sort_name, c.search_text, c.email, c.email_norm,
        c.phone_e164, c.phone_text, c.language, c.time_zone, c.country, c.birth_month,
        c.birth_day, c.birth_year, c.birth_recorded_at, c.since_on, c.since_from,
        c.organisation, c.custom::text, c.first_order_on, c.last_order_on,
        c.last_import_id, (SELECT array_agg(g.name ORDER BY g.name) FROM crm_tag g
            JOIN crm_customer_tags m ON m.tag_id = g.id WHERE m.customer_id = c.id)
        FROM crm_customer c ORDER BY 1, 2""",
    "orders": """SELECT o.source, o.external_id, o.number, c.external_id, o.nature,
        o.state, o.ordered_at, o.ordered_on, o.delivered_on, o.cancelled_at,
        o.currency, o.total, o.last_import_id
        FROM crm_order o JOIN crm_customer c ON c.id = o.customer_id ORDER BY 1, 2""",
    "lines": """SELECT o.source, o.external_id, l.line_key, c.external_id, p.sku,
        l.ordered_on, l.quantity, l.unit_price, l.amount, l.nature
        FROM crm_orderline l JOIN crm_order o ON o.id = l.order_id
        JOIN crm_customer c ON c.id = l.customer_id
        JOIN crm_product p ON p.id = l.product_id ORDER BY 1, 2, 3""",
    "sums": """SELECT c.source, c.external_id, s.currency, s.orders, s.total
        FROM crm_ordersum s JOIN crm_customer c ON c.id = s.customer_id
        ORDER BY 1, 2, 3""",
    "products": """SELECT source, sku, name, category, nature, days_of_supply
        FROM crm_product ORDER BY 1, 2""",
    "tags": "SELECT name FROM crm_tag ORDER BY 1",
}


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(undoing, "BATCH", 7)
    monkeypatch.setattr(parts, "PART_ROWS", 25)


@pytest.fixture
def owner(db):
    return UserFactory(role="owner")


def look():
    found = {}
    with connection.cursor() as cursor:
        for name, query in LOOK.items():
            cursor.execute(query)
            found[name] = cursor.fetchall()
    return found


def last_run():
    return ImportRun.objects.latest("id")


def undo(run, owner, now=LATER):
    job = undoing.start(run, by=owner, now=now)
    while jobs.work(now=now, seconds=60).is_unfinished:
        pass
    job.refresh_from_db()
    assert job.state == "done", job.error
    run.refresh_from_db()
    return run


def bought(quantity, price):
    return orders.OrderLineInput(
        sku="S1", quantity=Decimal(quantity), unit_price=Decimal(price)
    )


def kept(run):
    if run.undo_kept is None:
        return {}
    text = content(run.undo_kept).decode("utf-8-sig")
    return {(r["what"], r["id"]): r["why"] for r in csv.DictReader(io.StringIO(text))}


def customer_file(chance, folder, name):
    rows = []
    for number in chance.sample(range(40), 25):
        tags = ";".join(chance.sample(["gold", "new", "trade", "late"], 2))
        rows.append(
            f"C{number},{chance.choice(['Ann', 'Ben', ''])},"
            f"{chance.choice(['Berg', 'Cohen', ''])},"
            f"{chance.choice([f'c{number}@example.org', ''])},"
            f"{chance.choice(['Acme', 'Bolt', ''])},{tags},{chance.choice(['S', 'M'])}"
        )
    return file_of(folder, HEAD + "\n".join(rows) + "\n", name)


def order_file(chance, folder, name):
    rows = []
    for number in chance.sample(range(40), 20):
        day = chance.randint(1, 28)
        for line in range(chance.randint(1, 3)):
            rows.append(
                f"O{number},C{number % 15},2026-0{chance.randint(1, 3)}-{day:02},"
                f"S{chance.randint(0, 9)},{chance.choice([1, 2, -1])},"
                f"{chance.randint(1, 9)}.50,{chance.choice(['Tea', 'Mug', ''])},{line}"
            )
    # The lines of an order share a day.
    head = ORDER_HEADER.replace("\n", ",product,line_id\n")
    return file_of(folder, head + "\n".join(rows) + "\n", name)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_undo_leaves_the_tables_as_they_were(seed, owner, tmp_path):
    chance = random.Random(seed)
    take_customers(customer_file(chance, tmp_path, "a.csv"))
    take_orders(order_file(chance, tmp_path, "b.csv"), create_customers=True)
    before = look()

    kinds = [(take_customers, customer_file, {}),
             (take_orders, order_file, {"create_customers": True})]  # fmt: skip
    chance.shuffle(kinds)
    runs = []
    for take, write, options in kinds:
        take(write(chance, tmp_path, "c.csv"), **options)
        runs.append(last_run())
    assert look() != before
    for run in reversed(runs):
        undo(run, owner)

    assert look() == before
    assert not ImportedRow.objects.filter(run__in=runs).exists()
    assert all("kept" not in run.undo_counts for run in runs)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_that_was_done_since_is_lost(seed, owner, tmp_path):
    chance = random.Random(100 + seed)
    take_customers(customer_file(chance, tmp_path, "a.csv"))
    take_orders(order_file(chance, tmp_path, "b.csv"), create_customers=True)
    take_customers(customer_file(chance, tmp_path, "c.csv"))
    first = last_run()
    take_orders(order_file(chance, tmp_path, "d.csv"), create_customers=True)
    second = last_run()

    people = chance.sample(list(Customer.objects.order_by("pk")), 8)
    for person in people[:4]:
        customers.update_customer(
            person, now=LATER, version=person.version, changes={"organisation": "Since"}
        )
    sold = [
        orders.record_order(
            now=LATER,
            customer=person,
            order_id=f"N{person.pk}",
            ordered_at=NOW,
            lines=[
                orders.OrderLineInput(
                    sku="S1", quantity=Decimal(2), unit_price=Decimal(3)
                )
            ],
        )[0]
        for person in people[4:6]
    ]
    for person in people[6:]:
        consent.withdraw(person, categories=[Category.SURVEY], how="staff", now=LATER)
    for run in (second, first):
        undo(run, owner)

    names = {person.external_id for person in people}
    left = Customer.objects.filter(external_id__in=names)
    assert set(left.values_list("external_id", flat=True)) == names
    for person in people[:4]:
        assert Customer.objects.get(pk=person.pk).organisation == "Since"
    for order in sold:
        found = Order.objects.get(pk=order.pk)
        assert (found.total, found.lines.count()) == (order.total, 1)
        assert found.customer.last_order_on == order.ordered_on
    for person in people[6:]:
        assert person.consents.filter(granted=False).exists()
    for order in Order.objects.all():
        assert order.total == sum(line.amount for line in order.lines.all())
        assert order.lines.exists()
    for person in Customer.objects.all():
        days = [
            o.ordered_on
            for o in person.orders.filter(nature="sale").exclude(state="cancelled")
        ]
        assert person.first_order_on == min(days, default=None)
        assert person.last_order_on == max(days, default=None)


def people(folder, *names, **columns):
    rows = "".join(f"{n},{n.title()}\n" for n in names)
    take_customers(file_of(folder, f"external_id,given_name\n{rows}"))
    return last_run()


def test_what_was_kept_is_named_with_its_reason(owner, tmp_path):
    run = people(tmp_path, "edited", "mailed", "planned", "untouched")
    found = {c.external_id: c for c in Customer.objects.all()}
    customers.update_customer(
        found["edited"], now=LATER, version=1, changes={"given_name": "By hand"}
    )
    MessageFactory(customer=found["mailed"], state=State.SENT.value, final_at=LATER)
    MessageFactory(customer=found["planned"], state=State.PLANNED.value)

    undo(run, owner)

    left = Customer.objects.values_list("external_id", flat=True)
    assert sorted(left) == ["edited", "mailed"]
    assert kept(run) == {
        ("customer", "edited"): "It was changed since.",
        ("customer", "mailed"): "There is more of them: Mails",
    }
    assert run.undo_counts == {"removed": 2, "kept": 2}
    assert Message.objects.count() == 1


def test_a_column_that_was_changed_since_stays_and_the_others_go_back(owner, tmp_path):
    take_customers(file_of(tmp_path, "external_id,given_name,company\nC1,Ann,Acme\n"))
    take_customers(file_of(tmp_path, "external_id,given_name,company\nC1,Bea,Bolt\n"))
    run = last_run()
    person = Customer.objects.get()
    customers.update_customer(
        person, now=LATER, version=person.version, changes={"organisation": "Own"}
    )

    undo(run, owner)

    person = Customer.objects.get()
    assert (person.given_name, person.organisation) == ("Ann", "Own")
    assert (person.greeting_name, person.sort_name) == ("Ann", "ann")
    assert person.search_text == "ann own c1"
    assert kept(run) == {("customer", "C1"): "It was changed since."}


def test_an_order_that_was_recorded_anew_since_stays_whole(owner, tmp_path):
    text = ORDER_HEADER + "O1,C1,2026-05-01,S1,1,2\nO2,C1,2026-05-02,S1,1,2\n"
    take_orders(file_of(tmp_path, text), create_customers=True)
    run = last_run()
    orders.record_order(
        now=LATER, customer=Customer.objects.get(), order_id="O2", ordered_at=NOW,
        lines=[bought(5, 2)],
    )  # fmt: skip

    undo(run, owner)

    order = Order.objects.get()
    assert (order.external_id, order.total) == ("O2", 10)
    assert kept(run) == {
        ("order", "O2"): "It was changed since.",
        ("customer", "C1"): "There is more of them: Orders",
        ("product", "S1"): "Something else names it.",
    }
    assert Customer.objects.get().first_order_on == order.ordered_on


def test_whose_order_days_alone_moved_is_not_noted_and_has_them_back(owner, tmp_path):
    take_customers(file_of(tmp_path, "external_id,customer_since\nC1,2020-01-01\n"))
    take_orders(file_of(tmp_path, ORDER_HEADER + "O1,C1,2026-05-01,S1,1,2\n"))
    before = look()
    take_orders(file_of(tmp_path, ORDER_HEADER + "O2,C1,2026-05-09,S1,1,2\n"))
    noted = ImportedRow.objects.filter(run=last_run())
    assert look() != before
    assert set(noted.values_list("what", flat=True)) == {"order"}

    undo(last_run(), owner)

    assert look() == before


def test_whom_two_slices_of_a_file_change_gets_back_what_was_before_both(
    owner, tmp_path, monkeypatch
):
    monkeypatch.setattr(parts, "PART_ROWS", 1)
    head = "external_id,given_name,company,tags,custom.size\n"
    take_customers(file_of(tmp_path, f"{head}C0,Ann,Acme,old,\nC5,,,,\n"))
    kept = Customer.objects.get(external_id="C0")
    Customer.objects.filter(external_id="C5").update(merged_into=kept)
    before = look()
    rows = "C0,Bea,Bolt,new,\nC5,,,late,XL\nC8,Dan,,new,\n"
    take_customers(file_of(tmp_path, head + rows))
    kept.refresh_from_db()
    assert (kept.organisation, kept.custom) == ("Bolt", {"size": "XL"})

    run = undo(last_run(), owner)

    assert look() == before
    assert run.undo_counts == {"restored": 1, "removed": 1}


def test_lines_that_an_import_took_away_come_back(owner, tmp_path):
    head = ORDER_HEADER.replace("\n", ",line_id\n")
    text = head + "O1,C1,2026-05-01,S1,1,2,a\nO1,C1,2026-05-01,S2,1,3,b\n"
    take_orders(file_of(tmp_path, text), create_customers=True)
    before, ids = look(), set(OrderLine.objects.values_list("pk", flat=True))
    take_orders(file_of(tmp_path, head + "O1,C1,2026-05-01,S3,1,9,a\n"))
    assert look() != before

    undo(last_run(), owner)

    assert look() == before
    assert set(OrderLine.objects.values_list("pk", flat=True)) == ids


def test_who_was_merged_since_is_named_and_nothing_is_given_back(owner, tmp_path):
    head = "external_id,given_name\n"
    take_customers(file_of(tmp_path, f"{head}C1,Ann\nC2,Bo\n"))
    take_customers(file_of(tmp_path, f"{head}C1,Bea\n"))
    kept_one = Customer.objects.get(external_id="C2")
    merged = Customer.objects.filter(external_id="C1")
    merged.update(merged_into=kept_one)

    run = undo(last_run(), owner)

    assert merged.get().given_name == "Bea"
    assert kept(run) == {("customer", "C1"): "It was changed since."}


@pytest.mark.parametrize("factory", [ReviewRequestFactory, InvitationFactory])
def test_an_order_that_something_else_names_stays(factory, owner, tmp_path):
    text = ORDER_HEADER + "O1,C1,2026-05-01,S1,1,2\nO2,C2,2026-05-02,S1,1,2\n"
    take_orders(file_of(tmp_path, text), create_customers=True)
    run = last_run()
    order = Order.objects.get(external_id="O1")
    factory(order=order, customer=order.customer)

    undo(run, owner)

    assert [each.external_id for each in Order.objects.all()] == ["O1"]
    assert kept(run)["order", "O1"] == "Something else names it."


def test_an_order_stays_where_goods_of_before_are_gone(owner, tmp_path):
    text = ORDER_HEADER + "O1,C1,2026-05-01,S1,1,2\n"
    take_orders(file_of(tmp_path, text), create_customers=True)
    take_orders(file_of(tmp_path, text.replace("S1,1,2", "S2,1,3")))
    Product.objects.filter(sku="S1").delete()

    run = undo(last_run(), owner)

    assert Order.objects.get().total == 3
    assert kept(run)["order", "O1"] == "It was changed since."


def test_what_an_undo_kept_that_was_cancelled_stays_and_is_named(
    owner, tmp_path, monkeypatch
):
    monkeypatch.setattr(undoing, "STEP_SECONDS", 0)
    run = people(tmp_path, "edited", "plain")
    edited = Customer.objects.get(external_id="edited")
    customers.update_customer(
        edited, now=LATER, version=1, changes={"given_name": "By hand"}
    )
    job = undoing.start(run, by=owner, now=LATER)
    while Customer.objects.count() == 2:
        jobs.work(now=LATER, seconds=0)
    jobs.cancel(job, now=LATER)
    jobs.work(now=LATER, seconds=0)
    run.refresh_from_db()
    assert run.undo_state == ""
    customers.update_customer(
        edited, now=LATER, version=2, changes={"given_name": "Edited"}
    )

    undo(run, owner)

    assert Customer.objects.get() == edited
    assert kept(run) == {("customer", "edited"): "It was changed since."}
    assert run.undo_counts == {"kept": 1}


def test_it_waits_for_an_import_of_the_same_source(owner, tmp_path):
    run = people(tmp_path, "a")
    job = undoing.start(run, by=owner, now=LATER)

    with only_one("orders", "main"):
        jobs.work(now=LATER, seconds=0)
        job.refresh_from_db()
        assert job.is_open
        assert Customer.objects.exists()
    while jobs.work(now=LATER, seconds=60).is_unfinished:
        pass

    assert not Customer.objects.exists()


def test_whom_a_mail_keeps_is_a_customer_since_nobody_knows_when(owner, tmp_path):
    text = ORDER_HEADER + "O1,C1,2026-05-01,S1,1,2\n"
    take_orders(file_of(tmp_path, text), create_customers=True)
    run, person = last_run(), Customer.objects.get()
    assert (person.since_from, str(person.since_on)) == ("first_order", "2026-05-01")
    MessageFactory(customer=person, state=State.SENT.value, final_at=LATER)

    undo(run, owner)

    person.refresh_from_db()
    assert (person.since_from, person.since_on) == ("entered", None)
    assert (person.first_order_on, person.last_order_on) == (None, None)


def test_twice_is_once_and_it_is_audited(owner, tmp_path):
    run = people(tmp_path, "a")
    undo(run, owner)

    with pytest.raises(ImportCannotBeUndone, match="was undone"):
        undoing.start(run, by=owner, now=LATER)

    entries = AuditEntry.objects.filter(subject=f"import:{run.pk}").order_by("id")
    assert [entry.action for entry in entries][-2:] == [
        "import.undo_asked", "import.undone",
    ]  # fmt: skip
    assert entries.last().actor_id == owner.pk


def test_it_can_be_undone_for_seven_days_and_by_those_who_may_import(owner, tmp_path):
    run = people(tmp_path, "a")
    agent = UserFactory(role="agent")
    until = NOW + timedelta(days=7)

    assert undoing.undo_until(run, now=LATER) == until
    assert undoing.why_not(run, now=LATER) == ""
    with pytest.raises(NotAllowed):
        undoing.start(run, by=agent, now=LATER)
    assert "seven days" in undoing.why_not(run, now=until)
    retention.purge(now=until + timedelta(hours=1))
    assert not ImportedRow.objects.exists()
    assert Customer.objects.exists()


def test_a_large_import_says_that_it_cannot_be_undone(owner, tmp_path, monkeypatch):
    monkeypatch.setattr("crm.services.imports.runs.MOST_UNDONE", 2)
    monkeypatch.setattr(undoing, "MOST_UNDONE", 2)

    run = people(tmp_path, "a", "b", "c")

    assert not ImportedRow.objects.exists()
    assert "200,000" in undoing.never_why("customers", 3)
    assert undoing.never_why("customers", 2) == ""
    assert "200,000" in undoing.why_not(run, now=LATER)


def test_a_tag_and_a_product_of_the_import_go_unless_others_use_them(owner, tmp_path):
    take_customers(file_of(tmp_path, "external_id,tags\nC1,mine;shared\n"))
    run = last_run()
    other = customers.create_customer(now=LATER, given_name="Other")
    other.tags.add(Tag.objects.get(name="shared"))

    undo(run, owner)

    assert [tag.name for tag in Tag.objects.all()] == ["shared"]
    assert Customer.objects.get() == other


def test_nothing_is_noted_outside_of_imports(owner):
    customers.create_customer(now=NOW, given_name="Ann")
    Product.objects.create(sku="S1")

    assert not ImportedRow.objects.exists()


def test_an_import_by_a_job_can_be_undone_as_well(owner, tmp_path):
    before = look()
    upload = uploads.take(
        ContentFile(customer_file(random.Random(1), tmp_path, "x").read_bytes()),
        name="x.csv", by=owner, now=NOW,
    )  # fmt: skip
    job = import_jobs.start(upload, kind="customers", options=Options(), dry_run=False,
                            by=owner, now=NOW)  # fmt: skip
    while jobs.work(now=NOW, seconds=60).is_unfinished:
        pass
    run = ImportRun.objects.get(job=job)
    assert run.created == 25

    undo(run, owner)

    assert look() == before


def take_history(path):
    import_history(path, Options(), now=NOW, progress=lambda done, total: None)


def test_old_contacts_go_but_for_those_that_somebody_worked_with(owner, tmp_path):
    take_customers(file_of(tmp_path, "external_id,name\nC1,Dana Levi\nC2,Bo\n"))
    dana, other = Customer.objects.order_by("external_id")
    typed = interactions.log_interaction(
        customer=dana, channel="note", body="Typed here", now=NOW
    )
    rows = "".join(f"C1,2024-03-{day:02},call,Day {day}\n" for day in range(5, 25))
    take_history(file_of(tmp_path, "customer_id,date,type,note\n" + rows))
    run = last_run()
    assert undoing.undo_until(run, now=LATER)
    edited, moved, named, *_ = Interaction.objects.filter(channel="call").order_by("pk")
    interactions.edit_interaction(edited, version=1, body="Better", now=LATER)
    Interaction.objects.filter(pk=moved.pk).update(customer=other)
    matter = Conversation.objects.create(opened_at=NOW, last_mail_at=NOW)
    ConversationContact.objects.create(interaction=named, conversation=matter)

    undo(run, owner)

    left = set(Interaction.objects.all())
    assert left == {typed, edited, moved, named}
    text = content(run.undo_kept).decode("utf-8-sig")
    assert {
        (r["id"], r["name"], r["why"]) for r in csv.DictReader(io.StringIO(text))
    } == {
        ("C1", "Call, Dana Levi, 5 March 2024", "It was changed since."),
        ("C2", "Call, Bo, 6 March 2024", "It was changed since."),
        ("C1", "Call, Dana Levi, 7 March 2024", "Something else names it."),
    }
    assert run.undo_counts == {"removed": 17, "kept": 3}
    gone = AuditEntry.objects.filter(action="interaction.import_undone")
    assert set(gone.values_list("customer_id", flat=True)) == {dana.pk}
    assert ConversationContact.objects.count() == 1


def test_only_what_can_be_taken_back_promises_it():
    stays = {name for name in KINDS if undoing.never_why(name, 1)}

    assert stays == {"opt_outs"}
