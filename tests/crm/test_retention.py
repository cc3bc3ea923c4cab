"""How long each kind of data is kept: every setting deletes what is older, and no more.

The clock of the database does not travel along, so old is old by the real clock.
"""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from crm import kept_data
from crm.models import (
    ApiAnswer,
    ApiToken,
    AttemptCounter,
    AuditEntry,
    BulkRow,
    BulkRun,
    Business,
    CustomerMerge,
    ImportedRow,
    ImportRun,
    Job,
    Segment,
    SegmentEvent,
    StoredFile,
)
from crm.services import audit, files, log_files, retention, sign_in_records
from crm.services.business import KEEP_DAYS
from crm.services.imports import undoing
from crm.services.journal import files as journal_files
from messaging.models import Body, Link, MailPicture
from messaging.services import pictures
from support.models import Conversation, ConversationChange, Draft, Mail, Notice
from surveys.models import AskRequest, Press
from surveys.services import presses, requests
from tests.factories import (
    CustomerFactory,
    InvitationFactory,
    MessageFactory,
    SurveyFactory,
    UserFactory,
)
from tests.messaging.pictures import chunk, png
from tests.pages import read

pytestmark = pytest.mark.django_db

PAGE = "/settings/retention/"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.LOG_FOLDER = tmp_path / "log"
    settings.LOG_FOLDER.mkdir()
    settings.JOURNAL_FOLDER = tmp_path / "journal"
    return settings


def body(at):
    Body.objects.create(
        message=MessageFactory(), subject="x", text="x", html="x", stored_at=at
    )


def file(at):
    StoredFile.objects.create(
        key=f"files/{at.isoformat()}", name="x.csv", content_type="text/csv", size=1,
        sha256="0" * 64, capability="export_data", created_at=at,
        kept_until=timezone.now() + 999 * DAY,
    )  # fmt: skip


def job(at):
    Job.objects.create(kind="x", state="done", created_at=at, finished_at=at)


def sign_in(at):
    audit.record("user.signed_in", "user:1", now=at)


def log(at):
    (log_files.settings.LOG_FOLDER / f"web.{at:%Y-%m-%d}.log").write_text("x")


def journal_line(at):
    journal_files.append("test", [{"id": 1}], now=at)


def mail(at):
    conversation = Conversation.objects.create(opened_at=at, last_mail_at=at)
    Mail.objects.create(
        conversation=conversation, direction="in", at=at, stored_at=at,
        fingerprint=sha256(at.isoformat().encode()).hexdigest(),
    )  # fmt: skip


# One of each kind, made at a moment.
MAKE = {
    "conversation_keep_days": mail,
    "body_keep_days": body,
    "file_keep_days": file,
    "job_keep_days": job,
    "sign_in_keep_days": sign_in,
    "log_keep_days": log,
    "journal_keep_days": journal_line,
}


def kind_of(setting):
    (kind,) = (one for one in kept_data.all_settable() if one.setting == setting)
    return kind


def test_every_setting_has_its_limits_and_is_tried_here():
    settings = {kind.setting for kind in kept_data.all_settable()}

    assert settings == set(MAKE) == set(KEEP_DAYS)


@pytest.mark.parametrize("setting", MAKE)
def test_what_is_older_goes_and_what_is_younger_stays(setting):
    now, days = timezone.now(), 100
    Business.objects.update(**{setting: days})
    kind = kind_of(setting)
    # The journal goes by months.
    for age in (days + 32, days - 32, 0):
        MAKE[setting](now - age * DAY)
    everything = kind.count(now + 32 * DAY)

    retention.purge(now=now)

    assert kind.count(now - days * DAY) == 0
    assert kind.count(now + 32 * DAY) == everything - 1


def session(at):
    Session.objects.create(session_key=str(at), session_data="x", expire_date=at)


def attempt(at):
    AttemptCounter.objects.create(key=str(at), count=1, started_at=at - DAY)


