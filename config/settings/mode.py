"""Local or production, and the secrets. Production refuses to start half-configured."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config import env
from local import embedded

BASE_DIR = Path(__file__).resolve().parent.parent.parent

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
