"""An import as a job: step by step, to the same rows as in one go."""

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from openpyxl import Workbook, load_workbook

from crm.access import Capability
from crm.errors import FileUnusable, NotAllowed
from crm.models import (
    AuditEntry,
    Customer,
    ImportRun,
    Job,
    Order,
    ProductRule,
    StoredFile,
)
from crm.rules.choices import ProductNature
from crm.rules.trade import CodePattern
from crm.services import jobs, personal_data
from crm.services.imports import file_steps, import_jobs, orders, parts, uploads
from crm.services.imports.running import Options
from tests.crm.exporting import content
from tests.crm.importing import (
    NOW,
    ORDER_HEADER,
    file_of,
    stored_lines,
    take_orders,
)
from tests.crm.test_personal_data import tables_that_hold
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db):
    return UserFactory(role="owner")


@pytest.fixture(autouse=True)
def small_steps(monkeypatch):
    """One part of 40 rows in each step."""
    monkeypatch.setattr(import_jobs, "STEP_SECONDS", 0)
    monkeypatch.setattr(import_jobs, "DRY_STEP_SECONDS", 0)
    monkeypatch.setattr(parts, "PART_ROWS", 40)


def upload(owner, text, name="shop.csv"):
    data = text if isinstance(text, bytes) else text.encode()
    return uploads.take(ContentFile(data), name=name, by=owner, now=NOW)


def begin(owner, text, kind="orders", *, dry_run=False, **options):
    return import_jobs.start(
        upload(owner, text),
        kind=kind,
        options=Options(**options),
        dry_run=dry_run,
        by=owner,
        now=NOW,
    )


def work(job):
    while jobs.work(now=NOW, seconds=60).is_unfinished:
        pass
    job.refresh_from_db()
    return job.import_run


def one_step():
    jobs.work(now=NOW, seconds=0)


def order_lines(count=400):
    """Orders of five lines, some bad, one order in two places, names that change."""
    lines = [
        f"O{n // 5:04},C{n // 5 % 37},2026-05-{n // 5 % 28 + 1:02},S{n % 50},"
        f"{0 if n % 11 == 0 else n % 4 + 1},{n % 90}.5,{'First' if n < 90 else 'Later'}"
        for n in range(count)
    ]
    head = ORDER_HEADER.replace("\n", ",product\n")
    return head + "\n".join(["O9999,,2026-05-01,S1,1,1,x", *lines, lines[6]]) + "\n"


def test_the_steps_of_a_job_make_the_rows_of_a_command(owner, tmp_path):
    text = order_lines()
    job = begin(owner, text, create_customers=True, source="job")

    one_step()
    job.refresh_from_db()
    assert (job.done, job.total, job.state) == (0, 402, "running")
    one_step()
    job.refresh_from_db()
    assert 0 < job.done < 402
    run = work(job)
    report = take_orders(
        file_of(tmp_path, text), create_customers=True, source="command"
    )

    assert (job.state, job.done, run.state) == ("done", 402, "done")
    lines = stored_lines()
    assert len(lines) > 300
    assert [row[1:] for row in lines if row[0] == "job"] == [
        row[1:] for row in lines if row[0] == "command"
    ]
    for name in "read accepted refused created updated unchanged".split():
        assert getattr(run, name) == getattr(report, name), name
    assert run.refused_by_reason == dict(report.refused_by_reason)
    assert run.notes == dict(report.notes)
    assert run.started_by == owner
    assert run.file.sha256 == run.file_sha256
    assert run.options["create_customers"] is True


@pytest.mark.parametrize("dry_run", [True, False])
def test_what_is_said_of_codes_is_kept_for_the_source_once_it_goes_in(dry_run, owner):
    rules = (CodePattern("S1", ProductNature.POSTAGE),)
    text = ORDER_HEADER + "O1,C1,2026-05-01,S1,1,2\n"

    work(begin(owner, text, dry_run=dry_run, create_customers=True, rules=rules))

    kept = [] if dry_run else [("main", "S1", "postage")]
    found = ProductRule.objects.values_list("source", "pattern", "nature")
    assert list(found) == kept


