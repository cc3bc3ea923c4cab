"""Production refuses to start half-configured, and names what is missing."""

import os
import secrets
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from local.embedded import EmbeddedError
from tests.config.fresh_settings import fresh_settings
from tests.local.processes import ROOT

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
    ({"DATABASE_URL": "postgresql://crm@shop:many/x"}, "DATABASE_URL"),
    ({"DATABASE_URL": "postgresql://crm@shop/"}, "DATABASE_URL"),
    ({"REDIS_URL": "http://somewhere/0"}, "REDIS_URL"),
    ({"SECRET_KEY_FALLBACKS": "an-old-short-one"}, "SECRET_KEY_FALLBACKS"),
    ({"EMAIL_PORT": "smtp"}, "EMAIL_PORT"),
    ({"EMAIL_PORT": "0"}, "EMAIL_PORT"),
    ({"EMAIL_TIMEOUT": "0"}, "EMAIL_TIMEOUT"),
    ({"EMAIL_DOT_TIMEOUT": "-5"}, "EMAIL_DOT_TIMEOUT"),
    ({"MAIL_LEASE_SECONDS": "0"}, "MAIL_LEASE_SECONDS"),
    ({"MAIL_TRANSPORT": "pigeon"}, "MAIL_TRANSPORT"),
    ({"MAIL_TRANSPORT": "smtp"}, "EMAIL_HOST"),
    ({"EMAIL_USE_TLS": "yes", "EMAIL_USE_SSL": "yes"}, "EMAIL_USE_TLS"),
    ({"NUM_PROXIES": "-1"}, "NUM_PROXIES"),
    ({"PORT": "99999"}, "PORT"),
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


@pytest.fixture
def settings_with(monkeypatch):
    """The settings read afresh, as a starting process does."""

    def run(**changes):
        for name in list(os.environ):
            monkeypatch.delenv(name)
        for name, value in {**GOOD, **changes}.items():
            monkeypatch.setenv(name, value)
        return fresh_settings()

    return run


@pytest.mark.parametrize(("changes", "named"), REFUSED)
def test_production_refuses(settings_with, changes, named):
    with pytest.raises(ImproperlyConfigured, match=named):
        settings_with(**changes)


def test_what_is_refused_is_the_last_line_that_a_person_sees():
    done = load(SECRET_KEY="change-me-" + "x" * 50)

    last_line = done.stderr.strip().splitlines()[-1]
    assert done.returncode != 0
    assert "ImproperlyConfigured" in last_line
    assert "SECRET_KEY of its own" in last_line


@pytest.mark.slow
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


@pytest.mark.parametrize("content", [b"", b"short", b"\x00" * 60, b"\xff\xfe" * 40])
def test_a_broken_key_of_the_one_command_run_is_reported_and_not_used(
    settings_with, tmp_path, content
):
    (tmp_path / "secret_key").write_bytes(content)

    with pytest.raises(EmbeddedError, match="secret_key cannot be used"):
        settings_with(
            PERENNIAL_MODE="local", SECRET_KEY="", PERENNIAL_VAR=str(tmp_path)
        )


def test_files_are_kept_in_a_closed_folder_beside_the_data(settings_with):
    private = settings_with(PERENNIAL_VAR="/srv/var")["STORAGES"]["private"]

    assert private["BACKEND"].endswith(".FileSystemStorage")
    assert str(private["OPTIONS"]["location"]) == "/srv/var/files"
    assert private["OPTIONS"]["file_permissions_mode"] == 0o600


def test_files_may_be_kept_by_any_storage_class(settings_with):
    private = settings_with(
        FILES_BACKEND="web.bucket.Bucket",
        FILES_OPTION_BUCKET_NAME="kettle",
        FILES_OPTION_REGION_NAME="eu-central-1",
    )["STORAGES"]["private"]

    assert private == {
        "BACKEND": "web.bucket.Bucket",
        "OPTIONS": {"bucket_name": "kettle", "region_name": "eu-central-1"},
    }
