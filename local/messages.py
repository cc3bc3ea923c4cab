"""Translations: extracted, compiled and checked with Babel alone.

Django's makemessages needs gettext's programs, which a bare machine does not have.
Templates go through Django's own templatize and then Babel's reader of Python.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

BASE_DIR = Path(__file__).resolve().parent.parent
LOCALES = ("he", "zh_Hans", "zh_Hant")
SOURCES = (
    "config",
    "local",
    "web",
    "crm",
    "messaging",
    "support",
    "surveys",
    "feedback",
    "loyalty",
    "insights",
    "desk",
)
TEMPLATE_SUFFIXES = {".html", ".txt", ".mjml"}

Arguments = tuple[int | tuple[int, int] | tuple[int, str], ...]

_ONE: Arguments = (1,)
_MANY: Arguments = (1, 2)
_CONTEXT_ONE: Arguments = ((1, "c"), 2)
_CONTEXT_MANY: Arguments = ((1, "c"), 2, 3)
KEYWORDS: dict[str, Arguments] = {
    "_": _ONE,
    "gettext": _ONE,
    "gettext_lazy": _ONE,
    "gettext_noop": _ONE,
    "ngettext": _MANY,
    "ngettext_lazy": _MANY,
    "pgettext": _CONTEXT_ONE,
    "pgettext_lazy": _CONTEXT_ONE,
    "npgettext": _CONTEXT_MANY,
    "npgettext_lazy": _CONTEXT_MANY,
}


def main(argv: list[str]) -> int:
    """Run `update` or `check`. Returns the exit code."""
    if argv == ["update"]:
        update()
        return 0
    if argv == ["check"]:
        complaints = list(check())
        print("\n".join(complaints))
        return 1 if complaints else 0
    print("python -m local.messages update|check")
    return 2


def update() -> None:
    """Bring every .po up to date with the sources, and compile it."""
    template = extracted()
    for locale in LOCALES:
        path = po_path(locale)
        path.parent.mkdir(parents=True, exist_ok=True)
        catalog = merged(locale, template)
        path.write_bytes(as_po(catalog))
        path.with_suffix(".mo").write_bytes(as_mo(catalog))
        done = sum(1 for message in catalog if message.id and all_strings(message))
        print(f"{locale}: {done} of {len(catalog)} translated")


def check() -> Iterator[str]:
    """What is wrong with the committed catalogues, a line each."""
    template = extracted()
    for locale in LOCALES:
        path = po_path(locale)
        if not path.exists():
            yield f"{path.relative_to(BASE_DIR)} is missing: run script/messages"
            continue
        catalog = read(locale)
        for message, errors in catalog.check():
            yield f"{locale}: {message.id!r}: {'; '.join(map(str, errors))}"
        if as_po(merged(locale, template)) != path.read_bytes():
            yield f"{locale}: the .po is behind the sources: run script/messages"
        compiled = path.with_suffix(".mo")
        if not compiled.exists() or compiled.read_bytes() != as_mo(catalog):
            yield f"{locale}: the .mo is not what the .po compiles to"


def extracted() -> Catalog:
    """Every message of the code and the templates, in a stable order."""
    catalog = Catalog(project="Perennial", charset="utf-8", fuzzy=False)
    for path in source_files():
        name = path.relative_to(BASE_DIR).as_posix()
        for _line, found, comments, context in messages_in(path):
            catalog.add(
                found, None, [(name, 0)], auto_comments=comments, context=context
            )
    return catalog


def source_files() -> list[Path]:
    """All files that may hold words to translate, sorted."""
    code = [path for app in SOURCES for path in (BASE_DIR / app).rglob("*.py")]
    templates = [
        path
        for path in (BASE_DIR / "templates").rglob("*")
        if path.suffix in TEMPLATE_SUFFIXES
    ]
    return sorted(path for path in code + templates if "migrations" not in path.parts)


def messages_in(
    path: Path,
) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    """Babel's tuples (line, message, comments, context) of one file."""
    text = path.read_text()
    if path.suffix != ".py":
        lines = templatize(text, origin=str(path)).splitlines()
        # What stands around the calls is no Python: without indentation it is read
        # as such all the same.
        text = "\n".join(line.strip() for line in lines)
    return extract(
        "python",
        io.BytesIO(text.encode()),
        keywords=KEYWORDS,
        comment_tags=("Translators:",),
        options={"encoding": "utf-8"},
    )


def merged(locale: str, template: Catalog) -> Catalog:
    """The catalogue of this locale, brought up to date with the template."""
    catalog = read(locale)
    # A guess marked fuzzy is worse than a gap: gaps are shown in English and counted.
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    return catalog


def read(locale: str) -> Catalog:
    """The stored catalogue; an empty one where there is no file yet."""
    path = po_path(locale)
    if not path.exists():
        return Catalog(locale=locale, project="Perennial", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def po_path(locale: str) -> Path:
    """The file of a locale."""
    return BASE_DIR / "locale" / locale / "LC_MESSAGES" / "django.po"


def as_po(catalog: Catalog) -> bytes:
    """The catalogue as the bytes of a .po file."""
    out = io.BytesIO()
    # Files without line numbers: a moved line is no change of the wording.
    write_po(out, catalog, width=88, include_lineno=False, sort_by_file=True)
    return out.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    """The catalogue as the bytes of a compiled .mo file."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def all_strings(message: object) -> bool:
    """Whether every form of a Babel message is translated."""
    string = getattr(message, "string", "")
    return all(string) if isinstance(string, (list, tuple)) else bool(string)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
