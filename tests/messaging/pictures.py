"""Pictures made by hand, with what must not leave the house in them."""

import struct
import zlib

SECRET = b"31.7767 N 35.2345 E"


def chunk(kind, data):
    whole = kind + data
    return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))


def png(width=600, height=20, *, more=b"", behind=b""):
    """Grey lines."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    lines = b"".join(b"\0" + bytes([row % 256]) * width for row in range(height))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + more
        + chunk(b"IDAT", zlib.compress(lines))
        + chunk(b"IEND", b"")
        + behind
    )


def segment(marker, body):
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


def jpeg(width=600, height=20, *, orientation=1, order=">"):
    """Not to be drawn: its coded data is made up. Everything around it is right."""
    entry = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    tiff = (b"MM" if order == ">" else b"II") + struct.pack(f"{order}HIH", 42, 8, 1)
    return (
        b"\xff\xd8"
        + segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
        + segment(0xE1, b"Exif\0\0" + tiff + entry + bytes(4) + SECRET)
        + segment(0xE2, b"ICC_PROFILE\0\1\1colours")
        + segment(0xE2, b"MPF\0" + SECRET)
        + segment(0xFE, SECRET)
        + segment(0xDB, bytes(65))
        + segment(0xC2, struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0")
        + segment(0xDA, b"\1\1\0\0\x3f\0")
        + b"coded \xff\x00 and \xff\xd3 more"
        + segment(0xC4, bytes(20))
        + segment(0xDA, b"\1\1\0\0\x3f\0")
        + b"the rest\xff\xd9"
        + SECRET
    )


def gif(width=60, height=20):
    """Two pictures that come round again."""
    picture = b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0x80)
    picture += bytes(6) + b"\2\2\x4c\1\0"
    pause = b"\x21\xf9\4\0\x0a\0\0\0"
    return (
        b"GIF89a"
        + struct.pack("<HHBBB", width, height, 0x80, 0, 0)
        + bytes(6)
        + b"\x21\xff\x0bNETSCAPE2.0\3\1\0\0\0"
        + b"\x21\xfe"
        + bytes([len(SECRET)])
        + SECRET
        + b"\0"
        + pause
        + picture
        + pause
        + picture
        + b";"
        + SECRET
    )
