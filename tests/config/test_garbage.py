"""What was loaded before the workers began is not looked through for garbage."""

import pytest

from config.gunicorn import OBJECTS_BEFORE_A_LOOK
from tests.config.web import running_web

pytestmark = pytest.mark.django_db


def test_workers_look_for_garbage_seldom_and_not_in_what_stays(tmp_path):
    with running_web(tmp_path, "tests.config.garbage_app:application") as web:
        kept, after = map(int, web.ask("GET", "/").body.split())

    assert kept > 100_000
    assert after == OBJECTS_BEFORE_A_LOOK
