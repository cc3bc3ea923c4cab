"""Each figure on each page of Insights leads to as many people as it counts.

Nothing here names a page or a figure: the pages are those of the app's own addresses,
as they open, and what they show is read off them.
"""

import csv
import dataclasses
import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import unescape
from urllib.parse import urljoin

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm import selectors as crm
from desk.demo import story
from insights.figures import Figure
from insights.report_asks import Ask
from insights.reports import REPORTS, report
from insights.selectors.save_list import SaveList
from insights.services import kept_answers, money
from insights.tables import COLUMNS
from insights.urls import app_name, urlpatterns
from loyalty.models import Programme
from messaging.models import Message
from tests.committed import committed_rows
from tests.factories import UserFactory
from web import tables

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

AT = datetime(2026, 11, 18, 11, tzinfo=UTC)
LINK = re.compile(r'<a\s[^>]*?href="([^"]+)"[^>]*>(.*?)</a>', re.DOTALL)
LIST = re.compile(
    r"/insights/(?:programmes/\d+/|money/)?people/|/insights/save-list/\?"
    r"|/surveys/\d+/answers/"
)
# What a page is asked for by its own links and by these of its fields.
ASKED = re.compile(
    r'href="(\?[^"]+)"|<select[^>]*name="(by|unit)"[^>]*>(.*?)</select>', re.DOTALL
)
OPTION = re.compile(r'<option value="([^"]+)"')
NUMBER = re.compile(r"([\d,]+)(?: (?:person|people|answers?))?")


