"""What a file is, by its first bytes: never what its sender says it is."""

_STARTS: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
    (b"GIF87a", "image/gif", ".gif"),
    (b"GIF89a", "image/gif", ".gif"),
    (b"%PDF-", "application/pdf", ".pdf"),
    (b"PK\x03\x04", "application/zip", ".zip"),
    (b"BEGIN:VCALENDAR", "text/calendar", ".ics"),
    (b"BEGIN:VCARD", "text/vcard", ".vcf"),
)
OTHER = "application/octet-stream"
# Formats in which nothing can run: these alone are shown in place.
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def detected(content: bytes) -> tuple[str, str]:
    """Content type and the end of a name for it; ("application/octet-stream", "")."""
    for start, kind, ending in _STARTS:
        if content.startswith(start):
            return kind, ending
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp", ".webp"
    return OTHER, ""
