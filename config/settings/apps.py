"""The apps, the middleware and the templates."""

from typing import Any

from config.settings.mode import BASE_DIR

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
FORM_RENDERER = "web.form_renderer.Renderer"

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
