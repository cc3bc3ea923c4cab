"""Static files as the one-command run serves them: small on the wire, and kept."""

import gzip
import http.client
import re
import subprocess
import sys

import pytest

from local.supervisor import static_files
from tests.config.web_server import Web
from tests.local.processes import ROOT, environment

pytestmark = pytest.mark.django_db

A_YEAR = 365 * 24 * 60 * 60
# What a phone on a poor line loads for the first page; raw, Tabler alone has 635,000.
MOST_BYTES = 160_000
COLLECT = """
from pathlib import Path
from local.supervisor import static_files
static_files.collect(Path({var!r}))
"""


def collect(var):
    """In a process of its own, with the folder of the files as an argument."""
    done = subprocess.run(
        [sys.executable, "-c", COLLECT.format(var=str(var))],
        cwd=ROOT,
        env=environment(var) | {"SECRET_KEY": "only-for-tests"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    var = tmp_path_factory.mktemp("var")
    assert "static files" in collect(var)
    return var


@pytest.fixture(scope="module")
def web(collected, tmp_path_factory, django_db_setup):
    folder = tmp_path_factory.mktemp("web")
    server = Web(folder, STATIC_ROOT=str(collected / "static"))
    server.wait_until_ready()
    yield server
    server.stop()


def fetch(web, path):
    wire = http.client.HTTPConnection("127.0.0.1", web.port, timeout=30)
    try:
        wire.request("GET", path, headers={"Accept-Encoding": "gzip, deflate, br"})
        answer = wire.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        wire.close()


def static_paths(page):
    found = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.decode())
    assert found
    return found


@pytest.mark.slow
def test_a_staff_page_is_small_on_the_wire_and_its_files_are_kept(web):
    status, _, page = fetch(web, "/login/")
    total = len(page)

    assert status == 200
    for path in static_paths(page):
        status, headers, body = fetch(web, path)
        total += len(body)
        assert status == 200, path
        assert "immutable" in headers["Cache-Control"], path
        assert int(re.search(r"max-age=(\d+)", headers["Cache-Control"])[1]) >= A_YEAR
        if len(body) > 1000:
            assert headers["Content-Encoding"] == "gzip", path
    assert total < MOST_BYTES


def test_what_is_unpacked_is_what_we_wrote(web):
    _, _, page = fetch(web, "/login/")
    path = next(path for path in static_paths(page) if "perennial" in path)

    _, _, body = fetch(web, path)

    assert gzip.decompress(body) == (ROOT / "static/css/perennial.css").read_bytes()


def test_a_customers_page_loads_one_small_sheet_and_nothing_of_the_staffs(web):
    _, _, page = fetch(web, "/s/no-such-link/")
    paths = static_paths(page)

    assert [path for path in paths if path.endswith(".css")] == [
        path for path in paths if re.fullmatch(r"/static/css/public\.\w+\.css", path)
    ]
    assert not any("vendor" in path for path in paths)
    assert sum(len(fetch(web, path)[2]) for path in paths) < 6_000


def test_a_second_start_collects_nothing(collected):
    assert collect(collected) == ""


@pytest.mark.slow
def test_a_sheet_that_was_changed_is_collected_anew(collected):
    """As after an upgrade: the stamp is that of other files."""
    (collected / static_files.STAMP).write_text(f"{collected / 'static'} of yesterday")

    assert "static files" in collect(collected)
    assert collect(collected) == ""
