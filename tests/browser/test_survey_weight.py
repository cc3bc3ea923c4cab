"""What a survey weighs on a slow phone, to the byte, and how soon it is painted.

Bytes are asserted, with the heads of all answers. Time is the machine's and is printed
(`script/test -rP`): first page of a browser that has nothing, 4G as it is far from the
mast, a processor a quarter as fast.
"""

import sys

import pytest
from django.utils import timezone

from surveys.rules.questionnaire import NPS, to_json
from surveys.services import share_links
from tests.browser.test_access import PHONE
from tests.browser.test_answering import TILL, asked
from tests.factories import SurveyFactory
from tests.surveys.test_pages import ALL

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]

MOST_BYTES = 30_000
# Chromium's "slow 4G": bytes a second and milliseconds there and back.
SLOW = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
SLOWER = {"rate": 4}
PAINTED = """() => new Promise(done => new PerformanceObserver(
    list => done(list.getEntries().at(-1).startTime)
).observe({type: "largest-contentful-paint", buffered: true}))"""


@pytest.fixture(scope="module")
def paths(site, django_db_blocker):
    with django_db_blocker.unblock():
        link = share_links.make(
            SurveyFactory(kind="csat", content=TILL),
            name="Till",
            declared={},
            embed_origins=[],
            by=site.shop.owner,
            now=timezone.now(),
        )
        return {
            "one question": asked(to_json(NPS))[0],
            "every kind of question": asked(ALL)[0],
            "at the till": f"/a/{link.token}/",
        }


@pytest.mark.parametrize("language", ["en", "he"])
@pytest.mark.parametrize(
    "name", ["one question", "every kind of question", "at the till"]
)
def test_a_survey_is_light_on_a_slow_phone(open_page, paths, name, language):
    page = open_page(width=PHONE)
    phone = page.context.new_cdp_session(page)
    loaded: dict[str, int] = {}
    phone.on(
        "Network.loadingFinished",
        lambda one: loaded.update({one["requestId"]: int(one["encodedDataLength"])}),
    )
    phone.send("Network.enable")
    phone.send("Network.emulateNetworkConditions", SLOW)
    phone.send("Emulation.setCPUThrottlingRate", SLOWER)

    page.goto(f"{paths[name]}?lang={language}", wait_until="networkidle")
    painted = page.evaluate(PAINTED)

    total = sum(loaded.values())
    sys.stdout.write(
        f"{name}, {language}: {total:,} bytes in {len(loaded)} answers,"
        f" painted after {painted:,.0f} ms\n"
    )
    # The page and its style at least, or nothing was counted.
    assert len(loaded) >= 2
    assert 5_000 < total < MOST_BYTES
