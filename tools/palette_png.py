"""A screenshot to a PNG with a palette: a page has few colours, and a third of the bytes is enough."""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOURS, _FREQUENT = 256, 128
_ALIKE = 64  # a distance: eight steps of one channel
_EIGHT_BITS = 8
_BYTES_OF = {2: 3, 6: 4}  # a pixel's, by colour type: RGB, RGBA


class NotAScreenshot(ValueError):
    """It is no PNG of the kind that browsers make."""


def with_palette(png: bytes) -> bytes:
    """Return the picture with at most 256 colours; the others become the nearest of these.

    Raises NotAScreenshot.
    """
    width, height, rows = pixels_of(png)
    counted = Counter(colour for row in rows for colour in row)
    palette = chosen([colour for colour, _ in counted.most_common()])
    number_of = {colour: number for number, colour in enumerate(palette)}
    for colour in counted.keys() - number_of.keys():
        number_of[colour] = number_of[min(palette, key=lambda other: distance(other, colour))]
    lines = b"".join(b"\0" + bytes(number_of[colour] for colour in row) for row in rows)
    header = struct.pack(">IIBBBBB", width, height, _EIGHT_BITS, 3, 0, 0, 0)
    parts = (
        chunk(b"IHDR", header),
        chunk(b"PLTE", b"".join(palette)),
        chunk(b"IDAT", zlib.compress(lines, 9)),
        chunk(b"IEND", b""),
    )
    return _SIGNATURE + b"".join(parts)


def chosen(colours: list[bytes]) -> list[bytes]:
    """Return the most frequent ones, and of the others those that none of these looks like."""
    palette = colours[:_FREQUENT]
    for colour in colours[_FREQUENT:]:
        if len(palette) < _COLOURS and min(distance(colour, other) for other in palette) > _ALIKE:
            palette.append(colour)
    return palette


def distance(one: bytes, other: bytes) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def pixels_of(png: bytes) -> tuple[int, int, list[list[bytes]]]:
    """Return width, height, and the colours of each row. Raises NotAScreenshot."""
    if not png.startswith(_SIGNATURE):
        raise NotAScreenshot
    header, data = b"", b""
    for kind, content in chunks(png):
        header = content if kind == b"IHDR" else header
        data += content if kind == b"IDAT" else b""
    width, height, depth, colour_type = struct.unpack(">IIBB", header[:10])
    if depth != _EIGHT_BITS or colour_type not in _BYTES_OF:
        raise NotAScreenshot
    size = _BYTES_OF[colour_type]
    lines = unfiltered(zlib.decompress(data), width * size, size)
    rows = [[line[at : at + 3] for at in range(0, len(line), size)] for line in lines]
    return width, height, rows


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def unfiltered(raw: bytes, length: int, size: int) -> Iterator[bytes]:
    """Undo what makes lines compress well; `size` is a pixel's."""
    above = bytes(length)
    for start in range(0, len(raw), length + 1):
        kind, line = raw[start], bytearray(raw[start + 1 : start + 1 + length])
        for at in range(length if kind else 0):
            left = line[at - size] if at >= size else 0
            corner = above[at - size] if at >= size else 0
            line[at] = (line[at] + predicted(kind, left, above[at], corner)) & 0xFF
        above = bytes(line)
        yield above


def predicted(kind: int, left: int, up: int, corner: int) -> int:
    """Return what the filter took away: 1 left, 2 above, 3 their mean, 4 the nearest of three."""
    if kind == 4:  # noqa: PLR2004 - PNG's own number, as below
        guess = left + up - corner
        return min((left, up, corner), key=lambda value: abs(guess - value))
    return (0, left, up, (left + up) // 2)[kind]
