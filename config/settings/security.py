"""Transport security, headers, and how much a request may bring."""

from pathlib import Path

from csp.constants import NONE, SELF

from config import env
from config.settings.mode import PRODUCTION
from local import embedded

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# The probes, and the stop page, of which HttpsMiddleware lets only POSTs in.
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$", "^u/"]
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
# Number of reverse proxies in front; forwarded headers are ignored without one.
NUM_PROXIES = env.number("NUM_PROXIES", 0)
if NUM_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# The columns of a file, several fields each.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1500
# The largest file that is brought in. A proxy before us must let as much through.
UPLOAD_MAX_BYTES = 200 * 1024 * 1024
# On the disk: /tmp is memory on many systems.
FILE_UPLOAD_TEMP_DIR = "/var/tmp" if Path("/var/tmp").is_dir() else None  # noqa: S108
DATA_UPLOAD_MAX_NUMBER_FILES = 5
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "web.upload_handler.NamelessFileUploadHandler",
]
# What is unpacked and written while a file is read; cleared after a kill.
WORK_FOLDER = embedded.var_folder() / "work"
