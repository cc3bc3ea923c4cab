"""What is said of a sender counts where the mailbox's own server says it."""

import pytest
from django.test import Client

from crm.models import AuditEntry
from support.models import Mail
from support.rules.checks import Checked, agreed, checked, counting
from support.rules.choices import MailSource
from support.services import confirming
from tests.factories import UserFactory
from tests.pages import read
from tests.support.mails import plain
from tests.support.test_mailboxes import TYPED

OURS = b"Authentication-Results: mx.kettle.example; spf=fail; dkim=none\n"
THEIRS = b"Authentication-Results: mx.evil.example; spf=pass; dmarc=fail\n"
WARNING = "It may not be from this address"


@pytest.fixture
def page():
    client = Client()
    client.force_login(UserFactory(role="agent"))
    return client


def test_the_servers_name_is_read_with_its_comments_version_and_quotes():
    names = {
        "mx.example; spf=pass": "mx.example",
        '"MX.example" 1; none': "mx.example",
        "mx.example (dkim=pass; a) 1 ; dkim=fail": "mx.example",
        "spf=fail (sender IP is 203.0.113.9) smtp.mailfrom=a; dkim=none": "-",
        "": "-",
    }

    assert {header: checked(header).server for header in names} == names
    assert checked("mx.example; dkim=fail (dkim=pass)").results == {"dkim": "fail"}


def test_results_of_one_domain_count_and_of_these_the_topmost():
    headers = [
        Checked("spf.icloud.example", {"spf": "fail"}),
        Checked("mx.evil.example", {"dkim": "fail"}),
        Checked("dkim.icloud.example", {"dkim": "pass", "spf": "pass"}),
        Checked("evil-icloud.example", {"dmarc": "fail"}),
    ]

    assert counting(headers, "icloud.example") == {"spf": "fail", "dkim": "pass"}
    assert counting(headers, "mx.evil.example") == {"dkim": "fail"}
    nameless = [*headers, Checked("evil.", {"spf": "fail"})]
    assert counting(nameless, "") == {}


def test_ten_mails_of_three_domains_agree_and_fewer_do_not():
    seen = [("mx.example", f"a@{number % 3}.example") for number in range(10)]

    assert agreed(seen) == "mx.example"
    assert agreed(seen[:9]) == ""
    assert agreed([("mx.other", "a@0.example"), *seen]) == ""
    assert agreed([*seen, ("mx.other", "a@0.example")]) == "mx.example"
    assert agreed([("mx.example", "a@0.example")] * 10) == ""


@pytest.mark.django_db
def test_a_failed_check_of_the_own_server_is_shown_and_others_are_not(
    page, take, mailbox
):
    mailbox.auth_server = "kettle.example"
    mailbox.save()
    mails = [
        take(head + plain(message_id=f"<{n}@x>", sender=f"{n}@x.example"))
        for n, head in enumerate((OURS, THEIRS, THEIRS + OURS))
    ]

    assert [mail.auth for mail in mails] == [
        {"server": "mx.kettle.example", "spf": "fail", "dkim": "none"},
        {"server": "mx.evil.example"},
        {"server": "mx.evil.example", "spf": "fail", "dkim": "none"},
    ]
    said = [
        WARNING in read(page.get(f"/inbox/{mail.conversation_id}/")) for mail in mails
    ]
    assert said == [True, False, True]


@pytest.mark.django_db
def test_the_name_is_learnt_from_the_mail_that_a_mailbox_writes_to_itself(
    take, mailbox
):
    subject = f"Test [{confirming.signature_of(mailbox)}]"

    take(OURS + THEIRS + plain(subject=subject))

    mailbox.refresh_from_db()
    assert mailbox.auth_server == "mx.kettle.example"
    assert AuditEntry.objects.filter(action="mailbox.changed").count() == 1


@pytest.mark.django_db
def test_the_name_is_learnt_from_mails_that_agree_and_never_from_one_sender(
    take, mailbox
):
    def arrive(count, domains, head):
        for _ in range(count):
            number = Mail.objects.count()
            sender = f"a@{number % domains}.example"
            take(head + plain(sender=sender, message_id=f"<{number}@x>"))
        mailbox.refresh_from_db()

    arrive(11, 1, THEIRS)
    assert mailbox.auth_server == ""
    arrive(9, 4, OURS)
    # What is written in the contact form was checked by nobody.
    take(plain(sender="a@9.example", message_id="<form@x>"), source=MailSource.FORM)
    mailbox.refresh_from_db()
    assert mailbox.auth_server == ""
    arrive(1, 4, OURS)
    assert mailbox.auth_server == "mx.kettle.example"
    arrive(11, 4, THEIRS)
    assert mailbox.auth_server == "mx.kettle.example"


@pytest.mark.django_db
def test_staff_may_say_the_name_and_another_server_is_learnt_anew(mailbox):
    owner = Client()
    owner.force_login(UserFactory(role="owner"))
    owner.get("/settings/security/")
    url = f"/mailboxes/{mailbox.pk}/"

    def save(**typed):
        mailbox.refresh_from_db()
        typed = {**TYPED, "version": mailbox.version, **typed}
        status = owner.post(url, typed).status_code
        mailbox.refresh_from_db()
        return status, mailbox.auth_server

    assert save(auth_server="no name") == (422, "")
    assert save(auth_server="MX.kettle.example") == (303, "mx.kettle.example")
    assert save(auth_server="-") == (303, "-")
    assert 'value="-"' in owner.get(url).content.decode()
    assert save(auth_server="-", host="localhost") == (303, "")
