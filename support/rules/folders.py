"""Names of folders as IMAP servers write them: modified UTF-7 (RFC 3501, 5.1.3)."""

import re

_SHIFTED = re.compile(r"&([^-]*)-")
_FOREIGN = re.compile(r"[^\x20-\x7e]+")


def encoded(name: str) -> str:
    """The name as it is sent: "Envoyés" becomes "Envoy&AOk-s"."""
    return _FOREIGN.sub(_shift, name.replace("&", "&-"))


def decoded(name: str) -> str:
    """The name as people read it. One that is not well-formed stays as it is."""
    try:
        return _SHIFTED.sub(_unshift, name)
    except UnicodeError:
        return name


def _shift(found: re.Match[str]) -> str:
    utf7 = found[0].encode("utf-7").decode("ascii")
    return "&" + utf7.removeprefix("+").removesuffix("-").replace("/", ",") + "-"


def _unshift(found: re.Match[str]) -> str:
    if not found[1]:
        return "&"
    return f"+{found[1].replace(',', '/')}-".encode("ascii").decode("utf-7")
