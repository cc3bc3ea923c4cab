"""What a provider that takes mail for us says of a sender, as it posts it.

SPF, DKIM and DMARC as in `support.rules.checks`; `spam`: "yes" where it holds the mail
for spam. Each has its own way: the names are those of their documentation.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Headers = Callable[[str], Sequence[str]]

_SES = {"pass": "pass", "fail": "fail", "gray": "none"}
_WORD = re.compile(r"\s*([a-z]{2,12})\b", re.IGNORECASE)
# "{@example.org : pass, @mail.example : fail}"
_SENDGRID = re.compile(r":\s*([a-z]{2,12})\b", re.IGNORECASE)


def of_provider(provider: str, posted: Any, headers: Headers) -> dict[str, str]:
    """The results of one mail. `posted`: the fields of the event; `headers`: the values
    of a header of the mail, the topmost first. A method that the provider does not name
    is left out."""
    read = _PROVIDERS.get(provider)
    found = read(posted, headers) if read else {}
    return {name: result for name, result in found.items() if result}


def _amazon(posted: Any, _headers: Headers) -> dict[str, str]:
    def result(name: str) -> str:
        status = _at(posted, "receipt", f"{name}Verdict", "status").lower()
        return _SES.get(status, "")

    return {name: result(name) for name in ("spf", "dkim", "dmarc")}


def _sendgrid(posted: Any, _headers: Headers) -> dict[str, str]:
    signed = [one.lower() for one in _SENDGRID.findall(_at(posted, "dkim"))]
    # One signature that holds is enough.
    dkim = "pass" if "pass" in signed else next(iter(signed), "")
    return {"spf": _word(_at(posted, "SPF")), "dkim": dkim}


def _mandrill(posted: Any, _headers: Headers) -> dict[str, str]:
    signed, valid = (_at(posted, "msg", "dkim", name) for name in ("signed", "valid"))
    dkim = ("pass" if valid == "True" else "fail") if signed == "True" else ""
    return {"spf": _word(_at(posted, "msg", "spf", "result")), "dkim": dkim}


def _mailgun(_posted: Any, headers: Headers) -> dict[str, str]:
    return {
        "spf": _topmost(headers, "X-Mailgun-Spf"),
        "dkim": _topmost(headers, "X-Mailgun-Dkim-Check-Result"),
    }


def _postmark(_posted: Any, headers: Headers) -> dict[str, str]:
    return {"spf": _topmost(headers, "Received-SPF")}


def _topmost(headers: Headers, name: str) -> str:
    return _word(next(iter(headers(name)), ""))


def _word(text: str) -> str:
    found = _WORD.match(text)
    return found[1].lower() if found else ""


def _at(posted: Any, *path: str) -> str:
    """What lies there as a text; empty where nothing does."""
    found = posted
    for name in path:
        if not isinstance(found, Mapping):
            return ""
        found = found.get(name)
    return "" if found is None else str(found)


_PROVIDERS: dict[str, Callable[[Any, Headers], dict[str, str]]] = {
    "Amazon SES": _amazon,
    "Mailgun": _mailgun,
    "Mandrill": _mandrill,
    "Postmark": _postmark,
    "SendGrid": _sendgrid,
}
