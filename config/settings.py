"""Settings, in sections, from the environment alone.

PERENNIAL_MODE is `local` (the one-command run: loopback only, key kept in var/) or
`production`, which refuses to start with a default key, DEBUG or open hosts.
"""

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from kombu import Queue

from config import env
from config.database import database_from_url
from config.schedule import BEAT_SCHEDULE
from local import embedded

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Mode and secrets ----------------------------------------------------------------

MODE = env.one_of("PERENNIAL_MODE", "local", "production", default="local")
PRODUCTION = MODE == "production"

DEBUG = env.flag("DEBUG")
SECRET_KEY = env.text("SECRET_KEY") or ("" if PRODUCTION else embedded.secret_key())
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.words(
    "ALLOWED_HOSTS", "" if PRODUCTION else "127.0.0.1,localhost,[::1]"
)
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

if PRODUCTION:
    # An earlier key that anybody may guess would open as much as a present one.
    if not all(map(env.is_strong_key, [SECRET_KEY, *SECRET_KEY_FALLBACKS])):
        raise ImproperlyConfigured(
            "Production needs a SECRET_KEY of its own, 50 random characters or more; "
            "so do the keys in SECRET_KEY_FALLBACKS."
        )
    if DEBUG:
        raise ImproperlyConfigured("DEBUG must be off in production.")
    if not ALLOWED_HOSTS or any("*" in host for host in ALLOWED_HOSTS):
        raise ImproperlyConfigured(
            "Production needs ALLOWED_HOSTS: the host names, without '*'."
        )

# Where the one-command run listens, on loopback.
PORT = env.number("PORT", 8000, least=1, most=65_535)

# Exists while the one-command run fills the sample shop; holds its progress.
SAMPLE_SHOP_MARK = embedded.var_folder() / "demo-unfinished"

# --- Applications --------------------------------------------------------------------

INSTALLED_APPS = [
    # Before the admin: its forms use fields that bring their own error messages.
    "web",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "anymail",
    "csp",
    "django_htmx",
    "crm",
    "messaging",
    "support",
    "surveys",
    "feedback",
    "loyalty",
    "insights",
    "desk",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "crm.middleware.HttpsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "crm.caching.NoStoreMiddleware",
    "web.middleware.ContentPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Below those that set headers, above those that refuse.
    "crm.middleware.ProbeMiddleware",
    "web.middleware.RequestValidationMiddleware",
    "django.middleware.common.CommonMiddleware",
    "crm.middleware.NoSessionMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "crm.account_middleware.SignInRequiredMiddleware",
    "crm.account_middleware.StaffSessionMiddleware",
    "crm.account_middleware.SecondFactorMiddleware",
    "crm.middleware.ActorMiddleware",
    "crm.middleware.StaffLocaleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # The last one: what it does again is the view and nothing else.
    "web.middleware.RetryOnDeadlockMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        # Third parties only (admin, DRF); ours live in templates/.
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "desk.context_processors.shell",
            ],
        },
    }
]

# --- Database and broker -------------------------------------------------------------

