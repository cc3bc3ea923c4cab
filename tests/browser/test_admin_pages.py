"""The administration: every page of it can be used by everybody."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.contrib import admin
from django.urls import reverse

from tests.browser.conftest import new_browser
from tests.browser.test_access import COLOURS, EVERYTHING, RUN

# Each page takes seconds; that they answer at all is seen in tests/test_urls.py.
pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.slow]

# Of every impact, not only what is serious.
ALL = RUN.replace('.filter(rule => ["serious", "critical"].includes(rule.impact))', "")
# The menu is the same on all: it is looked at on the first page.
WITHOUT_MENU = ALL.replace("run(document", """run({exclude: ["#nav-sidebar"]}""")
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


@pytest.fixture(scope="module")
def reader(chromium, site):
    """Its console is ignored: axe itself writes styles beside form fields."""
    context = new_browser(chromium, site, [], staff=True)
    yield context
    context.close()


@pytest.fixture
def page(reader):
    page = reader.new_page()
    yield page
    page.close()


# All lists are of one template and one style sheet: every fourth is also looked at in
# the dark and on a phone.
ONCE = [("light", 1440, EVERYTHING)]
EACH_WAY = [*ONCE, ("dark", 1440, COLOURS), ("light", 390, EVERYTHING)]


@pytest.mark.parametrize("path", ["/admin/", *LISTS, *FORMS])
def test_no_one_is_shut_out(page, site, path):
    page.goto(path.format(**site.shop.pks))
    assert "Administration" in page.title()

    page.evaluate(AXE_SCRIPT)
    found = {}
    is_plain_list = path in LISTS and LISTS.index(path) % 4
    for scheme, width, options in ONCE if is_plain_list else EACH_WAY:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        if problems := page.evaluate(WITHOUT_MENU if path in LISTS else ALL, options):
            found[f"{scheme} {width}"] = problems

    assert found == {}
