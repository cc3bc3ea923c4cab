"""One entry of a timeline, as it is shown."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class TimelineEntry:
    """What `templates/desk/_timeline.html` draws; `key` is its stable id."""

    key: str
    icon: str
    heading: str
    at: datetime
    at_text: str = ""
    tail: str = ""
    actor: str = ""
    chip: str = ""
    chip_detail: str = ""
    badge: str = ""
    badge_tone: str = "off"
    body: str = ""
    quote: str = ""
    quote_lang: str = ""
    note: str = ""
    message_id: int | None = None
    interaction_id: int | None = None
