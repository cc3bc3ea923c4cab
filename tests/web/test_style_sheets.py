"""What our style sheets may hold, read as data."""

import re
from pathlib import Path

import pytest
from django.conf import settings

CSS = Path(settings.BASE_DIR) / "static" / "css"
SHEETS = sorted(CSS.glob("*.css"))
STAFF = (CSS / "perennial.css").read_text()
PUBLIC = (CSS / "public.css").read_text()

PHYSICAL = re.compile(
    r"(?:^|[;{\s])(?:(?:margin|padding|border)-(?:left|right|top|bottom)\b"
    r"|(?:left|right|top|bottom)\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right))"
)
HEX = r"#[0-9A-Fa-f]{6}"


def without_comments(sheet: str) -> str:
    return re.sub(r"/\*.*?\*/", "", sheet, flags=re.S)


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def staff_tokens(theme: int) -> dict[str, str]:
    pairs = re.findall(rf"--p-([\w-]+): light-dark\(({HEX}), ({HEX})\)", STAFF)
    return {name: both[theme] for name, *both in pairs}


def public_tokens(theme: int) -> dict[str, str]:
    roots = re.findall(r":root\{([^}]*)\}", PUBLIC)
    return dict(re.findall(rf"--([\w-]+):({HEX})", roots[theme]))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_only_logical_properties(sheet):
    assert PHYSICAL.findall(without_comments(sheet.read_text())) == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_nothing_comes_from_another_host(sheet):
    assert "url(" not in sheet.read_text()
    assert "@import" not in sheet.read_text()


def test_our_classes_do_not_clash():
    """Ours start with p-; Tabler's that we repaint are these."""
    ours = set(re.findall(r"\.([A-Za-z][\w-]*)", without_comments(STAFF)))
    repainted = {"btn", "btn-sm", "btn-primary", "btn-danger", "btn-ghost"}
    repainted |= {"form-control", "form-select"}
    others = {"ic", "htmx-indicator", "htmx-request", "visually-hidden"}
    assert {name for name in ours if not name.startswith("p-")} <= repainted | others


def test_every_variable_that_is_used_is_known():
    """Ours must be set; --tblr- ones must exist in the version that we carry."""
    tabler = (CSS.parent / "vendor" / "tabler.min.css").read_text()
    ours = set(re.findall(r"var\((--p-[\w-]+)\)", STAFF))
    theirs = set(re.findall(r"(--tblr-[\w-]+):", STAFF))
    assert (len(ours) > 20, len(theirs) > 20) == (True, True)
    assert {name for name in ours if f"{name}:" not in STAFF} == set()
    assert {name for name in theirs if name not in tabler} == set()


def test_the_public_sheet_is_small():
    assert len(PUBLIC.encode()) <= 6.5 * 1024


def test_every_variable_of_a_button_is_ours():
    tabler = (CSS.parent / "vendor" / "tabler.min.css").read_text()
    rules = re.findall(r"[},]\.btn\{([^}]*)\}", tabler)
    theirs = {
        name for rule in rules for name in re.findall(r"(--tblr-btn-[\w-]+):", rule)
    }
    block = re.search(r"\n\.btn \{(.*?)\n\}", STAFF, flags=re.S)
    assert theirs
    assert theirs <= set(re.findall(r"(--tblr-btn-[\w-]+):", block[1]))


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["page", "surface", "sunken"])
@pytest.mark.parametrize("text", ["text", "text-2", "text-3", "primary", "bad", "warn"])
def test_text_can_be_read(theme, ground, text):
    token = staff_tokens(theme)
    assert contrast(token[text], token[ground]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("tone", ["good", "info", "wait", "warn", "bad", "off"])
def test_chips_can_be_read(theme, tone):
    token = staff_tokens(theme)
    assert contrast(token[tone], token[f"{tone}-bg"]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_other_pairs_can_be_read(theme):
    token = staff_tokens(theme)
    assert contrast(token["on-primary"], token["primary"]) >= 4.5
    assert contrast(token["on-primary"], token["primary-hover"]) >= 4.5
    assert contrast(token["surface"], token["bad"]) >= 4.5
    for text in ("text", "text-2"):
        assert contrast(token[text], token["chosen"]) >= 4.5
    for ground in ("page", "surface", "sunken"):
        assert contrast(token["control"], token[ground]) >= 3
        assert contrast(token["focus"], token[ground]) >= 3


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_public_pairs_can_be_read(theme):
    token = public_tokens(theme)
    for ground in ("page", "surface"):
        for text in ("text", "text-2", "primary", "bad"):
            assert contrast(token[text], token[ground]) >= 4.5
        assert contrast(token["control"], token[ground]) >= 3
        assert contrast(token["focus"], token[ground]) >= 3
    assert contrast(token["on"], token["primary"]) >= 4.5
    assert contrast(token["text"], token["chosen"]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_public_and_staff_pages_share_their_colours(theme):
    staff, public = staff_tokens(theme), public_tokens(theme)
    same = {"on": "on-primary"}
    assert public == {name: staff[same.get(name, name)] for name in public}
