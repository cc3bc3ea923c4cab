"""Languages and time."""

from django.utils.translation import gettext_lazy as _

from config.settings.mode import BASE_DIR

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
