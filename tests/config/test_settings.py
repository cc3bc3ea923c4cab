"""Production refuses to start half-configured, and says what is missing."""

import os
import secrets
import subprocess
import sys

import pytest

from tests.config.processes import ROOT

GOOD = {
    "PERENNIAL_MODE": "production",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "ALLOWED_HOSTS": "perennial.example",
    "DATABASE_URL": "postgresql://crm@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}
REFUSED = [
    ({"SECRET_KEY": ""}, "SECRET_KEY"),
    ({"SECRET_KEY": "short"}, "SECRET_KEY"),
    ({"SECRET_KEY": "change-me-" + "x" * 50}, "SECRET_KEY"),
    ({"SECRET_KEY": "django-insecure-" + "x" * 50}, "SECRET_KEY"),
    ({"SECRET_KEY": "x" * 60}, "SECRET_KEY"),
    ({"DEBUG": "yes"}, "DEBUG"),
    ({"DEBUG": "perhaps"}, "DEBUG"),
    ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS"),
    ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
    ({"ALLOWED_HOSTS": "shop.example,*"}, "ALLOWED_HOSTS"),
    ({"PERENNIAL_MODE": "staging"}, "PERENNIAL_MODE"),
    ({"DATABASE_URL": "mysql://somewhere/x"}, "DATABASE_URL"),
    ({"EMAIL_PORT": "smtp"}, "EMAIL_PORT"),
]


def load(**changes):
    base = {"PATH": os.environ["PATH"]}
    return subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        cwd=ROOT,
        env=base | GOOD | changes,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_complete_environment_is_accepted():
    assert load().returncode == 0


@pytest.mark.parametrize(("changes", "named"), REFUSED)
def test_production_refuses(changes, named):
    done = load(**changes)

    last_line = done.stderr.strip().splitlines()[-1]
    assert done.returncode != 0
    assert "ImproperlyConfigured" in last_line
    assert named in last_line


def test_the_deployment_check_has_nothing_to_say():
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | GOOD,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
