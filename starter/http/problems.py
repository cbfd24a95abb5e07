"""What went wrong, for people and for programs: RFC 9457 problems with stable codes, in Chinese and in English.

A problem never repeats what was sent: that may be personal. docs/api.md lists every code.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from domain import wording
from domain.refusals import Refusal
from domain.wording import Both, Language
from ledger.database import LedgerUnavailable
from starter.http.problem_kinds import KINDS

MEDIA_TYPE = "application/problem+json"
AGAIN_AFTER_S = 5  # after what is away may be back


_REFUSED: Both = ("规则不允许", "The rules do not allow it")
_BY_STATUS = {400: "unreadable_body", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}


class FieldFault(BaseModel):
    """Which field, and how it is wrong; never what stood in it."""

    model_config = ConfigDict(frozen=True)

    field: str = Field(examples=["body.actor.role"])
    how: str = Field(examples=["Field required"])


class ProblemBody(BaseModel):
    """RFC 9457. `code` is stable; `title` and `detail` follow Accept-Language."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(examples=["urn:vocloop:problem:unknown_complaint"])
    title: str
    status: int
    detail: str
    code: str
    errors: tuple[FieldFault, ...] | None = None
    reference: str | None = None


class Problem(HTTPException):
    """Raise it where the request cannot be met. `code` is one of KINDS, or a rule's that refused a command.

    `detail` says it more exactly than the kind does; `extra` are further members of the body.
    """

    def __init__(
        self,
        code: str,
        *,
        detail: Both | None = None,
        errors: Sequence[tuple[str, Both]] = (),
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(_status(code), headers=headers)
        self.code, self.detail_in_both, self.errors, self.extra = code, detail, errors, extra


def of_status(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    """What the framework refuses, as a problem: a dead link, a method that an address does not take."""
    return Problem(_BY_STATUS.get(status, "internal"), headers=headers)


def is_asked_by_a_person(path: str, headers: Headers) -> bool:
    """Whether a page answers them, or htmx within one; under /api everything is a program's."""
    if path.startswith("/api/"):
        return False
    return "text/html" in headers.get("accept", "") or headers.get("hx-request") == "true"


def language_of(request: Request) -> Language:
    """The one the caller prefers of the two we speak; English when nothing is said."""
    return preferred(request.headers.get("accept-language", ""))


def preferred(accept_language: str) -> Language:
    ranges = [_range(part) for part in accept_language.lower().split(",")]
    weights = {
        language: max(
            (weight for tag, weight in ranges if tag == language or tag.startswith(f"{language}-")), default=0.0
        )
        for language in ("zh", "en")
    }
    return "zh" if weights["zh"] > weights["en"] else "en"


def _range(part: str) -> tuple[str, float]:
    tag, _, weight = part.partition(";q=")
    return tag.strip(), float(weight) if re.fullmatch(r"\s*[01](\.\d{0,3})?\s*", weight) else 1.0


def answer(
    code: str,
    language: Language,
    *,
    detail: Both | None = None,
    errors: Sequence[tuple[str, Both]] = (),
    headers: Mapping[str, str] | None = None,
    **extra: Any,
) -> Response:
    """The problem as a response."""
    title, usual = _said(code)
    spoken = 0 if language == "zh" else 1
    body: dict[str, Any] = {
        "type": f"urn:vocloop:problem:{code}",
        "title": title[spoken],
        "status": _status(code),
        "detail": (detail or usual)[spoken],
        "code": code,
        **extra,
    }
    if errors:
        body["errors"] = [{"field": field, "how": how[spoken]} for field, how in errors]
    said = {"Content-Language": "zh-CN" if language == "zh" else "en", "Vary": "Accept-Language"}
    if _status(code) == 503:
        said["Retry-After"] = str(AGAIN_AFTER_S)
    return JSONResponse(body, status_code=_status(code), headers={**said, **(headers or {})}, media_type=MEDIA_TYPE)


def told(problem: Problem, language: Language) -> Response:
    """The problem as it was raised, as a response."""
    detail, errors, headers = problem.detail_in_both, problem.errors, problem.headers
    return answer(problem.code, language, detail=detail, errors=errors, headers=headers, **problem.extra)


def documented(*codes: str) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`: every problem it may answer with, beside those any route may."""
    by_status: dict[int, list[str]] = {}
    for code in (*codes, "misdirected", "internal", "ledger_unavailable"):
        by_status.setdefault(_status(code), []).append(code)
    return {status: _documented(named) for status, named in by_status.items()}


def install(app: FastAPI) -> None:
    """Answer every error of the routes as a problem."""
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_malformed)
    app.add_exception_handler(LedgerUnavailable, _on_ledger)


async def _on_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        error = of_status(error.status_code, error.headers) if isinstance(error, HTTPException) else of_status(500)
    return told(error, language_of(request))


async def _on_malformed(request: Request, error: Exception) -> Response:
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    if any(fault["type"] == "json_invalid" for fault in faults):
        return answer("unreadable_body", language_of(request))
    return answer("malformed", language_of(request), errors=list(field_faults(faults)))


async def _on_ledger(request: Request, _error: Exception) -> Response:
    return answer("ledger_unavailable", language_of(request))


_HOW: dict[str, str] = {
    "missing": "缺少这个字段",
    "extra_forbidden": "没有这个字段",
    "string_too_long": "太长",
    "string_too_short": "太短",
    "string_pattern_mismatch": "格式不正确",
    "enum": "不在可选值之中",
    "timezone_aware": "时间必须带时区",
    "too_long": "太多",
}


def field_faults(faults: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, Both]]:
    """Where and how, of pydantic's errors. An unknown key is the caller's own text, so it is named only if harmless."""
    for fault in list(faults)[:20]:
        kind = str(fault["type"])
        how = "Unknown field" if kind == "extra_forbidden" else str(fault["msg"])
        yield _field(fault["loc"]), (_HOW.get(kind, "值不正确"), how)


def _field(loc: Iterable[object]) -> str:
    return ".".join(str(part) if re.fullmatch(r"[A-Za-z0-9_-]{1,40}", str(part)) else "?" for part in loc)


def in_both(problem: Problem) -> Both:
    """What the problem says to do, in Chinese and in English."""
    return problem.detail_in_both or _said(problem.code)[1]


def _status(code: str) -> int:
    return KINDS[code].status if code in KINDS else 409


def _said(code: str) -> tuple[Both, Both]:
    if code in KINDS:
        return KINDS[code].title, KINDS[code].detail
    return _REFUSED, (wording.refusal(code, "zh"), wording.refusal(code, "en"))


_SCHEMA = {"$ref": "#/components/schemas/ProblemBody"}


def described(schema: dict[str, Any]) -> dict[str, Any]:
    """An OpenAPI document with the problems' own schema in it."""
    models = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.setdefault("components", {}).setdefault("schemas", {}).update(
        {**models.pop("$defs", {}), "ProblemBody": models}
    )
    return schema


def _documented(codes: Sequence[str]) -> dict[str, Any]:
    examples = {code: {"value": _example(code)} for code in codes}
    return {
        "description": "; ".join(f"`{code}`: {_said(code)[0][1]}" for code in codes),
        "content": {MEDIA_TYPE: {"schema": _SCHEMA, "examples": examples}},
    }


def _example(code: str) -> dict[str, Any]:
    title, detail = _said(code)
    return {
        "type": f"urn:vocloop:problem:{code}",
        "title": title[1],
        "status": _status(code),
        "detail": detail[1],
        "code": code,
    }


ACCESS = ("not_signed_in", "not_permitted", "csrf", "cross_site", "too_many_attempts")  # of every route that needs()
REFUSALS = tuple(str(refusal) for refusal in Refusal)
