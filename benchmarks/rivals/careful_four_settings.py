"""Four questions on the product's tables, under the middleware of `startproject`, and
the product's policy by django-csp."""

from benchmarks.rivals.careful_settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.rivals.careful_four"
MIDDLEWARE += ["csp.middleware.CSPMiddleware"]  # noqa: F405
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "benchmarks" / "rivals" / "templates"],  # noqa: F405
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
# A database that was restarted costs nobody an error.
DATABASES["default"].update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)  # noqa: F405
