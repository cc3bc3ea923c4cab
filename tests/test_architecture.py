"""Who may import whom, and other things that a newcomer might undo without noticing."""

import ast
import importlib
import inspect
import re
import tomllib
from datetime import timedelta
from functools import cache, cached_property
from pathlib import Path
from types import FunctionType

import pytest
from importlinter.cli import lint_imports

from config.celery import app
from config.schedule import BEAT_SCHEDULE
from crm.services import workers

ROOT = Path(__file__).resolve().parents[1]
APPS = (
    "crm",
    "messaging",
    "support",
    "surveys",
    "feedback",
    "loyalty",
    "insights",
    "desk",
)
PRIVATE_MODULES = ("views", "desk", "public", "admin", "tasks", "urls", "api")
SOURCES = [
    path
    for app_name in ("config", "local", "web", *APPS)
    for path in sorted((ROOT / app_name).rglob("*.py"))
]


LAYERS = ("web", *APPS)
METHODS = (FunctionType, property, cached_property, classmethod, staticmethod)


def exists(module):
    path = ROOT / module.replace(".", "/")
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def contracts():
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["tool"]["importlinter"]["contracts"]


def test_imports_go_downhill_and_by_public_modules(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)

    assert lint_imports(no_cache=True) == 0, capsys.readouterr().out


def test_every_private_module_is_under_a_contract():
    """import-linter refuses names that do not exist yet, so each has to be added."""
    protected = {
        name for each in contracts() for name in each.get("protected_modules", ())
    }
    private = {
        f"{name}.{module}" for name in APPS for module in (*PRIVATE_MODULES, "forms")
    }

    # `local` is no app: nothing but config/ may start its servers.
    there = {module for module in private if exists(module)}
    assert there == protected - {"local"}, "protected_modules in pyproject.toml"


@cache
def text_of(path):
    return path.read_text()


@cache
def parsed(path):
    """What the tests ask of a source: its strings, and the keywords of its calls."""
    nodes = list(ast.walk(ast.parse(text_of(path))))
    literals = [node.value for node in nodes if isinstance(node, ast.Constant)]
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    return (
        [value for value in literals if isinstance(value, str)],
        {keyword.arg for call in calls for keyword in call.keywords},
    )


def strings(path, words):
    """The literals of a source, or a template as the one string that it is; none where
    the text has nothing like `words`: to look through all syntax takes seconds."""
    if not words.search(text_of(path)):
        return []
    return parsed(path)[0] if path.suffix == ".py" else [text_of(path)]


def templates_of(app_name):
    """What an app renders: its folder, its mails, and pages that Django finds by their
    own names. What stands in no app's folder is for all of them, and so `web`'s."""
    pages, mails = ROOT / "templates", ROOT / "templates" / "emails"
    folders = {
        "web": [pages / "public"],
        "crm": [pages / "registration", pages / "admin"],
        "messaging": [mails / "accounts"],
    }.get(app_name, [])
    loose = {"web": pages, "messaging": mails}.get(app_name)
    return [
        *(path for path in (loose.iterdir() if loose else ()) if path.is_file()),
        *(
            path
            for folder in (pages / app_name, mails / app_name, *folders)
            for path in folder.rglob("*.*")
        ),
    ]


def test_every_template_is_of_one_app():
    found = [path for name in LAYERS for path in templates_of(name)]

    assert len(found) == len(set(found))
    assert set(found) == {
        path for path in (ROOT / "templates").rglob("*") if path.is_file()
    }


def libraries_of(app_name):
    return {path.stem for path in (ROOT / app_name / "templatetags").glob("[!_]*.py")}


@pytest.mark.parametrize("low", LAYERS[:-1])
def test_no_template_takes_a_part_or_a_tag_of_a_higher_app(low):
    """`extends`, `include` and `load` are imports; a part that knows no customer goes
    to the templates of all, or a settings or context gives its address."""
    higher = LAYERS[LAYERS.index(low) + 1 :]
    part = re.compile(rf"""["'](?:emails/)?(?:{"|".join(higher)})/""")
    theirs = {name for app_name in higher for name in libraries_of(app_name)}
    guilty = {
        (str(path.relative_to(ROOT)), tag)
        for path in templates_of(low)
        for tag in re.findall(r"{% *((?:extends|include|load) .*?)%}", text_of(path))
        if part.search(tag) or theirs & set(tag.split()[1:])
    }

    assert guilty == set()


