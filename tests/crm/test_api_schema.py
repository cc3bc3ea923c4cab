"""The API follows its schema: schemathesis asks a real web server for all of it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import timezone

from crm.access import SCOPES
from crm.services import api_tokens
from tests.committed import outbox_in
from tests.config.web import running_web
from tests.journeys.support import small_shop

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CONFIG = Path(__file__).with_name("schemathesis.toml")
READING = [scope for scope in SCOPES if scope.endswith(":read")]
WRITING = [scope for scope in SCOPES if scope.endswith(":write")]


def ask(web, key, folder, phases):
    """The exit code of one run of all checks, and what it printed."""
    words = [
        *("--config-file", CONFIG, "run", f"{web.url}/api/schema/?format=json"),
        *("-H", f"Authorization: Bearer {key}", "--checks", "all", "--mode", "all"),
        *("--phases", phases, "--continue-on-failure", "--no-color"),
        *("--max-examples", "20", "--seed", "20261121"),
        *("--generation-database", "none", "--max-response-time", "60"),
    ]
    done = subprocess.run(
        [Path(sys.executable).with_name("schemathesis"), *map(str, words)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("scopes", "phases"),
    [
        pytest.param(
            list(SCOPES),
            "examples,coverage,fuzzing,stateful",
            marks=pytest.mark.long,
        ),
        (READING, "examples,fuzzing"),
        (WRITING, "examples,fuzzing"),
    ],
    ids=["everything", "reading", "writing"],
)
def test_every_answer_is_what_the_schema_describes(scopes, phases, tmp_path):
    with outbox_in(tmp_path / "journal"):
        small_shop(timezone.now())
    _, key = api_tokens.issue(name="shop", scopes=scopes, now=timezone.now())

    with running_web(tmp_path) as web:
        code, output = ask(web, key, tmp_path, phases)
        log = web.log.read_text()

    assert code == 0, output[-12_000:]
    assert "Traceback" not in log
    # It did ask: an empty run proves nothing.
    (count, total), (tested,) = (
        re.search(pattern, output).groups()
        for pattern in (r"Operations: +(\d+) selected / (\d+)", r"Tested: +(\d+)")
    )
    assert int(count) == int(total) == int(tested) >= 20
