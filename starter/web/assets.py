"""What pages load beside themselves: our own CSS and JS, and the libraries that set-up puts into static/vendor/."""

import gzip
import hashlib
import logging
import mimetypes
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response

STATIC = Path(__file__).parent / "static"
VENDORED = ("vendor/htmx.min.js", "vendor/hx-sse.min.js", "vendor/echarts.min.js")

_FOR_GOOD = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_DIGEST_LENGTH = 12
_log = logging.getLogger("vocloop.web")

router = APIRouter(include_in_schema=False)


def address(path: str) -> str:
    """Where a page finds the file under static/; the address changes with its content. "" for one that is absent."""
    file = STATIC / path
    return f"/static/{path}?v={_digest(path, file.stat().st_mtime_ns)}" if file.is_file() else ""


def tell_missing() -> tuple[str, ...]:
    """The libraries that set-up has not brought, also said in the log: pages then work as plain forms and links."""
    missing = tuple(path for path in VENDORED if not (STATIC / path).is_file())
    if missing:
        _log.warning("pages work without live updates and charts: run `make setup` to bring %s", ", ".join(missing))
    return missing


@router.get("/static/{path:path}")
async def static(path: str, request: Request) -> Response:
    file = STATIC / path
    if path not in _names() and not (path.startswith("vendor/") and path in VENDORED and file.is_file()):
        return Response("no such file", status_code=404, media_type="text/plain")
    changed = file.stat().st_mtime_ns
    digest = _digest(path, changed)
    headers = {
        "Cache-Control": _FOR_GOOD if request.query_params.get("v") == digest else _ASK_AGAIN,
        "ETag": f'"{digest}"',
        "Vary": "Accept-Encoding",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    media_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(_packed(path, changed), headers={**headers, "Content-Encoding": "gzip"}, media_type=media_type)
    return Response(file.read_bytes(), headers=headers, media_type=media_type)


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    """Listed once: a path from outside is compared with names, and never opened as it came."""
    return frozenset(str(file.relative_to(STATIC)) for file in STATIC.rglob("*") if file.is_file())


@lru_cache(maxsize=64)
def _digest(path: str, changed: int) -> str:  # noqa: ARG001 - a file that changes is read anew
    return hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:_DIGEST_LENGTH]


@lru_cache(maxsize=64)
def _packed(path: str, changed: int) -> bytes:  # noqa: ARG001 - as above
    return gzip.compress((STATIC / path).read_bytes(), mtime=0)
