"""What somebody wrote, apart from what they quote below it."""

import re

# The line that mail programs put above what they quote, in the languages of our
# customers and of the programs they use. Short, or it is a sentence of somebody.
_MOST_LETTERS = 240
_INTRODUCED = re.compile(
    r"(?:"
    r"on\b.+\bwrote|am\b.+\bschrieb\b.*|le\b.+\ba écrit|el\b.+\bescribió|"
    r"il\b.+\bha scritto|op\b.+\bschreef\b.*|em\b.+\bescreveu|"
    r".+\bwrote|.+写道|.+寫道|"
    r"(?:ב|מאת).*(?:כתב|כתבה|כתב/ה|<.+>)"
    r")\s*[:：]\s*",
    re.IGNORECASE,
)
# Marks of direction, which programs put around names and addresses.
_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SEPARATOR = re.compile(
    r"\s*(?:-{2,}|_{5,})\s*(?:original message|forwarded message|"
    r"ursprüngliche nachricht|message d'origine|mensaje original|原始邮件|原始郵件|"
    r"הודעה מקורית|הודעה שהועברה)?\s*-*\s*",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"\s*\*?(?:from|von|de|da|van|发件人|寄件者|寄件人|מאת)\s*[:：]", re.IGNORECASE
)
_MORE_HEADERS = re.compile(
    r"\s*\*?(?:sent|date|to|subject|gesendet|datum|an|betreff|envoyé|à|objet|enviado|"
    r"发送时间|收件人|主题|寄件日期|傳送時間|主旨|נשלח|תאריך|אל|נושא)\s*[:：]",
    re.IGNORECASE,
)


def folded(text: str) -> tuple[str, str]:
    """What they wrote, and what follows that is quoted: "" where nothing is.

    What is quoted in the middle, with an answer below, stays: it is part of what they
    say. A mail that is nothing but a quotation is shown whole.
    """
    lines = text.split("\n")
    start = _start(lines)
    if start is None:
        return text, ""
    own, quoted = "\n".join(lines[:start]).rstrip(), "\n".join(lines[start:]).strip()
    return (own, quoted) if own.strip() else (text, "")


def _start(lines: list[str]) -> int | None:
    for at, line in enumerate(lines):
        if _begins_quotation(lines, at, line):
            return at
    return _trailing(lines)


def _begins_quotation(lines: list[str], at: int, line: str) -> bool:
    if len(line) > _MOST_LETTERS or not line.strip():
        return False
    rest = [other for other in lines[at + 1 :] if other.strip()]
    if _SEPARATOR.fullmatch(line):
        # "-- " begins a signature, and a line of dashes may be anybody's.
        return any(_HEADER.match(other) for other in rest[:2])
    if _HEADER.match(line):
        return sum(bool(_MORE_HEADERS.match(other)) for other in rest[:4]) >= 2
    # Mail programs break the long line of the introduction in two or three.
    return any(
        _introduces(lines[at : at + count]) and _all_quoted(lines[at + count :])
        for count in (1, 2, 3)
    )


def _introduces(lines: list[str]) -> bool:
    bare = [_TURNING.sub("", line).strip() for line in lines]
    return all(bare) and _INTRODUCED.fullmatch(" ".join(bare)) is not None


def _all_quoted(lines: list[str]) -> bool:
    """Whether no answer stands among or below the quoted lines. Some programs, and
    HTML without its layout, mark none of them."""
    marked = [line.lstrip().startswith(">") for line in lines if line.strip()]
    return all(marked) or not any(marked)


def _trailing(lines: list[str]) -> int | None:
    """Where the last run of lines with ">" begins, when it ends the mail."""
    at = len(lines)
    while at and (not lines[at - 1].strip() or lines[at - 1].lstrip().startswith(">")):
        at -= 1
    tail = lines[at:]
    return at if any(line.strip() for line in tail) else None