def workbook(rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def test_a_workbook_is_written_as_a_text_in_a_step_of_its_own(owner):
    people = [[f"C{n}", f"Ann {n}"] for n in range(100)]
    job = begin(owner, workbook([["external_id", "name"], *people]), "customers")

    one_step()
    job.refresh_from_db()
    assert (job.done, job.total, [*job.position]) == (0, None, ["text"])
    one_step()
    job.refresh_from_db()
    assert (job.done, job.total) == (0, 100)
    run = work(job)

    assert (run.state, run.created, run.refused) == ("done", 100, 0)
    assert run.file_sha256 == run.file.sha256
    assert run.file_name == "shop.csv"


@pytest.mark.parametrize("is_workbook", [True, False])
def test_a_file_that_takes_longer_than_a_step_is_refused_in_words(
    is_workbook, owner, monkeypatch
):
    monkeypatch.setattr(file_steps, "MOST_SECONDS", 0)
    people = [[f"C{n}", f"Ann {n}"] for n in range(100)]
    rows = [["external_id", "name"], *people]
    text = "".join(f"{pk},{name}\n" for pk, name in rows)
    job = begin(owner, workbook(rows) if is_workbook else text, "customers")

    run = work(job)

    cure = "Save its sheet as CSV" if is_workbook else "Divide it into several files"
    assert (job.state, run.state, job.failures) == ("failed", "failed", 1)
    assert cure in run.error
    assert "nothing was brought in" in run.error
    assert not Customer.objects.exists()


def test_a_row_that_stands_twice_is_refused_across_the_steps(owner):
    rows = "".join(f"C{n},Ann {n}\n" for n in range(100))

    run = work(begin(owner, f"external_id,name\n{rows}C3,Other\n", "customers"))

    assert run.refused_by_reason == {"twice_in_file": 1}
    assert Customer.objects.get(external_id="C3").given_name == "Ann"
    assert run.created == 100


def test_a_cancelled_import_keeps_what_is_in_and_says_so(owner):
    job = begin(owner, order_lines(), create_customers=True)
    for _ in range(3):
        one_step()
    job.refresh_from_db()
    jobs.cancel(job, now=NOW)

    run = work(job)

    assert (job.state, run.state) == ("cancelled", "cancelled")
    assert 0 < run.read < 402
    assert run.accepted == sum(o.lines.count() for o in Order.objects.all())
    assert run.rejects_csv is not None
    assert run.finished_at == NOW


def test_the_dry_run_counts_and_tells_the_problems_and_writes_nothing(owner):
    job = begin(owner, order_lines(), dry_run=True, create_customers=True)
    dry = work(job)

    assert Order.objects.count() == Customer.objects.count() == 0
    assert dry.is_dry_run
    assert dry.problems[0] == {
        "line": 2, "code": "customer_missing", "column": "customer_id", "cell": "",
        "is_left_out": False,
    }  # fmt: skip
    assert dry.problems[1] == {
        "line": 3, "code": "quantity_zero", "column": "quantity", "cell": "0",
        "is_left_out": False,
    }  # fmt: skip
    real = work(begin(owner, order_lines(), create_customers=True))
    for name in "read accepted created updated unchanged refused_by_reason".split():
        assert getattr(dry, name) == getattr(real, name), name


def test_a_dry_run_knows_the_addresses_of_earlier_parts(owner, monkeypatch):
    monkeypatch.setattr(import_jobs, "DRY_STEP_SECONDS", 30)
    rows = "".join(f"C{n},c{n % 60}@example.org\n" for n in range(100))
    text = f"external_id,email\n{rows}"

    dry = work(begin(owner, text, "customers", dry_run=True))
    real = work(begin(owner, text, "customers"))

    assert dry.notes == real.notes
    assert dry.notes["address_shared"] == 40


def test_no_more_than_a_hundred_problems_are_kept(owner):
    rows = "".join(f"C{n},not an address\n" for n in range(150))
    text = f"external_id,customer_since\n{rows}"

    run = work(begin(owner, text, "customers", dry_run=True, strict=True))

    assert run.refused == 150
    assert [each["line"] for each in run.problems] == list(range(2, 102))


def test_refused_rows_come_as_csv_and_excel_with_the_cells_as_they_were(owner):
    header = ["external_id", "name", "customer_since", "Our, remark"]
    bad = [["C1", "Ann", "soon", "=1+1"], ["C2", 'B "x"', "31.31.2020", "+49 1\n2"]]
    out = io.StringIO()
    csv.writer(out).writerows([header, *bad, ["C3", "Fine", "2020-01-01", ""]])

    run = work(begin(owner, out.getvalue(), "customers", strict=True))

    table = list(csv.reader(io.StringIO(content(run.rejects_csv).decode("utf-8-sig"),
                                        newline="")))  # fmt: skip
    assert table[0] == ["line", "reason", "why", *header]
    assert [row[:2] for row in table[1:]] == [
        ["2", "customer_since_date_invalid"], ["3", "customer_since_date_invalid"],
    ]  # fmt: skip
    assert [[cell.removeprefix("'") for cell in row[3:]] for row in table[1:]] == bad
    sheet = load_workbook(io.BytesIO(content(run.rejects_xlsx))).active
    book = [["" if c is None else c for c in row] for row in sheet.values]
    assert book[0] == table[0]
    assert [row[3:] for row in book[1:]] == bad
    assert run.rejects_csv.capability == Capability.IMPORT_DATA

    mended = content(run.rejects_csv).decode().replace("soon", "2019-02-03").replace(
        "31.31.2020", "2019-02-04"
    )  # fmt: skip
    again = work(begin(owner, mended, "customers", strict=True))
    assert (again.created, again.refused) == (2, 0)
    assert Customer.objects.get(external_id="C2").given_name == "B"


def test_a_step_that_is_done_again_leaves_no_refused_row_twice(owner, monkeypatch):
    job = begin(owner, order_lines(), create_customers=True)
    one_step()
    one_step()
    keep = jobs._keep

    def break_off(*args):
        monkeypatch.setattr(jobs, "_keep", keep)
        raise RuntimeError("killed before its commit")

    monkeypatch.setattr(jobs, "_keep", break_off)
    one_step()
    run = work(job)

    lines = content(run.rejects_csv).decode("utf-8-sig").splitlines()[1:]
    numbers = [int(line.partition(",")[0]) for line in lines]
    assert len(numbers) == len(set(numbers)) == run.refused
    assert run.read == 402


def test_an_unusable_file_ends_the_job_with_its_reason_in_words(owner):
    job = begin(owner, "order_id,sku\nO1,S1\n")

    run = work(job)

    assert (job.state, job.error) == ("failed", "file_unusable")
    assert run.state == "failed"
    assert run.error.startswith("Required columns are missing")


def test_imports_of_one_source_go_in_one_after_the_other(owner):
    first = begin(owner, order_lines(100), create_customers=True)
    second = begin(owner, order_lines(50), create_customers=True)
    moments = (NOW + timedelta(seconds=n) for n in range(1, 100))

    while ImportRun.objects.filter(state="running").exists():
        jobs.work(now=next(moments), seconds=0)
        second.refresh_from_db()
        first.refresh_from_db()
        assert first.state == "done" or second.done == 0

    assert (first.state, second.state) == ("done", "done")


def test_a_command_leaves_the_run_of_a_waiting_job_alone(owner, tmp_path):
    job = begin(owner, order_lines(100), create_customers=True)

    take_orders(file_of(tmp_path, order_lines(50)), create_customers=True)

    assert work(job).state == "done"


def test_a_stored_file_that_somebody_may_not_see_cannot_be_imported_by_them(owner):
    """An export of the team, asked for by its number."""
    manager = UserFactory(role="manager")
    stored = upload(owner, "external_id\nC1\n")
    stored.capability = Capability.MANAGE_TEAM.value
    stored.save()

    with pytest.raises(NotAllowed):
        import_jobs.start(
            stored, kind="customers", options=Options(), dry_run=False, by=manager,
            now=NOW,
        )  # fmt: skip

    assert not Job.objects.exists()


def test_who_may_import_and_what_is_audited(owner):
    agent = UserFactory(role="agent")
    with pytest.raises(NotAllowed):
        upload(agent, "a,b\n")
    with pytest.raises(NotAllowed):
        import_jobs.start(
            upload(owner, "external_id\n1\n"),
            kind="customers",
            options=Options(),
            dry_run=False,
            by=agent,
            now=NOW,
        )
    assert not Job.objects.exists()
    run = work(begin(owner, "external_id\n1\n", "customers"))

    entries = AuditEntry.objects.filter(subject=f"import:{run.pk}").order_by("id")
    assert [entry.action for entry in entries] == ["import.started", "import.done"]
    assert entries[1].actor_id == owner.pk


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"%PDF-1.7", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
        (b"Rar!\x1a\x07", "RAR"),
    ],
)
def test_what_is_no_table_is_refused_in_words(owner, data, words):
    with pytest.raises(FileUnusable, match=words):
        upload(owner, data)

    assert not StoredFile.objects.exists()


