"""A reset and an invitation are mails like all others, and open one account once."""

import re
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.conf import settings as configured
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from crm.models import User
from crm.signals import colleague_invited, password_reset_requested
from messaging import selectors
from messaging.models import Body, Message
from messaging.services.delivery import deliver
from tests.factories import UserFactory
from tests.pages import read

LINK = re.compile(r"https?://\S+/[\w-]+/\S+")


@pytest.fixture
def noa(db):
    return UserFactory(email="noa@shop.example", name="Noa Katz")


def reset(user, *, after=timedelta()):
    now = timezone.now() + after
    password_reset_requested.send(sender=User, user=user, now=now)
    return now


def invite(user, by=None):
    now = timezone.now()
    colleague_invited.send(sender=User, user=user, by=by, now=now)
    return now


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


def link_in(mail):
    return LINK.search(text_of(mail))[0]


def path_of(link):
    return re.sub(r"^https?://[^/]+", "", link)


@pytest.mark.parametrize("ask", [reset, invite])
def test_the_link_opens_and_works_once(client, noa, sink, ask):
    now = ask(noa)

    deliver(now=now)
    page = path_of(link_in(sink.mails[0]))
    shown = client.get(page)
    password = {"password": "slow-river-42-oak", "again": "slow-river-42-oak"}
    chosen = client.post(page, password)
    again = client.get(page)

    assert sink.recipients == ["noa@shop.example"]
    read(shown, 'name="password"')
    assert chosen.status_code in {302, 303}
    assert again.status_code == 404
    noa.refresh_from_db()
    assert noa.check_password("slow-river-42-oak")


def test_asking_on_the_sign_in_page_sends_the_mail(client, noa, sink):
    client.post(reverse("crm:password-forgotten"), {"email": "Noa@shop.example"})
    client.post(reverse("crm:password-forgotten"), {"email": "nobody@shop.example"})

    deliver(now=timezone.now())

    assert sink.recipients == ["noa@shop.example"]


def test_a_double_press_is_one_mail_also_after_it_left(noa, sink):
    now = reset(noa)
    reset(noa)
    deliver(now=now)
    reset(noa, after=timedelta(seconds=2))

    assert Message.objects.count() == 1


def test_while_one_waits_another_wish_adds_nothing(noa):
    reset(noa)
    reset(noa, after=timedelta(minutes=59))

    assert Message.objects.count() == 1


def test_a_later_wish_is_a_new_mail(noa, sink):
    now = reset(noa)
    deliver(now=now)

    later = reset(noa, after=timedelta(minutes=2))
    deliver(now=later)

    assert len(sink.mails) == 2


def test_a_wish_after_the_first_lapsed_is_a_new_mail(noa):
    reset(noa)
    reset(noa, after=timedelta(minutes=61))

    assert Message.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_the_same_moment_are_one_mail():
    noa, gate = UserFactory(), Barrier(8)

    def press():
        gate.wait()
        reset(noa)
        connection.close()

    presses = [Thread(target=press) for _ in range(8)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()

    assert Message.objects.count() == 1


@pytest.mark.parametrize("transport", ["smtp", "outbox"])
@pytest.mark.parametrize("ask", [reset, invite])
def test_no_copy_is_kept_anywhere(client, noa, sink, settings, ask, transport):
    settings.MAIL_TRANSPORT = transport
    deliver(now=ask(noa))

    message = Message.objects.get()
    client.force_login(UserFactory(role="owner"))
    page = client.get(reverse("messaging:message", args=[message.pk]))

    assert message.state == "sent"
    assert not Body.objects.exists()
    assert "Noa Katz" in page.content.decode()
    assert not LINK.search(re.sub(r'(href|src)="[^"]*"', "", page.content.decode()))
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(m)::text FROM messaging_message m")
        assert "password" not in cursor.fetchone()[0].replace("password_reset", "")


def test_a_colleague_who_was_deactivated_gets_no_link(noa, sink):
    now = invite(noa)
    User.objects.filter(pk=noa.pk).update(is_active=False)

    deliver(now=now)

    assert not sink.mails
    assert Message.objects.get().reason_code == "colleague_gone"


@pytest.mark.parametrize("language", [code for code, _ in configured.LANGUAGES])
def test_it_speaks_the_colleagues_own_language(noa, sink, language):
    User.objects.filter(pk=noa.pk).update(language=language)
    noa.refresh_from_db()
    reset(noa)
    now = invite(noa, by=UserFactory(name="Ruth"))

    deliver(now=now + timedelta(seconds=1))

    words = {
        "en": ("new password", "Ruth made an account"),
        "zh-hans": ("新密码", "Ruth"),
        "zh-hant": ("新密碼", "Ruth"),
        "he": ("סיסמה חדשה", "Ruth"),
    }[language]
    texts = [text_of(mail) for mail in sink.mails]
    assert [sum(word in text for text in texts) for word in words] == [1, 1]
    for text in texts:
        assert "/u/" not in text
        assert "/p/" not in text


def test_why_names_who_invited(noa):
    invite(noa, by=UserFactory(name="Ruth"))

    checks = selectors.why(Message.objects.get(), now=timezone.now())

    assert checks[0].text == "Invited by Ruth"


def test_lives_are_an_hour_and_seven_days(noa):
    reset(noa)
    invite(noa)

    lives = {one.kind: one.expires_at - one.planned_at for one in Message.objects.all()}

    assert lives == {
        "password_reset": timedelta(hours=1),
        "invitation": timedelta(days=7),
    }
