"""What goes into a rendering beside the kind's own context, and what comes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class MailUrls:
    """Absolute addresses of one mail; `stop` is empty for a transactional one."""

    links: Mapping[str, str] = field(default_factory=dict)
    stop: str = ""
    preferences: str = ""
    contact: str = ""
    member: str = ""


@dataclass(frozen=True)
class Rendered:
    """A finished mail: subject, plain text and HTML."""

    subject: str
    text: str
    html: str
