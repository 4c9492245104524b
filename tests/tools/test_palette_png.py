import struct
import zlib

import pytest

from tools.palette_png import NotAScreenshot, chunk, pixels_of, predicted, with_palette

SIGNATURE = b"\x89PNG\r\n\x1a\n"
RED, DARK, BLUE = b"\xff\x00\x00", b"\x01\x01\x01", b"\x00\x00\xff"


def a_png(rows: list[list[bytes]], *, colour_type: int = 2, depth: int = 8) -> bytes:
    """Return a picture with each line filtered in another way."""
    lines, above = b"", bytes(len(b"".join(rows[0])))
    size = len(rows[0][0])
    for number, row in enumerate(rows):
        line, kind = b"".join(row), number % 5
        filtered = bytearray()
        for at, value in enumerate(line):
            left = line[at - size] if at >= size else 0
            corner = above[at - size] if at >= size else 0
            filtered.append((value - (predicted(kind, left, above[at], corner) if kind else 0)) & 0xFF)
        lines += bytes([kind]) + bytes(filtered)
        above = line
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), depth, colour_type, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    return SIGNATURE + data


def shown(png: bytes) -> list[list[bytes]]:
    """Return the colours of a picture with a palette."""
    parts, at = {}, len(SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        parts[png[at + 4 : at + 8]] = png[at + 8 : at + 8 + length]
        at += length + 12
    width, height, depth, colour_type = struct.unpack(">IIBB", parts[b"IHDR"][:10])
    assert (depth, colour_type) == (8, 3)
    raw, palette = zlib.decompress(parts[b"IDAT"]), parts[b"PLTE"]
    lines = [raw[y * (width + 1) + 1 : (y + 1) * (width + 1)] for y in range(height)]
    return [[palette[3 * number : 3 * number + 3] for number in line] for line in lines]


def test_few_colours_are_kept_whatever_the_filter_of_their_line() -> None:
    rows = [[RED, DARK, BLUE, RED], [BLUE, BLUE, DARK, RED], *[[DARK, RED, RED, BLUE]] * 3]
    assert pixels_of(a_png(rows)) == (4, 5, rows)
    assert shown(with_palette(a_png(rows))) == rows


def test_transparency_is_dropped() -> None:
    rows = [[RED + b"\xff", BLUE + b"\x00"]] * 5
    assert shown(with_palette(a_png(rows, colour_type=6))) == [[RED, BLUE]] * 5


def test_of_many_colours_the_rare_ones_become_their_neighbours() -> None:
    greys = [bytes([level] * 3) for level in range(256)] + [bytes([level, level, 90]) for level in range(100)]
    rows = [greys, greys[:200] + [RED] * 156]
    found = shown(with_palette(a_png(rows)))
    assert len({colour for row in found for colour in row}) <= 256
    assert found[1][200:] == [RED] * 156
    for row, told in zip(rows, found, strict=True):
        for before, after in zip(row, told, strict=True):
            assert max(abs(a - b) for a, b in zip(before, after, strict=True)) <= 12


@pytest.mark.parametrize("picture", [b"", b"GIF89a", a_png([[RED]], depth=16), a_png([[RED]], colour_type=3)])
def test_what_no_browser_makes_is_refused(picture: bytes) -> None:
    with pytest.raises(NotAScreenshot):
        with_palette(picture)
