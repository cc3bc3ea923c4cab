"""Debian's Chromium before a live server with one small shop, for the whole package."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.committed import committed_rows, outbox_in
from tests.journeys.support import Shop, small_shop

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
# Logged by the page itself, because a console line does not name what was blocked.
LISTEN = """addEventListener("securitypolicyviolation", (event) => console.error(
    `CSP: ${event.violatedDirective} blocked ${event.blockedURI}`))"""


# A form that we refused; Chromium calls it an error, we call it an answer.
REFUSED = ("status of 409", "status of 422")


@dataclass
class Site:
    url: str
    shop: Shop
    session: str


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("No Chromium here: apt-get install chromium (or run script/test)")
    # Playwright's loop runs in this thread, and Django would take our queries beside
    # it for a mistake.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, timeout=60_000
        )
        # A busy machine is not a broken page.
        expect.set_options(timeout=30_000)
        yield browser
        browser.close()
        # Django keeps connections of their own for code beside a running loop.
        connections.close_all()


@pytest.fixture(scope="package")
def site(
    chromium: Browser,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: Any,
) -> Iterator[Site]:
    with (
        committed_rows(django_db_blocker),
        outbox_in(tmp_path_factory.mktemp("journal")),
    ):
        server = LiveServer("127.0.0.1")
        try:
            shop = small_shop(timezone.now(), public_url=server.url)
            client = Client()
            client.force_login(shop.owner)
            yield Site(server.url, shop, client.cookies["sessionid"].value)
        finally:
            server.stop()


OpenPage = Callable[..., Page]


def new_browser(
    chromium: Browser,
    site: Site,
    complaints: list[str],
    *,
    staff: bool = False,
    width: int = 1280,
    **options: Any,
) -> BrowserContext:
    """One with nothing in it; what its pages complain of is added to `complaints`."""

    def hear(line: Any) -> None:
        is_refusal = any(status in line.text for status in REFUSED)
        if line.type in ("error", "warning") and not is_refusal:
            complaints.append(f"{line.text} ({line.location.get('url', '')})")

    context = chromium.new_context(
        base_url=site.url, viewport={"width": width, "height": 780}, **options
    )
    context.set_default_timeout(30_000)
    context.add_init_script(LISTEN)
    context.on("console", hear)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    if staff:
        context.add_cookies(
            [{"name": "sessionid", "value": site.session, "url": site.url}]
        )
    return context


@contextmanager
def browsing(chromium: Browser, site: Site) -> Iterator[OpenPage]:
    """Opens pages; none of them may complain on the console or break the policy."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def open_page(path: str = "", **options: Any) -> Page:
        contexts.append(new_browser(chromium, site, complaints, **options))
        page = contexts[-1].new_page()
        if path:
            page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


Reader = tuple[BrowserContext, list[str]]


@contextmanager
def reading(reader: Reader) -> Iterator[Page]:
    """A page of a browser that many tests share, because they only look: what all pages
    load is there from the second one on. Complaints are those of this page alone."""
    context, complaints = reader
    complaints.clear()
    page = context.new_page()
    yield page
    page.close()
    assert complaints == []


@pytest.fixture
def open_page(chromium: Browser, site: Site) -> Iterator[OpenPage]:
    with browsing(chromium, site) as opener:
        yield opener