def test_an_upload_of_more_than_the_most_is_refused(owner, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_BYTES", 1024 * 1024)

    with pytest.raises(FileUnusable, match="more than 1 MB"):
        upload(owner, b"a,b\n" * 300_000)

    assert not StoredFile.objects.exists()


def test_options_go_through_json_unchanged():
    options = Options(
        source="shop",
        mapping={"email": "E-mail"},
        time_zone="Europe/Berlin",
        create_customers=True,
        rules=(CodePattern("POST", ProductNature.POSTAGE),),
    )

    assert Options.from_json(options.as_json()) == options
    unknown = options.as_json() | {"of_a_later_version": 1}
    assert Options.from_json(unknown) == replace(options, rejects=None)


def test_slices_within_a_part_are_loaded_one_by_one(owner, monkeypatch):
    monkeypatch.setattr(orders, "SLICE_LINES", 15)

    run = work(begin(owner, order_lines(), create_customers=True))

    assert run.state == "done"
    assert run.read == 402


def test_an_erasure_leaves_nothing_of_any_file(owner):
    text = "external_id,name,customer_since\nC1,Zanzibar,\nC2,Zanzibar,soon\n"
    done = work(begin(owner, text, "customers", strict=True))
    under_way = begin(owner, text, "customers", source="other")
    one_step()
    assert done.problems
    assert done.rejects_csv

    personal_data.erase(Customer.objects.get(), now=NOW)

    assert not StoredFile.objects.exists()
    assert tables_that_hold("zanzibar") == {}
    run = work(under_way)
    assert (run.state, run.read) == ("cancelled", 0)