def answer(at):
    token, _ = ApiToken.objects.get_or_create(
        name="till", prefix="p", token_hash=b"x", defaults={"created_at": at}
    )
    ApiAnswer.objects.create(
        token=token, key=str(at), request_hash=b"h", status=201, body="{}",
        created_at=at - DAY,
    )  # fmt: skip


def import_run(at, **changes):
    return ImportRun.objects.create(
        kind="customers", source="main", file_name="x.csv", started_at=at, state="done",
        finished_at=at, **changes,
    )  # fmt: skip


def replaced_row(at):
    run = import_run(at - undoing.KEPT_FOR, is_noted=True)
    ImportedRow.objects.create(run=run, what="customer", row_id=1)


def merge(at):
    CustomerMerge.objects.create(
        kept=CustomerFactory(), dropped=CustomerFactory(), merged_at=at - 30 * DAY
    )


def bulk_row(at):
    run = BulkRun.objects.create(
        action="tag", created_at=at, finished_at=at - timedelta(days=7)
    )
    BulkRow.objects.create(run=run, customer_id=1)


def conversation_change(at):
    ConversationChange.objects.create(action="tag", at=at - timedelta(days=30), rows={})


def notice(at):
    Notice.objects.create(
        user=UserFactory(), event="mention", way="browser", at=at - timedelta(days=30),
        conversation=Conversation.objects.create(opened_at=at, last_mail_at=at),
    )  # fmt: skip


def segment_move(at):
    SegmentEvent.objects.create(
        segment=Segment.objects.get(shipped="new"),
        customer=CustomerFactory(),
        move="left",
        at=at - timedelta(days=730),
    )


def cells(at):
    import_run(at - 14 * DAY, samples=["Dana"])


def set_aside(at):
    name = f"{kept_aside().name}.before-{at - 14 * DAY:%Y%m%d-%H%M%S}"
    folder = kept_aside().parent / name
    folder.mkdir(parents=True)
    (folder / "list.csv").write_text("Dana")


def kept_aside():
    return django_settings.FILES_DIR


def link(at):
    Link.objects.create(
        token_hash=str(at).encode(), purpose="survey", customer=CustomerFactory(),
        subject_id=1, expires_at=at - 30 * DAY,
    )  # fmt: skip


def draft(at):
    begun = at - 90 * DAY
    Draft.objects.create(author=UserFactory(), begun_at=begun, changed_at=begun)


def lost_file(at):
    folder = Path(files.storage().path(f"{files.FOLDER}/2026-01"))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / uuid4().hex
    path.write_text("Dana")
    os.utime(path, ((at - DAY).timestamp(),) * 2)


def press_in_mail(at):
    Press.objects.create(
        invitation=InvitationFactory(),
        pressed_at=at - presses.KEPT,
        score=3,
    )


def ask_request(at):
    AskRequest.objects.create(
        survey=SurveyFactory(),
        customer=CustomerFactory(),
        key="1",
        requested_at=at - requests.KEPT,
    )


def lost_picture(at):
    content = png(more=chunk(b"tRNS", uuid4().bytes[:2]))
    pictures.put_up(content, by=None, now=at - DAY)


FIXED = {
    "sessions": (session, Session.objects.count),
    "attempts": (attempt, AttemptCounter.objects.count),
    "answers": (answer, ApiAnswer.objects.count),
    "links": (link, Link.objects.count),
    "pictures of mails": (lost_picture, MailPicture.objects.count),
    "drafts": (draft, Draft.objects.count),
    "imported rows": (replaced_row, ImportedRow.objects.count),
    "bulk rows": (bulk_row, BulkRow.objects.count),
    "changes of conversations": (
        conversation_change,
        ConversationChange.objects.count,
    ),
    "notices of conversations": (notice, Notice.objects.count),
    "moves of segments": (segment_move, SegmentEvent.objects.count),
    "merges": (merge, CustomerMerge.objects.count),
    "cells of imports": (cells, ImportRun.objects.exclude(samples=[]).count),
    "files set aside": (
        set_aside,
        lambda: len(list(kept_aside().parent.glob("*.before-*"))),
    ),
    "presses in mails": (press_in_mail, Press.objects.count),
    "requests to ask": (ask_request, AskRequest.objects.count),
    "unfinished files": (
        lost_file,
        lambda: len(list(Path(files.storage().path(files.FOLDER)).glob("2026-01/*"))),
    ),
}


