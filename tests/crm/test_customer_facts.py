"""A fact of a customer is declared once, and reaches every entry point from there."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).parents[2]
FACT = """    CustomerFact(
        "nickname",
        _("Nickname"),
        most=60,
        import_column="nickname",
        is_searchable=True,
    ),
    CustomerFact("notes","""
COLUMN = """    nickname = models.CharField(
        max_length=60, blank=True, default="", db_default=""
    )
    notes = """


def with_a_new_fact(folder):
    """The source with one more fact, in the two files that the recipe names."""
    for path in ROOT.iterdir():
        if path.is_dir() and path.name != "crm" and not path.name.startswith("."):
            (folder / path.name).symlink_to(path)
    shutil.copytree(
        ROOT / "crm", folder / "crm", ignore=shutil.ignore_patterns("__pycache__")
    )
    edit(folder / "crm/customer_facts.py", '    CustomerFact("notes",', FACT)
    edit(folder / "crm/models/people.py", "    notes = ", COLUMN)


def edit(path, old, new):
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


@pytest.mark.slow
def test_a_new_fact_is_declared_in_two_files(django_db_setup, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    with_a_new_fact(source)
    file = tmp_path / "people.csv"
    long = "x" * 61
    file.write_text(f"external_id,name,nickname\nC1,Anna Berg,Ann\nC2,Dan,{long}\n")

    done = subprocess.run(
        [sys.executable, ROOT / "tests/crm/fact_probe.py",
         connection.settings_dict["NAME"], file],
        env={**os.environ, "PYTHONPATH": str(source),
             "DJANGO_SETTINGS_MODULE": "tests.settings"},
        cwd=source, capture_output=True, text=True, timeout=120,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "imported": "Ann",
        "searched": "anna berg ann c1",
        "refused": {"nickname_too_long": 1},
        "imported again": ["Bee", "anna berg bee c1"],
        "api": "Cee",
        "new by api": True,
        "shown": ["Nickname", "Cee"],
        "form": ["Nickname", "Cee"],
        "admin": True,
    }
