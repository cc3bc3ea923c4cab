"""What the documents name exists: links, commands, variables and paths."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import django
import pytest
from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    page
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    if page.name != "CHANGELOG.md"
)
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")
SHELL = re.compile(r"```sh\n(.*?)```", re.S)
COMMAND = re.compile(r"manage\.py (\w+)")
SCRIPT = re.compile(r"\bscript/([\w.]*\w)")
READ = re.compile(r'env\.(?:text|flag|number|words|prefixed)\(\s*"([A-Z_]+)"')
ASKED = re.compile(r'environ(?:\.get)?[(\[]"([A-Z_]+)"')


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    missing = [
        target
        for target in LINK.findall(page.read_text())
        if not (page.parent / target).exists()
    ]

    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_script_exists(page):
    text = page.read_text()
    commands = set(COMMAND.findall(text)) - set(get_commands())
    scripts = {
        name for name in SCRIPT.findall(text) if not (ROOT / "script" / name).exists()
    }

    assert (commands, scripts) == (set(), set())


def written_commands(page):
    """Each `./manage.py` of a block of shell, as words; [options] only show a shape."""
    for block in SHELL.findall(page.read_text()):
        for line in block.replace("\\\n", " ").splitlines():
            for command in re.findall(r"manage\.py (.*?)(?:&&|$)", line):
                if "[" not in command:
                    yield shlex.split(command, comments=True)


def test_every_command_takes_the_options_it_is_written_with():
    found = [command for page in PAGES for command in written_commands(page)]

    assert len(found) > 10
    for name, *options in found:
        app = get_commands()[name]
        command = load_command_class(app, name) if isinstance(app, str) else app
        command.create_parser("manage.py", name).parse_args(options)


def test_every_variable_that_is_read_is_described():
    read = {
        name
        for room in ("config", "local")
        for source in (ROOT / room).rglob("*.py")
        for pattern in (READ, ASKED)
        for name in pattern.findall(source.read_text())
    }
    described = (ROOT / "docs" / "settings.md").read_text()

    assert len(read) > 20
    assert {name for name in read if name not in described} == set()


def test_every_variable_that_is_described_is_read():
    described = re.findall(
        r"^\| (`[^|]+) \|", (ROOT / "docs/settings.md").read_text(), re.M
    )
    names = {name for cell in described for name in re.findall(r"`([A-Z_]+)", cell)}
    source = "".join(
        path.read_text()
        for room in ("config", "local")
        for path in (ROOT / room).rglob("*.py")
    )

    assert len(names) > 20
    assert {name for name in names if name not in source} == set()


@pytest.mark.parametrize("command", ["script/server", "script/test", "script/check"])
def test_the_commands_of_the_readme_can_be_run(command):
    assert (ROOT / command).stat().st_mode & 0o111
    assert command in (ROOT / "README.md").read_text()


def test_the_pipeline_calls_both_commands_of_the_readme():
    pipeline = (ROOT / ".ci" / "run").read_text()

    assert "script/check" in pipeline
    assert "script/test" in pipeline


@pytest.mark.slow
def test_a_command_of_the_readme_runs_under_the_python_of_the_machine():
    """`./manage.py …` as written there finds the Python that has the packages."""
    machine = Path(sys.base_prefix) / "bin" / "python3"

    run = subprocess.run(
        [machine, "-S", ROOT / "manage.py", "version"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.stdout.strip() == django.get_version() or "script/server" in run.stderr
