"""The administration: every page of it can be used by everybody."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.contrib import admin
from django.urls import reverse

from tests.browser.conftest import a_fourth
from tests.browser.test_access import RUN

# Each page takes seconds; that they answer at all is seen in tests/test_urls.py.
pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.slow]

# Of every impact, not only what is serious.
ALL = RUN.replace('.filter(rule => ["serious", "critical"].includes(rule.impact))', "")
OPTIONS = {"resultTypes": ["violations"], "iframes": False}
LISTS = [
    reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    for model in admin.site._registry
]
FORMS = [
    "/admin/crm/customer/{customer}/change/",
    "/admin/crm/user/{colleague}/change/",
    "/admin/crm/user/{colleague}/password/",
    "/admin/crm/apitoken/add/",
    "/admin/crm/productrule/add/",
]


def violations(page):
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return page.evaluate(ALL, OPTIONS)


@pytest.fixture
def page(chromium, site):
    """Its console is ignored: axe itself writes styles beside form fields."""
    context = chromium.new_context(base_url=site.url)
    context.add_cookies([{"name": "sessionid", "value": site.session, "url": site.url}])
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", a_fourth(["/admin/", *LISTS, *FORMS]))
def test_no_one_is_shut_out(page, site, path):
    page.goto(path.format(**site.shop.pks))
    assert "Administration" in page.title()

    found = {}
    for scheme, width in (("light", 1440), ("dark", 1440), ("light", 390)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        if problems := violations(page):
            found[f"{scheme} {width}"] = problems

    assert found == {}
