"""What a provider says of a sender, each in its own way, is shown with the mail."""

import json

import pytest
from django.test import Client

from support.models import Mail
from support.rules.choices import MailSource
from support.rules.provider_checks import of_provider
from support.services import receiving
from tests.factories import NOW, UserFactory
from tests.pages import read
from tests.support.mails import plain
from tests.support.test_webhooks import came_in, post, postmark

FORGED = b"Authentication-Results: mx.evil.example; spf=pass; dmarc=pass\n"


def headers(**found):
    return lambda name: found.get(name.replace("-", "_"), [])


@pytest.mark.parametrize(
    ("provider", "posted", "there", "found"),
    [
        ("Amazon SES",
         {"receipt": {"spfVerdict": {"status": "FAIL"}, "dkimVerdict": {
             "status": "GRAY"}, "dmarcVerdict": {"status": "PASS"}}},
         {}, {"spf": "fail", "dkim": "none", "dmarc": "pass"}),
        ("Amazon SES", {"receipt": {"spfVerdict": "odd"}}, {}, {}),
        ("SendGrid", {"SPF": "softfail", "dkim": "{@a.example : fail}"},
         {}, {"spf": "softfail", "dkim": "fail"}),
        ("SendGrid", {"dkim": "{@a.example : fail, @b.example : pass}"},
         {}, {"dkim": "pass"}),
        ("SendGrid", {"SPF": "", "dkim": "none"}, {}, {}),
        ("Mandrill", {"msg": {"spf": {"result": "pass"}, "dkim": {
            "signed": True, "valid": False}}}, {}, {"spf": "pass", "dkim": "fail"}),
        ("Mandrill", {"msg": {"dkim": {"signed": False, "valid": False}}}, {}, {}),
        ("Mailgun", {}, {"X_Mailgun_Spf": ["Fail", "Pass"],
                         "X_Mailgun_Dkim_Check_Result": ["Pass"]},
         {"spf": "fail", "dkim": "pass"}),
        ("Postmark", {}, {"Received_SPF": ["Fail (no)", "Pass (yes)"]},
         {"spf": "fail"}),
        ("Postal", {"SPF": "fail"}, {"Received_SPF": ["Fail"]}, {}),
        ("Mandrill", None, {}, {}),
    ],
)  # fmt: skip
def test_each_provider_is_read_in_its_own_way(provider, posted, there, found):
    assert of_provider(provider, posted, headers(**there)) == found


@pytest.fixture
def page(db):
    client = Client()
    client.force_login(UserFactory(role="agent"))
    return client


@pytest.mark.usefixtures("mailbox", "own_storage")
def test_what_was_posted_is_shown_and_what_the_sender_wrote_is_not(page, dana):
    seen = b"Received-SPF: fail (x)\nX-Spam-Status: Yes\n"
    postmark("inbound", came_in(seen + FORGED + plain()))
    form = {"email": plain(message_id="<2@example.org>").decode(), "SPF": "fail"}
    envelope = {"to": ["help@kettle.example"], "from": "dana@example.org"}
    post("sendgrid/inbound/", form | {"envelope": json.dumps(envelope)})

    first, second = Mail.objects.order_by("pk")

    assert first.auth == {"server": "mx.evil.example", "spf": "fail", "spam": "yes"}
    assert second.auth == {"spf": "fail"}
    html = read(page.get(first.conversation.get_absolute_url()))
    assert "It may not be from this address" in html
    assert "holds it for spam" in html


@pytest.mark.usefixtures("own_storage")
@pytest.mark.parametrize("head", ["Delivered-To", "To"])
def test_a_pipe_that_names_no_mailbox_finds_it_and_who_checks(mailbox, dana, head):
    mailbox.auth_server = "mx.kettle.example"
    mailbox.save()
    ours = b"Authentication-Results: mx.kettle.example; dkim=fail\n"
    to = f"{head}: HELP@kettle.example\n".encode()
    mail = ours + FORGED + to + plain(to="list@other.example")

    raw = receiving.receive(mail, source=MailSource.PIPE, now=NOW)

    raw.refresh_from_db()
    assert raw.mailbox == mailbox
    kept = Mail.objects.get()
    assert kept.auth == {"server": "mx.kettle.example", "dkim": "fail"}
    assert kept.conversation.mailbox == mailbox
