"""Mailboxes of providers that want consent (OAuth 2): asked, renewed, taken back."""

import time
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.db import connection
from django.test import Client
from django.utils import timezone

from crm.models import AuditEntry
from messaging.errors import NoToken
from messaging.models import Circuit, MailGrant
from messaging.services import oauth
from messaging.services.delivery import deliver
from support.models import Mail, Mailbox
from support.services import confirming, fetching
from tests.factories import UserFactory
from tests.oauth_server import OAuthServer
from tests.pages import read
from tests.smtp_sink import running_sink
from tests.support.dovecot import Dovecot, needs_dovecot
from tests.support.mails import plain

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1, minutes=1)


@pytest.fixture
def provider():
    server = OAuthServer()
    yield server
    server.stop()


@pytest.fixture
def owner():
    client = Client()
    client.force_login(UserFactory(role="owner"))
    client.get("/settings/security/")
    return client


def typed(provider, **more):
    return {
        **{"name": "Help", "address": "help@kettle.example", "host": "127.0.0.1"},
        **{"port": "1", "security": "none", "user": "help", "password": ""},
        **{"language": "", "assignee": "", "new_on": "2026-01-01", "is_on": "on"},
        **{"sent_folder": "", "sign_in": "own", "client_id": provider.client},
        "client_secret": provider.secret,
        "authorize_url": f"{provider.url}/authorize",
        "token_url": f"{provider.url}/token",
        "scope": "mail",
        **more,
    }


def consent(owner, provider, **more):
    """A mailbox whose owner went to the provider and came back."""
    page = owner.post("/mailboxes/new/", typed(provider, **more), follow=True)
    back = requests.get(page.context["url"], allow_redirects=False, timeout=10).headers[
        "Location"
    ]
    seen = owner.get(back.removeprefix("http://testserver"), follow=True)
    return Mailbox.objects.get(), seen


def test_consent_is_asked_for_and_kept_encrypted(owner, provider):
    mailbox, seen = consent(owner, provider)

    assert "The provider has given consent." in read(seen)
    grant = mailbox.grant
    assert grant.granted_at is not None
    assert oauth.access_token(grant, now=timezone.now()) in provider.access
    assert provider.seen["/token"] == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM messaging_mailgrant t")
        stored = str(cursor.fetchall())
    secrets = {provider.secret, *provider.access, *provider.refresh}
    html = read(owner.get(f"/mailboxes/{mailbox.pk}/")) + read(
        owner.get(f"/admin/messaging/mailgrant/{grant.pk}/change/")
    )
    entries = str([vars(one) for one in AuditEntry.objects.all()])
    assert not [one for one in secrets if one in stored + html + entries]


def test_the_provider_is_told_a_challenge_and_state_that_nobody_can_guess(
    owner, provider
):
    page = owner.post("/mailboxes/new/", typed(provider), follow=True)
    asked = parse_qs(urlsplit(page.context["url"]).query)

    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["state"][0]) >= 40
    assert asked["redirect_uri"] == ["http://testserver/mailboxes/consent/"]
    assert asked["login_hint"] == ["help"]
    assert asked["code_challenge"][0] not in str(dict(owner.session))
    assert asked["redirect_uri"][0] in read(page)


@pytest.mark.parametrize("state", ["", "wrong", None])
def test_an_answer_that_was_not_asked_for_changes_nothing(owner, provider, state):
    page = owner.post("/mailboxes/new/", typed(provider), follow=True)
    right = parse_qs(urlsplit(page.context["url"]).query)["state"][0]
    other = Client()
    other.force_login(UserFactory(role="owner"))
    browser, sent = (other, right) if state is None else (owner, state)

    seen = browser.get(f"/mailboxes/consent/?code=x&state={sent}", follow=True)

    assert "does not belong to what you asked for last" in read(seen)
    assert provider.seen["/token"] == 0
    assert not MailGrant.objects.exclude(granted_at=None).exists()


def test_an_answer_serves_once_and_a_refusal_is_said(owner, provider):
    page = owner.post("/mailboxes/new/", typed(provider), follow=True)
    state = parse_qs(urlsplit(page.context["url"]).query)["state"][0]
    answer = f"/mailboxes/consent/?error=access_denied&state={state}"

    assert "The provider gave no consent." in read(owner.get(answer, follow=True))
    assert MailGrant.objects.get().granted_at is None
    again = owner.get(f"/mailboxes/consent/?code=x&state={state}", follow=True)
    assert "does not belong" in read(again)


def test_a_token_is_renewed_before_it_ends_and_the_new_refresh_token_is_kept(
    owner, provider
):
    grant, now = consent(owner, provider)[0].grant, timezone.now()
    first = oauth.access_token(grant, now=now)
    assert oauth.access_token(grant, now=now) == first

    second = oauth.access_token(grant, now=now + HOUR)
    third = oauth.access_token(grant, now=now + 2 * HOUR)

    assert len({first, second, third}) == 3
    assert provider.seen["/token"] == 3


