"""Whether a machine wrote a mail: such mail is answered by nothing of ours."""

import re
from collections.abc import Mapping

# RFC 3834, and what came before it.
_BULK = frozenset({"bulk", "list", "junk", "auto_reply"})
_LISTS = ("list-id", "list-unsubscribe", "list-post", "feedback-id")
_ROBOTS = ("x-autoreply", "x-autorespond", "x-auto-response-suppress", "x-loop")
_NAMES = ("mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply", "bounce")
# What mail programs without RFC 3834 write before the subject of an answer by itself.
_AWAY = re.compile(
    r"\s*(?:auto(?:matic|mated|-)?[ -]?(?:reply|response|answer)|out of (?:the )?office"
    r"|automatische antwort|abwesenheit|r[ée]ponse automatique"
    r"|respuesta autom[áa]tica|自动回复|自動回[覆复複]|自動答覆|מענה אוטומטי"
    r"|תשובה אוטומטית|מחוץ למשרד)",
    re.IGNORECASE,
)


def is_away(subject: str) -> bool:
    """Whether it reads as an out-of-office notice. It may be a person's all the same,
    so such a mail is only not answered by a machine."""
    return _AWAY.match(subject) is not None


def is_automatic(headers: Mapping[str, str], sender: str) -> bool:
    """Whether a machine wrote it. `headers` by name in small letters; `sender` is the
    address in From."""
    submitted = headers.get("auto-submitted", "no").partition(";")[0].strip().lower()
    if submitted not in ("", "no"):
        return True
    if headers.get("precedence", "").strip().lower() in _BULK:
        return True
    # An empty envelope sender asks for no answer (RFC 5321, 4.5.5).
    if headers.get("return-path", "").strip() == "<>":
        return True
    if any(name in headers for name in (*_LISTS, *_ROBOTS)):
        return True
    return sender.partition("@")[0].lower().startswith(_NAMES)
