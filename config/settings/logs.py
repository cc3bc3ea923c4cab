"""Logging: ids, never addresses, never a token."""

from config import env
from config.settings.mode import PRODUCTION
from local import embedded

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
