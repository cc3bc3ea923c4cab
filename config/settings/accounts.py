"""People, sessions and passwords."""

from config import env
from config.settings.mode import PRODUCTION

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
# Pages that rooms below them link to and do not know by name.
SIGN_IN_HELP_PAGE = "crm:password-forgotten"
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