@pytest.fixture(scope="module")
def shop(django_db_setup, django_db_blocker):
    """The demo shop after a few days of its story. Committed: its ANALYZE would keep
    those of other tests waiting."""
    with (
        committed_rows(django_db_blocker),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(story, "DAYS", 4)
        call_command("demo", at=AT, customers=240)
        money.count(now=AT)
        assert Message.objects.exists()
        yield


def addresses():
    """Every page of the app that is not itself a list of people."""
    programmes = [[pk] for pk in Programme.objects.values_list("pk", flat=True)]
    for pattern in urlpatterns:
        if not pattern.name.endswith("people") and "delete" not in pattern.name:
            needs_one = "<int:pk>" in str(pattern.pattern)
            for args in programmes if needs_one else [[]]:
                yield reverse(f"{app_name}:{pattern.name}", args=args)


def variants(html):
    """The addresses beneath a page's own: tabs, and two groups and spans of each."""
    for link, name, options in ASKED.findall(html):
        if link and "after=" not in link and "as=" not in link:
            yield unescape(link)
        for value in OPTION.findall(options)[-2:]:
            yield f"?{name}={value}"


def figures_in(shown, depth=0):
    """All figures in what a page was given."""
    if isinstance(shown, Figure):
        yield shown
    elif depth > 6 or isinstance(shown, str | bytes | type):
        return
    elif isinstance(shown, Mapping):
        for one in shown.values():
            yield from figures_in(one, depth + 1)
    elif isinstance(shown, list | tuple):
        for one in shown:
            yield from figures_in(one, depth + 1)
    elif dataclasses.is_dataclass(shown):
        values = [getattr(shown, one.name) for one in dataclasses.fields(shown)]
        yield from figures_in(values, depth + 1)


class Lists:
    """How many people stand in a list, asked once for each address."""

    def __init__(self, client, *, sees_people):
        self.client, self.known = client, {}
        self.sees_people = sees_people

    def count(self, url):
        if url not in self.known:
            self.known[url] = self._count(url)
        return self.known[url]

    def _count(self, url):
        rows, next_url, said = 0, url, None
        while next_url:
            answer = self.client.get(next_url)
            assert answer.status_code == 200, next_url
            context = answer.context
            if isinstance(found := context.get("found"), SaveList):
                said = found.count
                rows += len(context["rows"])
                older = context["older_url"]
            elif "answers" in context:
                rows, older = rows + len(context["answers"]), context["pages"]["older"]
            elif "rows" in context:
                rows, older = rows + len(context["rows"]), context["more_url"]
            else:
                said = context["page"].count
                if context.get("counts_alone"):
                    return said
                rows, older = (
                    rows + answer.content.count(b"data-person"),
                    context["older_url"],
                )
            if not self.sees_people:
                main = answer.content.decode().split("<main", 1)[1]
                assert "/customers/" not in main, next_url
            next_url = urljoin(url, older) if older else ""
        assert said in (None, rows), (url, said, rows)
        return rows


@pytest.mark.long
def test_each_figure_leads_to_its_people_stands_in_a_report_and_is_kept_as_it_is(shop):
    """One test: the shop takes longer to fill than all of them."""
    client = Client()
    client.force_login(UserFactory(role="owner"))
    trace(client, sees_people=True)
    find_in_reports(client)
    compare_with_kept(client)
    # Who may not see customers sees as many of them, each without a name.
    client.force_login(UserFactory(role="analyst"))
    trace(client, sees_people=False)


def trace(client, *, sees_people):
    """Go through all pages."""
    lists, figures, links = Lists(client, sees_people=sees_people), 0, 0
    pages, seen = list(addresses()), set()
    while pages:
        address = pages.pop()
        if address in seen:
            continue
        seen.add(address)
        answer = client.get(address)
        if "?" not in address:
            html = answer.content.decode()
            pages += [address + query for query in variants(html)]
        if answer.status_code == 403 and not sees_people:
            continue  # writes something down, and shows no figure
        assert answer.status_code == 200, address
        names, of_units = answer.context.keys(), set()
        for one in figures_in({name: answer.context[name] for name in names}):
            if one.people is None:
                of_units.add(one.people_url)  # the number is of points or stamps
            if one.people_url and one.people is not None:
                assert lists.count(one.people_url) == one.people, (address, one.key)
                figures += 1
            elif one.has_enough and not one.people_url:
                raise AssertionError(address, one.key)
        for url, text in LINK.findall(answer.content.decode()):
            whole = unescape(url)
            if not LIST.match(whole):
                continue
            shown = " ".join(re.sub(r"<[^>]+>", "", text).split())
            count = lists.count(whole)
            if (number := NUMBER.fullmatch(shown)) and whole not in of_units:
                assert count == int(number[1].replace(",", "")), (address, shown)
                links += 1

    # None was passed because it showed nothing.
    assert len(seen) >= 30
    assert (figures > 100, links > 300) == (True, True), (figures, links)


def same(one):
    """A figure by its value and all that it says of it, as a file has it. Not by its
    title: a report says whose it is; nor by what moved since a time that a page chose.
    What is counted by contract has a key of its own there."""
    row = one if isinstance(one, dict) else one.as_data()
    names = [name for name in COLUMNS if name not in ("title", "movement")]
    cells = {name: str(tables.cell(row[name])) for name in names}
    cells["key"] = cells["key"].removesuffix(".contract")
    return tuple(cells.values())


def find_in_reports(client):
    """Each figure of each page and of its file, with the same value."""
    now = timezone.now()
    ask = Ask(now=now, today=crm.business().day(now))
    told = {same(one) for name in REPORTS for one in report(name, ask).figures}
    pages = figures = lines = 0

    for page in addresses():
        for basis in ("", "?basis=contract"):
            answer = client.get(page + basis)
            names = answer.context.keys()
            for one in figures_in({name: answer.context[name] for name in names}):
                assert same(one) in told, (page, basis, one.key, one.title)
                figures += 1
            mark = "&" if basis else "?"
            file = client.get(f"{page}{basis}{mark}as=csv")
            if not file["Content-Type"].startswith("text/csv"):
                continue
            pages += 1
            text = io.StringIO(file.content.decode("utf-8-sig"), newline="")
            for row in csv.DictReader(text):
                assert same(row) in told, (page, basis, row["key"], row["title"])
                lines += 1

    assert (pages > 15, figures > 60, lines > 300) == (True,) * 3


def compare_with_kept(client):
    """The pages that may show kept answers, before and after there are any."""
    names = ("cohorts", "signals", "where-from", "save-list")
    pages = [reverse(f"insights:{name}") for name in names]
    live = [client.get(page).content.decode() for page in pages]

    assert kept_answers.keep_up(now=AT, slow=0) > 10

    for page, before in zip(pages, live, strict=True):
        after = client.get(page).content.decode()
        assert "What takes long is counted once an hour" in after
        assert plain(before) == plain(after)


def plain(html):
    """A page without what differs each time, and without how old its figures are."""
    main = html[html.index("<main") : html.index("</main>")]
    main = re.sub(r'<p class="p-sub mt-2">.*?</p>', "", main, flags=re.DOTALL)
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", main).split()
