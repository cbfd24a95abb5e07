"""Evidence to a browser: shown only where showing is safe, else saved; in ranges, so that sound and video play."""

import re
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from ledger.evidence import EvidenceRow
from starter.evidence.store import EvidenceStore

# What browsers show without running anything. A PDF is saved: its viewers do not work in a sandbox, and it may hold
# scripts. Text is saved as well, for it may be a page in disguise.
_SHOWN = frozenset(
    {
        *("image/jpeg", "image/png", "image/gif", "image/webp", "image/heic"),
        *("video/mp4", "video/quicktime", "video/webm"),
        *("audio/mpeg", "audio/mp4", "audio/aac", "audio/amr", "audio/wav", "audio/ogg"),
    }
)
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_ENDINGS = {
    "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "image/heic": "heic",
    "video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm", "audio/mpeg": "mp3", "audio/mp4": "m4a",
    "audio/aac": "aac", "audio/amr": "amr", "audio/wav": "wav", "audio/ogg": "ogg", "application/pdf": "pdf",
    "application/zip": "zip", "text/plain": "txt", "text/csv": "csv",
}  # fmt: skip


class RangeNotSatisfiable(ValueError):  # noqa: N818 - an answer, not a fault
    """The range begins behind the end of the file, which has `size` bytes."""

    def __init__(self, size: int) -> None:
        self.size = size
        super().__init__(f"The file has {size} bytes.")


def serving(row: EvidenceRow) -> dict[str, str]:
    """The headers under which the file may go to a browser."""
    is_shown = row.media_type in _SHOWN
    name = row.file_name or f"{row.sha256[:12]}.{_ENDINGS.get(row.media_type, 'bin')}"
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name)
    disposition = "inline" if is_shown else "attachment"
    return {
        "Content-Type": row.media_type if is_shown else "application/octet-stream",
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
    size = await store.proven(row.sha256)
    headers = serving(row)
    part = _part(wanted, size) if only_if in ("", headers["ETag"]) else None
    begin, end = part or (0, size)
    headers["Content-Length"] = str(end - begin)
    if part:
        headers["Content-Range"] = f"bytes {begin}-{end - 1}/{size}"
    content = store.pieces(row.sha256, begin=begin, end=end)
    return StreamingResponse(content, status_code=206 if part else 200, headers=headers)


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
