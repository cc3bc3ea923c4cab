"""Where files are: those of customers, and what pages are drawn with."""

from pathlib import Path
from typing import Any

from config import env
from config.settings.mode import BASE_DIR, PRODUCTION
from local import embedded

# Exports and uploads: customers' data. A folder that web and workers share, or a bucket
# (FILES_BACKEND); no address leads there, our pages hand each file out.
FILES_DIR = Path(env.text("FILES_DIR") or embedded.var_folder() / "files").resolve()
PRIVATE_STORAGE: dict[str, Any] = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {
        "location": FILES_DIR,
        "allow_overwrite": True,
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    },
}
if FILES_BACKEND := env.text("FILES_BACKEND"):
    PRIVATE_STORAGE = {
        "BACKEND": FILES_BACKEND,
        "OPTIONS": {
            name.removeprefix("FILES_OPTION_").lower(): value
            for name, value in env.prefixed("FILES_OPTION_").items()
        },
    }

STATIC_URL = "static/"
# Served as collected, compressed and with names that may be kept for years: always in
# production; elsewhere where the environment names their folder (script/server does).
COLLECTED = PRODUCTION or bool(env.text("STATIC_ROOT"))
STATIC_ROOT = Path(env.text("STATIC_ROOT") or embedded.var_folder() / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": PRIVATE_STORAGE,
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if COLLECTED
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = not COLLECTED
