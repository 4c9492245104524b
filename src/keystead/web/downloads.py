"""Long tables as files: sent while they are read, so that they may have any length."""

from collections.abc import Iterable, Iterator

from starlette.responses import Response, StreamingResponse

from keystead.core.spreadsheet import csv_lines

CSV = "text/csv; charset=utf-8"


def download(parts: Iterable[bytes], *, name: str, media_type: str) -> Response:
    """Answer with a file; nothing is read before it is sent."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(parts, media_type=media_type, headers=headers)


def csv_parts(head: Iterable[str], pieces: Iterable[Iterable[Iterable[object]]]) -> Iterator[bytes]:
    """Yield the header row, then each piece's rows. Source: RFC 4180."""
    yield csv_rows([head])
    for piece in pieces:
        yield csv_rows(piece)


def csv_rows(rows: Iterable[Iterable[object]]) -> bytes:
    return csv_lines(rows).encode()
