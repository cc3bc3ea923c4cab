"""Whether a machine wrote a mail: such mail is answered by nothing of ours."""

from collections.abc import Mapping

# RFC 3834, and what came before it.
_BULK = frozenset({"bulk", "list", "junk", "auto_reply"})
_LISTS = ("list-id", "list-unsubscribe", "list-post", "feedback-id")
_ROBOTS = ("x-autoreply", "x-autorespond", "x-auto-response-suppress", "x-loop")
_NAMES = ("mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply", "bounce")


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