@pytest.mark.parametrize("low", LAYERS[:-1])
def test_no_app_names_a_higher_one_in_a_string(low):
    """A URL name, a dotted path or a table: import-linter does not see these.

    Migrations stand as they ran. `loyalty_basis` is the shop's own column, and
    `insights:read` the name of a scope.
    """
    higher = "|".join(LAYERS[LAYERS.index(low) + 1 :])
    named = re.compile(rf"\b(?:{higher})(?::(?!read\b)|\.(?!py\b)|_(?!basis\b))[a-z]")
    sources = [*(ROOT / low).rglob("*.py"), *templates_of(low)]
    guilty = {
        (str(path.relative_to(ROOT)), found.group())
        for path in sources
        if "migrations" not in path.parts and path.is_file()
        for text in strings(path, named)
        for found in named.finditer(text)
    }

    assert len(sources) > 10
    assert guilty == set()


def test_every_scheduled_name_is_a_task():
    app.loader.import_default_modules()

    assert {entry["task"] for entry in BEAT_SCHEDULE.values()} <= set(app.tasks)


def test_no_room_is_called_utils():
    names = {path.stem for path in SOURCES} | {path.parent.name for path in SOURCES}

    assert len(SOURCES) > 300
    assert names.isdisjoint({"utils", "util", "helpers", "common", "core", "misc"})


# Methods that Django, DRF and gunicorn call, and their own words describe.
FRAMEWORK = {"media", "check_config"}


def is_described(owner, name):
    """Whether it, or what it overrides, says what it is for."""
    for base in owner.__mro__:
        member = vars(base).get(name)
        for part in ("fget", "func", "__func__"):
            member = getattr(member, part, member)
        if getattr(member, "__doc__", None):
            return True
    return False


def test_public_methods_of_services_selectors_rules_and_web_say_what_they_are_for():
    """ruff holds this of functions and classes; a method may inherit its words."""
    silent = []
    for path in SOURCES:
        module = path.relative_to(ROOT).with_suffix("")
        rooms = {"services", "selectors", "rules"} & {*module.parts[1:]}
        # Insights is not there yet.
        if not (module.parts[0] == "web" or rooms) or module.parts[0] == "insights":
            continue
        name = ".".join(module.parts).removesuffix(".__init__")
        for owner in vars(importlib.import_module(name)).values():
            if inspect.isclass(owner) and owner.__module__ == name:
                silent += [
                    f"{name}.{owner.__name__}.{method}"
                    for method, member in vars(owner).items()
                    if not method.startswith(("_", "clean_"))
                    and method not in FRAMEWORK
                    and isinstance(member, METHODS)
                    and not owner.__name__.startswith("_")
                    and not is_described(owner, method)
                ]

    assert silent == []


def test_due_times_are_columns_and_not_in_the_queue():
    """A task with an ETA beyond the visibility timeout is given out again and again.

    The one that wakes the workers a little later keeps far below that.
    """
    guilty = {
        path.relative_to(ROOT)
        for path in SOURCES
        if re.search("eta|countdown", text_of(path))
        and {"eta", "countdown"} & parsed(path)[1]
    }

    assert len(SOURCES) > 300
    assert guilty == {Path("crm/services/workers.py")}
    visible = app.conf.broker_transport_options["visibility_timeout"]
    assert timedelta(seconds=visible) / 10 > workers.WAIT_MOST


# --- Nothing of a session ------------------------------------------------------------

# A pooler gives the next transaction another session of the server: what is set,
# locked, prepared or made for a whole session is lost, or somebody else's.
OF_A_SESSION = re.compile(
    r"""pg_(?:try_)?advisory_lock
    | (?:^|;)\s*(?:SET\s(?!LOCAL\b)|RESET\s|LISTEN\s|PREPARE\s)
    | CREATE\sTEMP(?:ORARY)?\sTABLE(?!.*ON\sCOMMIT\sDROP)
    | WITH\sHOLD""",
    re.X | re.S,
)
WORDS_OF_A_SESSION = re.compile("advisory_lock|SET|LISTEN|PREPARE|TEMP|HOLD")


def test_no_statement_is_for_a_whole_session():
    guilty = {
        (str(path.relative_to(ROOT)), text)
        for path in SOURCES
        # The servers of `local` are their own, and nothing stands before them.
        if "local" not in path.relative_to(ROOT).parts
        for text in strings(path, WORDS_OF_A_SESSION)
        if OF_A_SESSION.search(text)
    }

    assert guilty == set()


@pytest.mark.parametrize(
    "statement",
    [
        "SET statement_timeout = 0",
        "SELECT 1; SET work_mem = '1GB'",
        "SELECT pg_advisory_lock(%s)",
        "CREATE TEMP TABLE x (no int)",
        "LISTEN news",
    ],
)
def test_statements_for_a_whole_session_are_known(statement):
    assert OF_A_SESSION.search(statement)
