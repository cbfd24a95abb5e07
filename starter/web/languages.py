"""In which language a page speaks: the one chosen by a link, else the browser's, else Chinese."""

import re
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from domain.wording import Language
from starter.http.problems import preferred
from starter.web.addresses import local_address

COOKIE = "lang"
_A_YEAR_S = 365 * 24 * 3600
_NAMES_ENGLISH = re.compile(r"(^|,)\s*en\b", re.IGNORECASE)

router = APIRouter(include_in_schema=False)


def language_of(request: Request) -> Language:
    match request.cookies.get(COOKIE):
        case "zh":
            return "zh"
        case "en":
            return "en"
    accepted = request.headers.get("accept-language", "")
    return "en" if _NAMES_ENGLISH.search(accepted) and preferred(accepted) == "en" else "zh"


@router.get("/language/{language}")
async def choose(language: Literal["zh", "en"], request: Request, next: str = "/") -> RedirectResponse:  # noqa: A002
    """Speak this language from now on, and go back to where the link stood."""
    answer = RedirectResponse(local_address(next), status_code=303)
    is_secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, language, max_age=_A_YEAR_S, samesite="lax", secure=is_secure, httponly=True, path="/")
    return answer