def test_whatever_has_a_time_of_its_own_is_tried_here():
    # Of raw mails: tests/support/test_forgetting.py.
    names = {kind.name for kind in kept_data.all_fixed()}
    assert names == set(FIXED) | {"raw mails"}


@pytest.mark.parametrize("name", FIXED)
def test_what_is_over_goes_after_a_time_of_its_own(name, folders, tmp_path):
    folders.FILES_DIR = tmp_path / "files"
    options = folders.PRIVATE_STORAGE["OPTIONS"] | {"location": folders.FILES_DIR}
    private = folders.PRIVATE_STORAGE | {"OPTIONS": options}
    folders.STORAGES = folders.STORAGES | {"private": private}
    now = timezone.now()
    make, count = FIXED[name]
    make(now - timedelta(minutes=1))
    make(now + timedelta(minutes=1))

    retention.purge(now=now)

    assert count() == 1


@pytest.mark.parametrize("setting", MAKE)
def test_the_limits_hold_in_the_database_too(setting):
    low, high = KEEP_DAYS[setting]

    for days in (low, high):
        Business.objects.update(**{setting: days})
    for days in (low - 1, high + 1):
        with pytest.raises(IntegrityError, match="_keep_days"), transaction.atomic():
            Business.objects.update(**{setting: days})


def test_a_kind_that_cannot_be_deleted_keeps_no_other_from_going(monkeypatch, caplog):
    def refuse(before):
        raise OSError("no disk")

    now, name = timezone.now(), "body_keep_days"
    job(now - 400 * DAY)
    monkeypatch.setitem(
        kept_data._settable, name, replace(kind_of(name), delete=refuse)
    )

    retention.purge(now=now)

    assert not Job.objects.exists()
    assert "is not deleted: body_keep_days" in caplog.text


# --- Records of signing in -----------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "days", "goes"),
    [
        *((action, 366, True) for action in sign_in_records.ACTIONS),
        *((action, 364, False) for action in sign_in_records.ACTIONS),
        ("customer.erased", 9999, False),
        ("user.role_changed", 9999, False),
    ],
)
def test_the_audit_lets_old_records_of_signing_in_go_and_nothing_else(
    action, days, goes
):
    audit.record(action, "user:1", now=timezone.now() - days * DAY)
    rows = AuditEntry.objects.filter(action=action)

    if goes:
        rows.delete()
    else:
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            rows.delete()

    assert rows.exists() != goes


def test_nobody_makes_a_young_record_of_signing_in_old():
    sign_in(timezone.now())

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AuditEntry.objects.update(at=timezone.now() - 999 * DAY)


def test_a_clock_of_ours_that_is_ahead_deletes_nothing_young():
    sign_in(timezone.now())

    assert sign_in_records.delete(timezone.now() + 999 * DAY) == 0


# --- Logs and journal ----------------------------------------------------------------

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_a_log_is_set_aside_once_a_day_and_its_writer_goes_on(folders):
    web = folders.LOG_FOLDER / "web.log"
    with web.open("ab", buffering=0) as writer:
        writer.write(b"before\n")
        log_files.begin_day(now=NOON)
        writer.write(b"after\n")
        log_files.begin_day(now=NOON + timedelta(hours=1))

    assert (folders.LOG_FOLDER / "web.2026-11-21.log").read_bytes() == b"before\n"
    assert web.read_bytes() == b"after\n"
    assert len(list(folders.LOG_FOLDER.iterdir())) == 2


