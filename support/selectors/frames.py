"""The HTML of a mail for its sandboxed frame."""

import base64
import re
from collections.abc import Callable

from support.models import Mail
from support.services import storage
from support.services.reading.kinds import PICTURES

# What the frame may load. Without the second nothing comes from elsewhere.
HELD_BACK = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "script-src": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'self'"],
}
WITH_PICTURES = {**HELD_BACK, "img-src": ["data:", "https:", "http:"]}
_CID = re.compile(r'src="cid:([^"]{1,300})"', re.IGNORECASE)
_REMOTE = re.compile(r'<img[^>]+src="https?:', re.IGNORECASE)
# A frame without an origin of its own gets no cookie along, so pictures go inside.
_MOST_PICTURES = 10 * 1024 * 1024
_PAGE = (
    '<!doctype html><html><head><meta charset="utf-8"><base target="_blank">'
    "<style>body{{margin:12px;font:15px/1.5 sans-serif;overflow-wrap:anywhere;"
    "color:#1b1b1b;background:#fff}}img{{max-width:100%;height:auto}}</style></head>"
    '<body dir="auto">{}</body></html>'
)


def page_of(mail: Mail) -> str:
    """The whole page for the frame, with the mail's own pictures in their places."""
    return _PAGE.format(_CID.sub(_pictures(mail), mail.html))


def has_remote_pictures(mail: Mail) -> bool:
    """Whether pictures of it would be loaded from elsewhere."""
    return _REMOTE.search(mail.html) is not None


def _pictures(mail: Mail) -> Callable[[re.Match[str]], str]:
    files = {
        file.content_id: file
        for file in mail.files.exclude(content_id="")
        if file.content_type in PICTURES
    }
    left = _MOST_PICTURES

    def picture(found: re.Match[str]) -> str:
        nonlocal left
        file = files.get(found[1].replace("&amp;", "&"))
        if file is None or file.size > left:
            return 'alt=""'
        left -= file.size
        try:
            content = base64.b64encode(storage.read(file.key)).decode("ascii")
        except FileNotFoundError:
            return 'alt=""'
        return f'src="data:{file.content_type};base64,{content}"'

    return picture
