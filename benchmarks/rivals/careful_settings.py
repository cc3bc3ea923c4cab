"""The product's tables under the middleware of `startproject`."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.rivals.careful"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
DATABASES["default"].update(CONN_MAX_AGE=None, CONN_HEALTH_CHECKS=False)  # noqa: F405
