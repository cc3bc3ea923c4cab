"""What others wrote, and what the server makes of all static files."""

import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

STATIC = Path(settings.BASE_DIR) / "static"
VENDOR = STATIC / "vendor"
README = (VENDOR / "README.md").read_text()
CARRIED = re.findall(r"\| `([\w.]+)` \|.*`([0-9a-f]{64})` \|", README)


def test_every_carried_file_is_listed():
    code = {path.name for path in VENDOR.iterdir() if path.suffix in {".css", ".js"}}
    assert code == {name for name, _ in CARRIED}


@pytest.mark.parametrize(("name", "digest"), CARRIED)
def test_a_carried_file_is_what_the_list_states(name, digest):
    content = (VENDOR / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == digest
    assert b"sourceMappingURL" not in content


def test_licences_stand_beside_the_files():
    assert "MIT License" in (VENDOR / "tabler.LICENSE.txt").read_text()
    assert "Zero-Clause BSD" in (VENDOR / "htmx.LICENSE.txt").read_text()


def test_no_file_is_large():
    sizes = {path: path.stat().st_size for path in STATIC.rglob("*") if path.is_file()}
    assert max(sizes.values()) < 1_500_000


def test_our_scripts_need_no_eval_and_import_nothing():
    scripts = sorted((STATIC / "js").glob("*.js"))
    assert scripts
    for path in scripts:
        text = path.read_text()
        assert not re.search(r"\beval\(|new Function|innerHTML|^import ", text, re.M)


def test_the_manifest_knows_every_file(settings, tmp_path):
    """As in production: hashed names, each url() found, compressed."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {
            "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        },
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    manifest = (tmp_path / "staticfiles.json").read_text()
    files = [path for path in STATIC.rglob("*") if path.is_file()]
    assert len(files) > 10
    for path in files:
        assert f'"{path.relative_to(STATIC).as_posix()}"' in manifest
