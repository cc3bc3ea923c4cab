"""Folders of work end with their process, also where it is killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crm.services import work_folders
from crm.services.work_folders import work_folder
from local.embedded.paths import BASE_DIR

AT_WORK = """
import sys
from django.conf import settings
settings.configure(WORK_FOLDER=sys.argv[1])
from crm.services.work_folders import work_folder
with work_folder() as folder:
    (folder / "sheet").write_text("Dana")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def place(settings, tmp_path):
    settings.WORK_FOLDER = tmp_path / "work"
    return settings.WORK_FOLDER


@pytest.fixture
def other(place):
    """Another process at work in a folder of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", AT_WORK, str(place)],
        cwd=BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    process.folder = Path(process.stdout.readline().strip())
    yield process
    process.kill()
    process.communicate()


def folders(place):
    return {path for path in place.iterdir() if path.is_dir()}


def test_a_folder_is_the_owners_alone_and_goes_at_the_end(place):
    with work_folder() as folder:
        (folder / "sheet").write_text("Dana")
        assert folders(place) == {folder}
        assert {oct(path.stat().st_mode)[-3:] for path in (place, folder)} == {"700"}

    assert folders(place) == set()


def test_what_is_at_work_is_left_alone(place, other):
    with work_folder() as mine:
        assert work_folders.clear() == 0
        assert folders(place) == {mine, other.folder}
        assert (other.folder / "sheet").read_text() == "Dana"


def test_what_a_kill_left_goes_when_the_next_one_begins(place, other):
    os.kill(other.pid, signal.SIGKILL)
    other.wait()
    assert (other.folder / "sheet").exists()

    with work_folder() as mine:
        assert folders(place) == {mine}
