"""Evidence to a browser: shown only where showing is safe, else saved; in ranges, so that sound and video play."""

import re
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from ledger.evidence import EvidenceRow
from starter.evidence.media import SHOWN, plain_name, sent_as
from starter.evidence.shelf import Found
from starter.evidence.store import EvidenceStore

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class RangeNotSatisfiable(ValueError):  # noqa: N818 - an answer, not a fault
    """The range begins behind the end of the file, which has `size` bytes."""

    def __init__(self, size: int) -> None:
        self.size = size
        super().__init__(f"The file has {size} bytes.")


def serving(row: EvidenceRow) -> dict[str, str]:
    """The headers under which the file may go to a browser."""
    is_shown = row.media_type in SHOWN
    name = row.file_name or plain_name(row.sha256, row.media_type)
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name)
    disposition = "inline" if is_shown else "attachment"
    return {
        "Content-Type": sent_as(row.media_type),
        "Content-Disposition": f"{disposition}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
        "Accept-Ranges": "bytes",
        "ETag": f'"{row.sha256}"',
    }


async def served(store: EvidenceStore, row: EvidenceRow, *, wanted: str = "", only_if: str = "") -> Response:
    """The file, or the part of it that the header Range (`wanted`) names, unless If-Range (`only_if`) names another.

    Raises RangeNotSatisfiable, EvidenceNotFound, EvidenceDamaged, StoreUnavailable. Who may have it is for the caller.
    """
    headers = serving(row)
    if wanted and only_if in ("", headers["ETag"]):
        found = await store.proven(row.sha256)
        if part := _part(wanted, found.size):
            return _partly(store, found, part, headers)
    # All of it is what was proven just now: a copy from memory, not the file once more.
    return Response(await store.read(row.sha256), headers=headers)


def _partly(store: EvidenceStore, found: Found, part: tuple[int, int], headers: dict[str, str]) -> Response:
    begin, end = part
    headers |= {"Content-Length": str(end - begin), "Content-Range": f"bytes {begin}-{end - 1}/{found.size}"}
    return StreamingResponse(store.pieces(found, begin=begin, end=end), status_code=206, headers=headers)


def _part(wanted: str, size: int) -> tuple[int, int] | None:
    """The part asked for, its end exclusive; None for all of it. Several ranges at once get all of it."""
    found = _RANGE.fullmatch(wanted.strip())
    if not found or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        begin, end = max(size - int(last), 0), size
    else:
        begin, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < begin:
            return None  # no range at all, says RFC 9110
    if begin >= end:
        raise RangeNotSatisfiable(size)
    return begin, end
