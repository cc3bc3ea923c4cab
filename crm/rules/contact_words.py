"""Channels, directions and texts of conversations, as other programs write them."""

import html
import re
from html.parser import HTMLParser

from crm.rules.choices import Channel, Direction

_MARKS = re.compile(r"[\W_]+")
_CHANNELS = {
    Channel.NOTE: (
        *("note", "notes", "memo", "comment", "remark", "备注", "備註", "הערה"),
        *("笔记", "筆記", "other", "task"),
    ),
    Channel.CALL: (
        *("call", "calls", "phone", "phonecall", "telephone", "tel", "电话", "電話"),
        *("שיחה", "שיחתטלפון", "טלפון", "call_logged"),
    ),
    Channel.EMAIL: (
        *("email", "mail", "emails", "incomingemail", "forwardedemail", "letter"),
        *("邮件", "郵件", "电子邮件", "電子郵件", "דוא״ל", "מייל", "אימייל"),
    ),
    Channel.CHAT: (
        *("chat", "livechat", "whatsapp", "sms", "message", "wechat", "messenger"),
        *("聊天", "短信", "簡訊", "צאט", "צ׳אט", "הודעה"),
    ),
    Channel.VISIT: (
        *("visit", "meeting", "meet", "inperson", "appointment", "拜访", "拜訪"),
        *("会议", "會議", "到店", "ביקור", "פגישה"),
    ),
    Channel.SOCIAL: (
        *("social", "socialmedia", "socialpost", "post", "tweet", "社交媒体"),
        *("社交媒體", "帖子", "貼文", "פוסט", "רשתחברתית"),
    ),
}
_DIRECTIONS = {
    Direction.INBOUND: (
        *("inbound", "incoming", "in", "received", "fromcustomer", "呼入", "收到"),
        *("来电", "來電", "נכנס", "נכנסת"),
    ),
    Direction.OUTBOUND: (
        *("outbound", "outgoing", "out", "sent", "tocustomer", "呼出", "发出", "發出"),
        *("去电", "去電", "יוצא", "יוצאת"),
    ),
    Direction.INTERNAL: ("internal", "none", "na", "内部", "內部", "פנימי", "פנימית"),
}


def _folded(word: str) -> str:
    return _MARKS.sub("", word.casefold())


_CHANNEL_OF = {_folded(w): one for one, words in _CHANNELS.items() for w in words}
_DIRECTION_OF = {_folded(w): one for one, words in _DIRECTIONS.items() for w in words}


def channel(word: str) -> Channel | None:
    """A note where the text is empty; None for an unknown word."""
    return _CHANNEL_OF.get(_folded(word)) if word.strip() else Channel.NOTE


def direction(word: str, of: Channel) -> Direction | None:
    """As usual for the channel where the text is empty; None for an unknown word."""
    if word.strip():
        return _DIRECTION_OF.get(_folded(word))
    return Direction.INTERNAL if of is Channel.NOTE else Direction.OUTBOUND


_TAG = re.compile(
    r"</?(?:p|br|div|span|html|body|table|tr|td|ul|ol|li|b|i|u|em|strong|a|h[1-6]|hr"
    r"|blockquote|pre|font|img)\b[^<>]*>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#\d{1,6}|#[xX][0-9a-fA-F]{1,5});")
_BREAKS = frozenset({"p", "br", "div", "tr", "li", "h1", "h2", "h3", "hr", "pre"})
_SILENT = frozenset({"script", "style", "head", "title"})
_BLANK_LINES = re.compile(r"[ \t\xa0]*\n(?:[ \t\xa0]*\n)+")


def plain_text(body: str) -> str:
    """The words of a text that another program kept as a web page; any other as it is.

    What is left is text: every page that shows it escapes it.
    """
    if _TAG.search(body):
        parser = _Words()
        parser.feed(body)
        parser.close()
        return _BLANK_LINES.sub("\n\n", "".join(parser.words)).strip()
    return _ENTITY.sub(lambda found: html.unescape(found[0]), body)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._silent += tag in _SILENT
        if tag in _BREAKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in _SILENT))
        if tag in ("p", "div"):
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)
