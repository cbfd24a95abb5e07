"""That a request which a browser sends with its cookie was meant by the person, and not by another web site."""

import contextlib
import hashlib
import hmac
from urllib.parse import urlsplit

from fastapi import Request

from starter.http.problems import Problem

FIELD, HEADER = "csrf", "X-CSRF-Token"

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def token_of(secret: str) -> str:
    """The token that belongs to what only the browser holds: a session's id, or the sign-in page's own cookie."""
    return hmac.new(secret.encode(), b"vocloop csrf", hashlib.sha256).hexdigest() if secret else ""


async def check(request: Request, *, secret: str) -> None:
    """Raises the problem `cross_site` or `csrf`; what only looks passes."""
    if request.method in _SAFE_METHODS:
        return
    if not _is_same_origin(request):
        raise Problem("cross_site")
    given = request.headers.get(HEADER) or await _from_form(request)
    if not secret or not hmac.compare_digest(given.encode(), token_of(secret).encode()):
        raise Problem("csrf")


def _is_same_origin(request: Request) -> bool:
    """A browser says where from. One that is too old to say is held to its token alone."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site not in (None, "same-origin", "none"):
        return False
    # The host is compared without the scheme: behind a proxy that speaks https we see http.
    return origin is None or _host_of(origin) == request.headers.get("host", "").lower()


def _host_of(origin: str) -> str:
    """With its port; "" of what is no origin at all, as `http://[`."""
    with contextlib.suppress(ValueError):
        return urlsplit(origin).netloc.lower()
    return ""


async def _from_form(request: Request) -> str:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return str((await request.form()).get(FIELD, "")) if kind in _FORMS else ""
