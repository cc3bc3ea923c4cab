"""Who wrote a mail first that somebody sent on to us, by what its text says.

Programs put some lines of headers above what they send on: Gmail, Outlook and Apple
Mail in words of their own, each in the language of whoever sends it on. What these
lines say is a guess: a person confirms it.
"""

import re
from dataclasses import dataclass

_FROM = r"from|von|de|da|van|发件人|寄件者|寄件人|מאת"
_SUBJECT = r"subject|betreff|objet|asunto|onderwerp|oggetto|主题|主旨|主題|נושא"
_DATE = (
    r"date|sent|datum|gesendet|envoyé|fecha|enviado|日期|发送时间|发送日期|寄件日期|"
    r"傳送時間|傳送日期|תאריך|נשלח"
)
_TO = r"to|cc|an|à|para|aan|reply-to|收件人|收件者|抄送|副本|אל|עותק|עותק לידיעה"
_ANY = re.compile(
    rf"[\s>]*\*?(?P<name>{_FROM}|{_SUBJECT}|{_DATE}|{_TO})\*?\s*[:：]\*?\s*(?P<value>.*)",
    re.IGNORECASE,
)
_IS_FROM = re.compile(_FROM, re.IGNORECASE)
_IS_SUBJECT = re.compile(_SUBJECT, re.IGNORECASE)
# Marks of direction, which programs put around names and addresses.
_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
_ABOVE = re.compile(
    r"\s*(?:>?\s*begin forwarded message|开始转发的邮件|開始轉寄郵件|"
    r"תחילת ההודעה שהועברה|-{2,}.*-{2,}|_{5,})\s*[:：]?\s*",
    re.IGNORECASE,
)
# So many headers make it one that was sent on, not a line that begins by chance.
_LEAST = 3


@dataclass(frozen=True)
class Original:
    """Who wrote it, its subject and text; `above`: what its sender added."""

    name: str
    address: str
    subject: str
    text: str
    above: str


def original(text: str) -> Original | None:
    """The nearest mail that was sent on in this text; None where there is none."""
    lines = [_TURNING.sub("", line).rstrip() for line in text.splitlines()]
    for start, line in enumerate(lines):
        found = _ANY.fullmatch(line)
        if found and _IS_FROM.fullmatch(found["name"]):
            headers, end = _headers(lines, start)
            if len(headers) >= _LEAST and (address := _ADDRESS.search(headers[0][1])):
                return _original(lines, start, end, headers, address)
    return None


def _headers(lines: list[str], start: int) -> tuple[list[tuple[str, str]], int]:
    """Names and values from here on, and where the text begins. Some programs leave
    lines free between them, and break long values."""
    headers: list[tuple[str, str]] = []
    at = start
    while at < len(lines):
        found = _ANY.fullmatch(lines[at])
        if found:
            headers.append((found["name"], found["value"].strip()))
        elif lines[at].strip("> "):
            if not lines[at - 1].strip("> ") or not _goes_on(lines, at):
                break
            name, value = headers[-1]
            headers[-1] = (name, f"{value} {lines[at].strip()}")
        at += 1
    return headers, at


def _goes_on(lines: list[str], at: int) -> bool:
    """Whether another header follows: then this line belongs to the one before."""
    following = (line for line in lines[at + 1 :] if line.strip("> "))
    return _ANY.fullmatch(next(following, "")) is not None


def _original(
    lines: list[str],
    start: int,
    end: int,
    headers: list[tuple[str, str]],
    address: re.Match[str],
) -> Original:
    above = lines[:start]
    while above and (not above[-1].strip() or _ABOVE.fullmatch(above[-1])):
        above.pop()
    written = headers[0][1][: address.start()]
    name = re.sub(r"\[mailto:|[<>\"*\[\]]", " ", written)
    subjects = [value for name, value in headers if _IS_SUBJECT.fullmatch(name)]
    body = "\n".join(lines[end:]).strip("\n")
    return Original(
        name=" ".join(name.split()),
        address=address[0],
        subject=subjects[0] if subjects else "",
        text=_unmarked(body),
        above="\n".join(above).strip(),
    )


def _unmarked(body: str) -> str:
    """Apple Mail marks every line of what it sends on."""
    lines = body.splitlines()
    if lines and all(line.startswith(">") for line in lines if line.strip()):
        return "\n".join(line.removeprefix(">").removeprefix(" ") for line in lines)
    return body
