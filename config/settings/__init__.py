"""Settings, by subject, from the environment alone.

PERENNIAL_MODE is `local` (the one-command run: loopback only, key kept in var/) or
`production`, which refuses to start with a default key, DEBUG or open hosts.
"""

from config.settings.accounts import *  # noqa: F403
from config.settings.api import *  # noqa: F403
from config.settings.apps import *  # noqa: F403
from config.settings.files import *  # noqa: F403
from config.settings.languages import *  # noqa: F403
from config.settings.logs import *  # noqa: F403
from config.settings.mail import *  # noqa: F403
from config.settings.mode import *  # noqa: F403
from config.settings.security import *  # noqa: F403
from config.settings.servers import *  # noqa: F403