DATABASES = {
    "default": database_from_url(env.text("DATABASE_URL") or embedded.database_url())
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEST_RUNNER = "django.test.runner.DiscoverRunner"

REDIS_URL = env.text("REDIS_URL") or embedded.redis_url()
if not REDIS_URL.startswith(("redis://", "rediss://", "redis+socket://")):
    raise ImproperlyConfigured("REDIS_URL must begin with redis:// or rediss://")
# Nothing that must be right may live in a cache.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- Celery --------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL
CELERY_BEAT_SCHEDULE = BEAT_SCHEDULE
# The default one keeps its last ticks in a file, and one that a kill or a full disk has
# torn stops it for good. Ticks without meaning need no memory.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
# Deliveries and jobs queue apart from the ticks: workers take from each in turn, so
# that neither a full outbox nor a long job keeps the heartbeat and the sweeper waiting.
CELERY_TASK_QUEUES = [
    Queue("celery", routing_key="celery"),
    Queue("mail", routing_key="mail"),
    Queue("jobs", routing_key="jobs"),
]
CELERY_TASK_ROUTES = {
    "messaging.tasks.deliver": {"queue": "mail"},
    "crm.tasks.work_jobs": {"queue": "jobs"},
    "support.tasks.fetch_mail": {"queue": "jobs"},
    "crm.tasks.find_duplicates": {"queue": "jobs"},
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_TASK_TIME_LIMIT = 120
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
# KiB; a process that has grown beyond this is replaced after its task. Well above what
# one has at the start: otherwise it would be replaced after every task.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 600_000
CELERY_WORKER_ETA_TASK_LIMIT = 1000
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
# A task cut off because the broker went away would leave a mail in doubt; run to its
# end it does no harm, however often the broker gives it again.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A broker that refuses a command (it became a replica, it is full) is one to connect to
# again. Otherwise the worker gives up, and its process stays without consuming.
CELERY_BROKER_CHANNEL_ERROR_RETRY = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # At least ten times the longest task, so that a running one is not given twice.
    "visibility_timeout": env.number("CELERY_VISIBILITY_TIMEOUT", 1800),
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    # A silent broker must not hold a request or a worker for ever.
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "retry_on_timeout": True,
    "global_keyprefix": "perennial:",
}

# How far a worker's clock may be from the database's before the latter counts.
CLOCK_TOLERANCE_SECONDS = 60

# --- Mail ----------------------------------------------------------------------------

EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.number(
    "EMAIL_PORT", 587 if env.flag("EMAIL_USE_TLS") else 25, least=1, most=65_535
)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS")
EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL")
if EMAIL_USE_TLS and EMAIL_USE_SSL:
    raise ImproperlyConfigured(
        "EMAIL_USE_TLS (STARTTLS) and EMAIL_USE_SSL exclude each other: choose one."
    )
# Without a limit a silent server would hold a worker for ever.
EMAIL_TIMEOUT = env.number("EMAIL_TIMEOUT", 10, least=1, most=60)
# How long we wait for the answer to the final dot, in seconds.
EMAIL_DOT_TIMEOUT = env.number("EMAIL_DOT_TIMEOUT", 30, least=1, most=60)
# How long a claimed message belongs to its deliverer, in seconds of the database's
# clock. Must be well above the wait for the final dot.
MAIL_LEASE_SECONDS = env.number("MAIL_LEASE_SECONDS", 120, least=1, most=3600)
# What must outlive the database (crm/services/journal), and how far each delivering
# process came. One folder for web, workers and beat, on another disk than the database.
JOURNAL_FOLDER = Path(
    env.text("JOURNAL_FOLDER") or embedded.var_folder() / "journal"
).resolve()
EMAIL_BACKEND = env.text("EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
# `outbox` keeps whole bodies and never sends; `smtp` speaks SMTP; `provider` uses
# EMAIL_BACKEND (for instance anymail.backends.postmark.EmailBackend).
MAIL_TRANSPORT = env.one_of(
    "MAIL_TRANSPORT",
    "outbox",
    "smtp",
    "provider",
    default="provider"
    if EMAIL_BACKEND.startswith("anymail.")
    else "smtp"
    if EMAIL_HOST
    else "outbox",
)
# Said in so many words, also mailboxes with an SMTP server of their own send nothing:
# for a copy of the shop.
MAIL_IS_KEPT = env.text("MAIL_TRANSPORT") == "outbox"
if MAIL_TRANSPORT == "smtp" and not EMAIL_HOST:
    raise ImproperlyConfigured("MAIL_TRANSPORT is smtp: EMAIL_HOST is missing.")
ANYMAIL = {
    name.removeprefix("ANYMAIL_"): value
    for name, value in env.prefixed("ANYMAIL_").items()
}

# --- People, sessions, passwords -----------------------------------------------------

AUTH_USER_MODEL = "crm.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# The longest life of a link that sets a password; crm/services/account_links.py has
# one for each purpose.
PASSWORD_RESET_TIMEOUT = 7 * 24 * 60 * 60
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "desk:today"
# Pages that apps below the desk link to and do not know by name.
CUSTOMER_PAGE = "desk:customer"
CUSTOMER_LIST_PAGE = "desk:customer-list"
SETTINGS_PAGE = "desk:settings"
REPLY_PAGE = "support:reply-to"
PROGRAMME_FIGURES_PAGE = "insights:programme"
LOGOUT_REDIRECT_URL = "login"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"

# Wrong sign-ins of one account from one address in a quarter of an hour; twice as many
# from one address whatever the account, five times of one account from anywhere.
LOGIN_FAILURE_LIMIT = env.number("LOGIN_FAILURE_LIMIT", 10, least=1, most=1000)
# Owners and managers set up an authenticator app before they can do anything else.
REQUIRE_SECOND_FACTOR = env.flag("REQUIRE_SECOND_FACTOR")
# Names the browsers that an account is known on (crm/known_device.py).
DEVICE_COOKIE_NAME = "__Host-device" if PRODUCTION else "device"

# --- Transport security and headers --------------------------------------------------

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

# --- Languages, time, static files ---------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("zh-hans", _("Simplified Chinese")),
    ("zh-hant", _("Traditional Chinese")),
    ("he", _("Hebrew")),
]
# Pages for staff are offered in a language once its catalogue is whole, which a test
# compares. Customers' pages and mails exist in all of LANGUAGES.
STAFF_LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

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

# --- API -----------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["crm.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["crm.api.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["web.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "crm.api.schema.ApiSchema",
    "EXCEPTION_HANDLER": "web.api.errors.handle",
    "COERCE_DECIMAL_TO_STRING": True,
    "NUM_PROXIES": NUM_PROXIES,
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Perennial API",
    "DESCRIPTION": "Customers, orders, contact history and messages.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    # The schema describes shapes and holds no data.
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
}

# --- Logging: ids, never addresses, never a token ------------------------------------

# Of the one-command run alone: in production each process writes to its standard error,
# and the machine keeps that.
LOG_FOLDER = None if PRODUCTION else embedded.var_folder() / "log"
LOGGING_CONFIG = "config.logs.configure"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}
    },
    "filters": {
        "refusals": {"()": "config.logs.NoTraceOfRefusals"},
        "paths": {"()": "config.logs.WordsOfOurs"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["refusals", "paths"],
        }
    },
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO")},
}
