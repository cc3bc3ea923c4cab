"""Makes a winmail.dat as Outlook does ([MS-OXTNEF]), of the parts that a test needs."""

import struct

# The example of [MS-OXRTFCP]: {\rtf1\ansi\ansicpg1252\pard hello world}
HELLO_WORLD = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c0900206277"
    "05b06c647d0a800fa0"
)
STRING, UNICODE, BINARY, OBJECT = 0x1E, 0x1F, 0x102, 0x0D
MAIL = bytes.fromhex("0703020000000000c000000000000046")


def attribute(kind, data, level=1):
    total = struct.pack("<H", sum(data) & 0xFFFF)
    return struct.pack("<BII", level, kind, len(data)) + data + total


def properties(*rows):
    """Rows of kind, number and value."""
    packed = struct.pack("<I", len(rows))
    for kind, number, value in rows:
        packed += struct.pack("<HHII", kind, number, 1, len(value))
        packed += value + b"\0" * (-len(value) % 4)
    return packed


def rtf(words):
    """Not compressed, which is allowed."""
    head = struct.pack("<II", len(words) + 12, len(words))
    return head + b"MELA" + bytes(4) + words


def file(name, content, *, long_name="", content_id=""):
    more = (
        [(UNICODE, 0x3707, f"{long_name}\0".encode("utf-16-le"))] if long_name else []
    )
    more += [(STRING, 0x3712, content_id.encode() + b"\0")] if content_id else []
    return (
        attribute(0x69002, bytes(14), 2)
        + attribute(0x18010, name.encode("cp1252") + b"\0", 2)
        + attribute(0x6800F, content, 2)
        + (attribute(0x69005, properties(*more), 2) if more else b"")
    )


def mail_file(inner):
    """A mail among the files. The content beside it says only that there is one."""
    packed = properties((OBJECT, 0x3701, MAIL + inner))
    return (
        attribute(0x69002, bytes(14), 2)
        + attribute(0x6800F, b"This attachment is a MAPI 1.0 message", 2)
        + attribute(0x69005, packed, 2)
    )


def winmail(*parts, body=None, subject=""):
    """`body`: rows of properties."""
    head = struct.pack("<IH", 0x223E9F78, 1)
    head += attribute(0x69007, struct.pack("<II", 1252, 0))
    rows = list(body or [])
    if subject:
        rows.append((UNICODE, 0x37, f"{subject}\0".encode("utf-16-le")))
    return head + attribute(0x69003, properties(*rows)) + b"".join(parts)