def test_the_next_day_another_file_begins(folders):
    (folders.LOG_FOLDER / "web.log").write_text("first\n")
    log_files.begin_day(now=NOON)
    (folders.LOG_FOLDER / "web.log").write_text("second\n")
    log_files.begin_day(now=NOON + DAY)

    names = sorted(path.name for path in folders.LOG_FOLDER.iterdir())
    assert names == ["web.2026-11-21.log", "web.2026-11-22.log", "web.log"]


def test_where_the_machine_keeps_the_logs_there_is_nothing_to_do(folders):
    folders.LOG_FOLDER = None

    log_files.begin_day(now=NOON)

    assert log_files.count(NOON) == log_files.delete(NOON) == 0


def test_the_journal_goes_on_counting_after_months_went(folders):
    for month in (1, 2, 3):
        journal_line(NOON.replace(year=2025, month=month))

    gone = journal_files.delete_older(NOON)

    assert gone == 2
    assert [path.name for path in folders.JOURNAL_FOLDER.glob("*.jsonl")] == [
        "2025-03.jsonl"
    ]
    journal_line(NOON)
    assert journal_files.last().number == 4


# --- The page ------------------------------------------------------------------------


@pytest.fixture
def owner():
    browser = Client()
    browser.force_login(UserFactory(role="owner"))
    return browser


def form(**changes):
    names = [*KEEP_DAYS, "version"]
    return {**Business.objects.values(*names).get(), "sure": "", **changes}


def test_the_page_says_what_each_kind_holds_and_how_much_there_is(owner):
    body(timezone.now())

    page = read(
        owner.get(PAGE), "How long data is kept", "Number of texts of mails now: 1."
    )

    for kind in kept_data.all_settable():
        assert str(kind.label) in page
        assert str(kind.holds) in page
        assert f'name="{kind.setting}"' in page
    for fixed in kept_data.all_fixed():
        assert str(fixed.how_long) in page


def test_a_longer_time_is_saved_at_once_and_audited(owner):
    answer = owner.post(PAGE, form(body_keep_days=120))

    assert answer.status_code == 303
    assert Business.objects.get().body_keep_days == 120
    assert AuditEntry.objects.get(action="business.changed").fields == [
        "body_keep_days"
    ]


def test_a_shorter_time_asks_first_and_says_how_much_it_deletes(owner):
    for days in (5, 50, 95):
        body(timezone.now() - days * DAY)
    asked = owner.post(PAGE, form(body_keep_days=30))

    read(asked, "Nothing is saved yet", "1 texts of mails", status=422)
    assert Business.objects.get().body_keep_days == 90

    sure = asked.context["form"]["sure"].value()
    saved = owner.post(PAGE, form(body_keep_days=30, sure=sure))

    assert saved.status_code == 303
    assert Business.objects.get().body_keep_days == 30
    assert Body.objects.count() == 3
    retention.purge(now=timezone.now())
    assert Body.objects.count() == 1


def test_a_yes_to_one_time_is_no_yes_to_a_shorter_one(owner):
    body(timezone.now() - 50 * DAY)
    asked = owner.post(PAGE, form(body_keep_days=30))
    sure = asked.context["form"]["sure"].value()

    again = owner.post(PAGE, form(body_keep_days=1, sure=sure))

    read(again, "Nothing is saved yet", status=422)
    assert Business.objects.get().body_keep_days == 90


def test_a_shorter_time_of_which_nothing_goes_asks_nothing(owner):
    body(timezone.now() - 5 * DAY)

    assert owner.post(PAGE, form(body_keep_days=30)).status_code == 303


def test_a_number_out_of_its_limits_is_said_beside_its_field(owner):
    answer = owner.post(PAGE, form(journal_keep_days=3))

    read(answer, "Enter a whole number from 35 to 3650", status=422)
    assert Business.objects.get().journal_keep_days == 400


def test_somebody_elses_change_is_not_overwritten_without_a_word(owner):
    mine = form(body_keep_days=120)
    owner.post(PAGE, form(log_keep_days=60))

    answer = owner.post(PAGE, mine)

    read(answer, "Somebody else changed this in the meantime", status=422)
    assert Business.objects.get().body_keep_days == 90