@pytest.mark.parametrize(
    ("instead", "code", "is_noted"),
    [
        ((400, {"error": "invalid_grant"}), "consent_over", True),
        ((401, {"error": "invalid_client"}), "client_refused", True),
        ((503, {}), "provider_unreachable", False),
        ((200, b"<html>"), "provider_unreachable", False),
        ((302, {}), "client_refused", True),
    ],
)
def test_why_there_is_no_token_is_known_by_name(
    owner, provider, instead, code, is_noted
):
    grant = consent(owner, provider)[0].grant
    provider.instead = instead

    with pytest.raises(NoToken) as error:
        oauth.access_token(grant, now=timezone.now() + HOUR)

    grant.refresh_from_db()
    assert error.value.code == code
    assert grant.error_code == (code if is_noted else "")


def test_a_consent_that_is_over_is_not_asked_again_until_it_is_given_anew(
    owner, provider
):
    mailbox, _ = consent(owner, provider)
    provider.revoke()
    for hours in (1, 2, 3):
        with pytest.raises(NoToken):
            oauth.access_token(mailbox.grant, now=timezone.now() + hours * HOUR)
    assert provider.seen["/token"] == 2

    page = owner.get(f"/mailboxes/{mailbox.pk}/consent/")
    back = requests.get(page.context["url"], allow_redirects=False, timeout=10)
    owner.get(back.headers["Location"].removeprefix("http://testserver"))

    assert oauth.access_token(mailbox.grant, now=timezone.now()) in provider.access


@pytest.mark.parametrize(
    ("change", "is_over"),
    [
        ({"name": "Other"}, False),
        ({"client_secret": "another"}, False),
        ({"client_id": "client-2"}, True),
        ({"user": "somebody"}, True),
        ({"host": "localhost"}, True),
    ],
)
def test_consent_for_another_account_or_client_was_never_given(
    owner, provider, change, is_over
):
    mailbox, _ = consent(owner, provider)
    kept = {"client_secret": "", "version": mailbox.version}
    values = typed(provider, **{**kept, **change})

    owner.post(f"/mailboxes/{mailbox.pk}/", values)

    mailbox.grant.refresh_from_db()
    assert (mailbox.grant.granted_at is None) is is_over


@pytest.mark.parametrize("url", ["http://evil.example/token", "ftp://x", "", "//x"])
def test_secrets_go_to_no_address_in_the_clear(owner, provider, url):
    seen = owner.post("/mailboxes/new/", typed(provider, token_url=url))

    assert seen.status_code == 422
    assert "Enter a whole address that begins with https://" in read(seen, status=422)


def test_back_to_a_password_the_consent_is_forgotten(owner, provider):
    mailbox, _ = consent(owner, provider)
    values = typed(provider, sign_in="", password="secret", version=mailbox.version)

    owner.post(f"/mailboxes/{mailbox.pk}/", values)

    assert not MailGrant.objects.exists()


@pytest.mark.slow
@needs_dovecot
def test_mail_is_read_and_sent_by_consent_over_the_wire(
    owner, provider, tmp_path, own_storage
):
    """A real Dovecot asks the provider whether the token holds (XOAUTH2), and so does
    the SMTP server."""
    dovecot = Dovecot(oauth_url=provider.url)
    try:
        with running_sink(tmp_path) as smtp:
            smtp.user, smtp.tokens = "help", provider.access
            mailbox, _ = consent(
                owner, provider, port=str(dovecot.port), smtp_host="127.0.0.1",
                smtp_port=str(smtp.port), smtp_security="none",
            )  # fmt: skip
            said = owner.post(f"/mailboxes/{mailbox.pk}/try/", follow=True)
            assert "It works: 0 mails lie there." in read(said)
            dovecot.put("help", plain(at=timezone.now().replace(microsecond=0)))
            _fetch(mailbox)
            assert Mail.objects.get().text.strip() == "Where is my parcel?"

            deliver(now=timezone.now())
            assert len(smtp.recipients) == 2
            assert "help@kettle.example" in smtp.recipients
            for raw in smtp.raw:
                dovecot.put("help", raw)
            _fetch(mailbox)
            mailbox.refresh_from_db()
            assert mailbox.confirmed_at is not None
            assert mailbox.tags_seen_at is not None

            # An access token that the servers refuse before its time is renewed.
            provider.expire()
            _fetch(mailbox)
            _fetch(mailbox)
            mailbox.refresh_from_db()
            assert mailbox.error_code == ""

            provider.revoke()
            _fetch(mailbox)
            _fetch(mailbox)
            mailbox.refresh_from_db()
            assert mailbox.error_code == "consent_over"
            confirming.ask(mailbox, now=timezone.now() + timedelta(seconds=1))
            deliver(now=timezone.now() + timedelta(minutes=1))
            assert Circuit.objects.get(state="open").reason_code == "consent_over"
    finally:
        dovecot.stop()


def _fetch(mailbox):
    mailbox = Mailbox.objects.select_related("grant").get(pk=mailbox.pk)
    fetching.fetch(mailbox, now=timezone.now(), until=time.monotonic() + 30)
