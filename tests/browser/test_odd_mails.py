"""Nothing that a mail brings along acts in a browser, in whatever view it is shown."""

from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace

import pytest
from django.utils import timezone

from support.models import Conversation, Draft, Mail, MailFile, RawMail
from support.rules.choices import MailSource
from support.services import drafts, receiving
from tests.support.odd_mails import HOSTILE, all_of_them

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.slow]
HEAR = """for (const name of ["alert", "confirm", "prompt", "open", "print"])
    window[name] = () => window.acted(name)"""


@pytest.fixture(scope="module")
def odd(site, django_db_blocker):
    """All of them as the site keeps them, and an answer begun to each with HTML."""
    with django_db_blocker.unblock():
        last = {model: newest(model) for model in (RawMail, Mail, Conversation)}
        take_all()
        rows = Mail.objects.filter(pk__gt=last[Mail]).order_by("pk")
        mails = list(rows.values_list("pk", "conversation_id", "html"))
        hostile = [(pk, thread) for pk, thread, html in mails if html]
        begun = [
            drafts.begin(
                author=site.shop.owner,
                conversation=Conversation.objects.get(pk=thread),
                now=timezone.now(),
            ).get_absolute_url()
            for _, thread in hostile
        ]
        yield SimpleNamespace(mails=mails, hostile=hostile, drafts=begun)
        new = Conversation.objects.filter(pk__gt=last[Conversation])
        Draft.objects.filter(conversation__in=new).delete()
        MailFile.objects.filter(mail__pk__gt=last[Mail]).delete()
        rows.delete()
        new.delete()
        RawMail.objects.filter(pk__gt=last[RawMail]).delete()


def newest(model):
    return model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def take_all():
    for number, (_, raw) in enumerate(all_of_them()):
        # Otherwise equal ones would be one mail.
        head = f"Message-ID: <{number}@odd.example>\n".encode()
        whole = head + raw if raw.startswith(b"From:") else raw
        receiving.receive(whole, source=MailSource.PIPE, now=timezone.now())


@contextmanager
def listening(chromium, site, **options):
    """A page, and what acted or asked for something elsewhere in it."""
    heard = []
    context = chromium.new_context(base_url=site.url, **options)
    context.set_default_timeout(60_000)
    cookie = {"name": "sessionid", "value": site.session, "url": site.url}
    context.add_cookies([cookie])
    context.expose_binding("acted", lambda _, what: heard.append(what))
    context.add_init_script(HEAR)

    def refuse(route):
        heard.append(f"{route.request.resource_type} {route.request.url}")
        route.abort()

    context.route(lambda url: not url.startswith(site.url), refuse)
    page = context.new_page()
    page.on("popup", lambda popup: heard.append(f"popup {popup.url}"))
    try:
        yield page, heard
    finally:
        context.close()


def answer(route, _, html):
    route.fulfill(content_type="text/html; charset=utf-8", body=html)


def test_no_mail_acts_on_its_page_on_paper_or_in_its_frame(chromium, site, odd):
    acted = {}
    assert len(odd.mails) > 180
    with listening(chromium, site) as (page, heard):
        for pk, thread, html in odd.mails:
            path = f"/inbox/{thread}/?html={pk}" if html else f"/inbox/{thread}/"
            page.goto(path)
            page.emulate_media(media="print")
            page.emulate_media(media="screen")
            assert page.url == site.url + path
            if heard:
                acted[pk] = list(heard)
                heard.clear()

    assert acted == {}


def test_without_the_policy_of_pages_nothing_acts_either(chromium, site, odd):
    """The frame outside its sandbox, the composer that quotes it, and the list of those
    that could not be read: cleaning and escaping are enough."""
    frames = [f"/mails/{pk}/" for pk, _ in odd.hostile]
    acted = {}
    assert len(frames) > 20
    with listening(chromium, site, bypass_csp=True) as (page, heard):
        for path in (*frames, *odd.drafts, "/raw-mails/"):
            page.goto(path)
            assert page.url == site.url + path
            # The policy alone holds pictures back until somebody asks for them.
            if other := [what for what in heard if not what.startswith("image ")]:
                acted[path] = other
            heard.clear()

    assert acted == {}


def test_what_acts_would_be_noticed(chromium, site):
    """The same mails on a page that neither cleans nor forbids anything."""
    noticed = []
    # Others are only deep, which ends a bare page.
    acting = [html for html in HOSTILE if "alert" in html or "evil" in html]
    with listening(chromium, site) as (page, heard):
        for number, html in enumerate(acting):
            # Some lead away from themselves, into the way of the next.
            one = page.context.new_page()
            one.route(f"**/bare/{number}/", partial(answer, html=html))
            one.goto(f"/bare/{number}/")
            one.wait_for_timeout(50)
            one.close()
            noticed += [html] * bool(heard)
            heard.clear()

    assert len(noticed) >= 12, noticed
