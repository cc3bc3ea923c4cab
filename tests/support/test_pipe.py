"""`manage.py receive_mail`: a mail from a pipe, and what a mail server is told."""

import io
import os
import subprocess
import sys
import threading

import pytest
from django.core.management import call_command
from django.db import connection

from support.models import Conversation, Mail, RawMail
from support.services import receiving
from tests.local.processes import ROOT
from tests.support.mails import plain

LARGE = 3 * 1024 * 1024


def piped(content, *words, monkeypatch):
    """Run the command in this process on a real pipe; exit code and what it says."""
    reading, writing = os.pipe()
    written = []

    def write():
        with os.fdopen(writing, "wb") as pipe:
            written.append(pipe.write(content))

    writer = threading.Thread(target=write)
    writer.start()
    said = io.StringIO()
    try:
        with open(reading, encoding="utf-8") as stdin:
            monkeypatch.setattr(sys, "stdin", stdin)
            call_command("receive_mail", *words, stdout=said, stderr=said)
            code = 0
    except SystemExit as end:
        code = end.code
    writer.join(10)
    assert written == [len(content)], "it did not read to the end"
    return code, said.getvalue()


@pytest.mark.django_db
def test_a_mail_is_kept_in_its_conversation(mailbox, dana, own_storage, monkeypatch):
    words = ("--mailbox", "HELP@kettle.example")

    for _ in range(2):
        code, said = piped(plain(), *words, monkeypatch=monkeypatch)

    assert (code, said.startswith("Taken: mail ")) == (0, True)
    assert Mail.objects.get().customer == dana
    assert Conversation.objects.get().mailbox == mailbox


@pytest.mark.django_db
@pytest.mark.parametrize("content", [b"", b"\r\n \n"])
def test_nothing_is_no_mail(own_storage, monkeypatch, content):
    code, said = piped(content, monkeypatch=monkeypatch)

    assert (code, "No mail came in" in said) == (65, True)
    assert not RawMail.objects.exists()


@pytest.mark.django_db
def test_a_mail_that_is_too_large_leaves_its_head_and_is_read_to_the_end(
    own_storage, monkeypatch
):
    monkeypatch.setattr(receiving, "MOST_BYTES", 1024 * 1024)

    code, _ = piped(plain() + b"x" * LARGE, monkeypatch=monkeypatch)

    raw = RawMail.objects.get()
    assert (code, raw.reason, raw.size < 100_000) == (0, "too_large", True)


@pytest.mark.django_db
def test_an_address_that_is_no_mailbox_is_refused_for_good(own_storage, monkeypatch):
    words = ("--mailbox", "nobody@kettle.example")

    code, said = piped(plain(), *words, monkeypatch=monkeypatch)

    assert (code, "There is no mailbox" in said) == (67, True)
    assert not RawMail.objects.exists()


@pytest.mark.django_db
def test_what_cannot_be_kept_now_comes_again(mailbox, own_storage, monkeypatch):
    def full(*_args, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("support.services.storage.save", full)
    code, said = piped(plain(), monkeypatch=monkeypatch)

    assert (code, "try again" in said) == (75, True)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_process_of_its_own_takes_it_and_says_when_the_database_is_away(
    mailbox, tmp_path
):
    mine = connection.settings_dict
    url = f"postgresql://{mine['USER']}@:{mine['PORT']}/{mine['NAME']}?host={mine['HOST']}"

    def run(url):
        return subprocess.run(
            [sys.executable, "manage.py", "receive_mail", "--mailbox", mailbox.address],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": url, "FILES_DIR": str(tmp_path)},
            input=plain(),
            capture_output=True,
            timeout=120,
            check=False,
        ).returncode

    assert run(url.replace(str(mine["PORT"]), "1")) == 75
    assert run(url) == 0
    assert Mail.objects.count() == 1
