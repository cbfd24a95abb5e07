"""What every page for customers stands on: no cookie, no script, no sign-in, nothing kept by the browser."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain.wording import Language
from starter.web import assets, words

RETRY_AFTER = {"Retry-After": "60"}
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
_env = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def rendered(
    template: str,
    language: Language,
    status: int = 200,
    *,
    headers: Mapping[str, str] | None = None,
    **facts: Any,
) -> HTMLResponse:
    """The template in the customers' words."""
    t = words.speaker("customer", language)
    content = _env.get_template(template).render(t=t, lang=language, static=assets.address, **facts)
    spoken = "zh-CN" if language == "zh" else "en"
    return HTMLResponse(content, status, {**HEADERS, "Content-Language": spoken, **(headers or {})})


def asked_language(request: Request) -> Language | None:
    """The one that a link on the page chose."""
    match request.query_params.get("lang", ""):
        case "zh":
            return "zh"
        case "en":
            return "en"
    return None
